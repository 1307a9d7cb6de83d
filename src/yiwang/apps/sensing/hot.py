"""The hot window in the operational store, by plain SQL: the path that thousands a second take."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection

from yiwang.apps.sensing.instants import micros
from yiwang.apps.sensing.intake import Observed

CHUNK = 500
_INSERT = (
    "INSERT INTO sensing_reading (point_id, at, value, received_at, is_late) "
    "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (point_id, at) DO NOTHING"
)
_ADVANCE = (
    "INSERT INTO sensing_latestreading (point_id, at, value) VALUES (%s, %s, %s) "
    "ON CONFLICT (point_id) DO UPDATE SET at = excluded.at, value = excluded.value "
    "WHERE excluded.at > sensing_latestreading.at"
)
_BEGIN = (
    'INSERT INTO "sensing_alertstate" (rule, device_id, since, due_at) VALUES (%s, %s, %s, %s) '
    "ON CONFLICT DO NOTHING RETURNING id"
)


def begin_alert(rule: str, device: str, *, since: datetime, due_at: datetime) -> int | None:
    """The id of an alert that begins to wait; None where one of its rule and device is open."""
    moments = [connection.ops.adapt_datetimefield_value(one) for one in (since, due_at)]
    rows = _rows(_BEGIN, (rule, device, *moments))
    return rows[0][0] if rows else None


def newest(points: Iterable[int]) -> dict[int, int]:
    """Point → instant of its latest reading, where it has one."""
    found: dict[int, int] = {}
    for part in _parts(sorted(set(points))):
        rows = _rows(
            "SELECT point_id, at FROM sensing_latestreading WHERE point_id IN ("  # noqa: S608
            + ", ".join(["%s"] * len(part))
            + ")",
            part,
        )
        found.update(rows)
    return found


def stored(keys: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Which of these (point, instant) are in the hot window already."""
    found: set[tuple[int, int]] = set()
    for part in _parts(sorted(keys)):
        found.update(
            _rows(
                "SELECT point_id, at FROM sensing_reading WHERE "  # noqa: S608
                + " OR ".join(["(point_id = %s AND at = %s)"] * len(part)),
                [value for key in part for value in key],
            )
        )
    return found


def keep(fresh: Sequence[Observed], *, received_at: int) -> None:
    """Store readings."""
    with connection.cursor() as cursor:
        cursor.executemany(
            _INSERT,
            [(one.point.id, micros(one.at), one.value, received_at, one.is_late) for one in fresh],
        )


def advance(last: Iterable[tuple[int, int, float]]) -> None:
    """Move latest values forward, never back."""
    with connection.cursor() as cursor:
        cursor.executemany(_ADVANCE, sorted(last))


def count_on(stored: Mapping[int, int]) -> dict[int, int]:
    """Count further readings of points; point → how many were ever counted."""
    found: dict[int, int] = {}
    for part in _parts(sorted(stored.items())):
        found.update(
            _rows(
                "INSERT INTO sensing_windowmark (point_id, stored) VALUES "  # noqa: S608
                + ", ".join(["(%s, %s)"] * len(part))
                + " ON CONFLICT (point_id) DO UPDATE SET stored = "
                "sensing_windowmark.stored + excluded.stored RETURNING point_id, stored",
                [value for pair in part for value in pair],
            )
        )
    return found


def marks(points: Iterable[int]) -> dict[int, int]:
    """Point → how many readings were ever counted."""
    found = dict.fromkeys(points, 0)
    for part in _parts(sorted(found)):
        found.update(
            _rows(
                "SELECT point_id, stored FROM sensing_windowmark WHERE point_id IN ("  # noqa: S608
                + ", ".join(["%s"] * len(part))
                + ")",
                part,
            )
        )
    return found


def since(begins: Mapping[int, int]) -> dict[int, list[tuple[int, float]]]:
    """Point → its readings after an instant, in order."""
    found: dict[int, list[tuple[int, float]]] = {}
    for part in _parts(sorted(begins.items())):
        rows = _rows(
            "SELECT point_id, at, value FROM sensing_reading WHERE "  # noqa: S608
            + " OR ".join(["(point_id = %s AND at > %s)"] * len(part))
            + " ORDER BY point_id, at",
            [value for pair in part for value in pair],
        )
        for point, at, value in rows:
            found.setdefault(point, []).append((at, value))
    return found


def window(
    *, since: int, until: int, points: Sequence[int] = ()
) -> list[tuple[int, int, float, bool]]:
    """Rows (point, at, value, late) of a span of time, [since, until), sorted."""
    return _rows(
        "SELECT point_id, at, value, is_late FROM sensing_reading "  # noqa: S608
        f"WHERE at >= %s AND at < %s{_chosen(points)} ORDER BY point_id, at",
        (since, until),
    )


def page(
    since: int, until: int, *, points: Sequence[int], limit: int, newest_first: bool
) -> list[tuple[int, int, float, bool]]:
    """The first or last rows of [since, until) by instant."""
    order = "DESC" if newest_first else "ASC"
    return _rows(
        "SELECT point_id, at, value, is_late FROM sensing_reading "  # noqa: S608
        f"WHERE at >= %s AND at < %s{_chosen(points)} "
        f"ORDER BY at {order}, point_id {order} LIMIT %s",
        (since, until, limit),
    )


def count(since: int, until: int, *, points: Sequence[int]) -> int:
    """How many rows of [since, until)."""
    return _rows(
        "SELECT count(*) FROM sensing_reading "  # noqa: S608
        f"WHERE at >= %s AND at < %s{_chosen(points)}",
        (since, until),
    )[0][0]


def means(*, since: int, until: int, step: int) -> list[tuple[int, int, float, int]]:
    """(point, begin of step, sum, count) of the hot readings in [since, until)."""
    return _rows(
        "SELECT point_id, at - at %% %s, sum(value), count(*) FROM sensing_reading "
        "WHERE at >= %s AND at < %s GROUP BY 1, 2",
        (step, since, until),
    )


def oldest() -> int | None:
    """The earliest instant in the hot window."""
    return _rows("SELECT min(at) FROM sensing_reading", ())[0][0]


def forget(*, since: int, until: int, received_until: int) -> None:
    """Remove what has been settled: rows of [since, until) that had come by then."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM sensing_reading WHERE at >= %s AND at < %s AND received_at <= %s",
            (since, until, received_until),
        )


def _rows(sql: str, values: Sequence[object]) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return cursor.fetchall()


def _chosen(points: Sequence[int]) -> str:
    return f" AND point_id IN ({', '.join(map(str, map(int, points)))})" if points else ""


def _parts(keys: Sequence) -> Iterable[Sequence]:
    return (keys[at : at + CHUNK] for at in range(0, len(keys), CHUNK))
