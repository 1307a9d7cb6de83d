"""Where the tables of the shop come from: upper levels, the place itself, society."""

from collections.abc import Iterable
from datetime import date

from yiwang.apps.catalog.models import ColumnSource, RegisterEntry, ReturnRequest

SOCIAL = "base.social_source"
"""The register of what firms and associations provide, an example that the operator replaces."""
ORIGINS = ("returned", "local", "social")


def origins_of_tables(*, on: date) -> dict[str, tuple[str, ...]]:
    """上级回流、本地汇聚、社会数据: for each computed table, what stands behind its columns.

    Followed through the parsed lineage down to what nobody computes. A table is of several origins
    when its columns are.
    """
    above: dict[str, set[str]] = {}
    found = ColumnSource.objects.filter(column__active_until=None)
    for table, source in found.values_list("column__dataset__ref", "source_table").distinct():
        above.setdefault(table, set()).add(source)
    returned = set(
        ReturnRequest.objects.filter(state=ReturnRequest.State.RECEIVING).values_list("feed")
    )
    known = {feed: "returned" for (feed,) in returned} | dict.fromkeys(_social(on), "social")
    return {table: _told(_sources(table, above), known) for table in above}


def _sources(table: str, above: dict[str, set[str]]) -> set[str]:
    """What is behind a table and is computed from nothing."""
    seen, waiting, found = {table}, [table], set()
    while waiting:
        one = waiting.pop()
        if one not in above:
            found.add(one)
        for source in above.get(one, set()) - seen:
            seen.add(source)
            waiting.append(source)
    return found


def _told(sources: Iterable[str], known: dict[str, str]) -> tuple[str, ...]:
    kinds = {known.get(source, "local") for source in sources}
    return tuple(origin for origin in ORIGINS if origin in kinds)


def _social(on: date) -> list[str]:
    rows = RegisterEntry.objects.filter(register__ref=SOCIAL, active_until=None)
    day = on.isoformat()
    return [
        str(one["source"])
        for one in rows.values_list("values", flat=True)
        if str(one["from_on"]) <= day and (not one.get("until_on") or day < str(one["until_on"]))
    ]
