"""Grid cells, and what phones in the field send: at once, twice, or three days later."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cast import NINE
from specimens import JPEG
from workshop import DISPATCHER, GRID, SUN, VILLAGE, library

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import FieldEntry, Signal, Visit
from yiwang.apps.casework.polygons import contains
from yiwang.kernel.errors import NotAllowed

KEEPER = replace(
    DISPATCHER, username="keeper", rights=frozenset({"grid.manage", "grid.see"}), roles=()
)
WORKER = replace(GRID, rights=GRID.rights | {"field.work", "grid.see"})
WATCHER = replace(DISPATCHER, rights=DISPATCHER.rights | {"incident.watch"})
DAY = timedelta(days=1)


def square(west: float, south: float, size: float = 0.02) -> list[list[list[float]]]:
    east, north = west + size, south + size
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def layer(*features: tuple[str, object]) -> bytes:
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"code": code, "title": f"网格{code}", "division": VILLAGE},
                    "geometry": {"type": "Polygon", "coordinates": area},
                }
                for code, area in features
            ],
        }
    ).encode()


def import_layer(content: bytes, at=NINE, officer=KEEPER) -> casework.CellsImported:
    return casework.import_cells(
        layer=content, source="演示", is_synthetic=True, officer=officer, at=at
    )


def entry(name: str, kind: str = "report", at=NINE, **more: object) -> casework.FieldReport:
    what = {"kind": "work.overflow", "summary": "护栏倒伏"} if kind == "report" else {}
    where = {"lon": 118.705, "lat": 33.705} | more
    return casework.FieldReport(**{"name": name, "kind": kind, "made_at": at, "what": what} | where)


def take(one: casework.FieldReport, at=NINE, officer=WORKER) -> casework.FieldAnswer:
    return casework.take_field_entry(entry=one, officer=officer, at=at)


@pytest.fixture
def grid(db) -> None:
    casework.install(library(), at=NINE)
    import_layer(layer(("A01", square(118.70, 33.70)), ("A02", square(118.72, 33.70))))


class TestAreas:
    def test_neighbours_share_no_place_and_a_hole_is_outside(self):
        left = {"type": "Polygon", "coordinates": square(0, 0, 1)}
        right = {"type": "Polygon", "coordinates": square(1, 0, 1)}
        assert [contains(one, 1.0, 0.5) for one in (left, right)] == [False, True]
        holed = {"type": "Polygon", "coordinates": [*square(0, 0, 1), *square(0.4, 0.4, 0.2)]}
        assert (contains(holed, 0.1, 0.1), contains(holed, 0.5, 0.5)) == (True, False)

    def test_what_is_no_area_is_refused_by_name_and_the_rest_is_taken(self, db):
        bow = [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]
        told = import_layer(
            layer(
                ("B01", square(118.7, 33.7)),
                ("B02", [[[118, 33], [119, 33]]]),
                ("B03", square(13_200_000, 3_900_000)),
                ("B04", "nothing"),
                ("?", square(118.7, 33.7)),
                ("B05", bow),
            )
        )
        assert told.new == 1
        assert [name for name, _ in told.refused] == ["B02", "B03", "B04", "?", "B05"]
        for broken in (b"{", b"[]", b'{"features": 1}', b"\xff"):
            with pytest.raises(casework.LayerUnreadable):
                import_layer(broken)

    def test_a_cell_that_changed_begins_anew_and_the_same_again_changes_nothing(self, grid):
        again = import_layer(layer(("A01", square(118.70, 33.70))), NINE + DAY)
        moved = import_layer(layer(("A01", square(118.60, 33.70))), NINE + DAY)

        assert (again.unchanged, moved.changed) == (1, 1)
        assert len(casework.cells(officer=KEEPER)) == 2

    def test_a_stranger_imports_nothing_and_sees_no_cell(self, grid):
        with pytest.raises(NotAllowed):
            import_layer(layer(), officer=SUN)
        with pytest.raises(NotAllowed):
            casework.cells(officer=SUN)
        with pytest.raises(NotAllowed):
            take(entry("x"), officer=SUN)


class TestField:
    def test_a_report_finds_its_cell_and_outside_every_cell_it_is_still_taken(self, grid):
        inside, outside = take(entry("1")), take(entry("2", lon=119.5, lat=33.0))

        assert (inside.outcome, outside.outcome) == ("done", "done")
        cells = dict(Signal.objects.values_list("case__number", "cell"))
        assert (cells[inside.number], cells[outside.number]) == ("A01", "")
        assert inside.number != outside.number

    def test_the_same_entry_sent_again_is_done_once_and_another_under_its_name_is_refused(
        self, grid
    ):
        assert take(entry("1")) == take(entry("1"), NINE + DAY)
        assert Signal.objects.count() == 1
        with pytest.raises(casework.EntryDiffers):
            take(entry("1", lon=118.71))

    def test_after_three_days_offline_everything_arrives_in_the_order_it_was_done(self, grid):
        number = take(entry("1")).number
        casework.act(number=number, verb="dispatch", officer=DISPATCHER, at=NINE)
        handled = entry(
            "2", "act", NINE + DAY, what={"number": number, "verb": "handle",
            "evidence-reading_normal": "已扶正"}, files={"photo": JPEG},
        )  # fmt: skip
        later = NINE + 3 * DAY
        visit = entry("3", "visit", NINE + DAY, what={"about": "张家", "duty": "治安巡查"})

        assert [take(one, later).outcome for one in (handled, visit)] == ["done", "done"]
        line = casework.trail(number, actor=WATCHER)[-1]
        assert line.at == later, "limits are judged by the platform's clock"
        assert "手机时间 2026-11-03 09:00" in line.reason
        assert Visit.objects.get().at == NINE + DAY

    def test_who_comes_too_late_changes_nothing_and_what_they_handed_in_is_kept(self, grid):
        number = take(entry("1")).number
        casework.act(number=number, verb="dispatch", officer=DISPATCHER, at=NINE)
        colleague = replace(WORKER, username="grid2", name="冯格")
        work = {"number": number, "verb": "handle", "evidence-reading_normal": "好了"}
        first = take(entry("2", "act", what=work, files={"photo": JPEG}), officer=colleague)
        second = take(entry("3", "act", what=work, files={"photo": JPEG}), NINE + 3 * DAY)

        assert (first.outcome, second.outcome) == ("done", "conflict")
        last = casework.trail(number, actor=WATCHER)[-1]
        assert (last.verb, last.evidence[0].name) == ("late_evidence", "photo")
        assert casework.case(number, actor=WATCHER, at=NINE).step == "check"

    def test_a_photograph_s_own_word_about_place_and_time_is_not_kept(self, grid):
        forged = JPEG[:2] + b"\xff\xe1\x00\x10Exif\x00\x00GPS forged"[:18] + JPEG[2:]
        number = take(entry("1", files={"photo": forged})).number
        signal = Signal.objects.get(case__number=number)

        kept = casework.content_of(signal.facts["照片-photo"])
        assert b"Exif" not in kept
        assert (signal.lon, signal.lat) == (118.705, 33.705)

    def test_a_phone_that_is_ahead_too_old_or_sends_nonsense_is_told(self, grid):
        for one in (
            entry("1", at=NINE + DAY),
            entry("2", at=NINE - 40 * DAY),
            entry("3", "dance"),
            entry("4", lon=999.0),
            entry("5", "visit"),
            entry("6", files={"photo": b"<html>"}),
            entry("7", what={"kind": "no.kind", "summary": "x"}),
        ):
            assert take(one).outcome == "refused", one.name
        assert FieldEntry.objects.filter(outcome="refused").count() == 7
        assert not Signal.objects.exists()
