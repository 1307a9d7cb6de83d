"""The tables of which an organ may make a list: its own, one person or object a row."""

from dataclasses import dataclass

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import place
from yiwang.apps.forms.reporting import DIVISION
from yiwang.apps.identity import public as identity

MOST_LISTED = 3
"""Columns of a higher grade stand on no list, and no list is made where the key is one."""

TYPES = ("text", "integer", "decimal", "date")


@dataclass(frozen=True)
class ListedTable:
    """A table whose rows may be the lines of a list, with the columns that may stand on it."""

    ref: str
    title: str
    grain: str
    key: str
    columns: tuple[catalog.ColumnView, ...]

    def column(self, path: str) -> catalog.ColumnView | None:
        """The column of ``pack.table.column``; None for one that may not be listed."""
        return next((one for one in self.columns if f"{self.ref}.{one.name}" == path), None)


def tables_to_list(*, actor: identity.Officer) -> list[ListedTable]:
    """What lists the officer's organ may make, by title."""
    identity.require(actor, "forms.design")
    own = [listed_table(ref, actor.organ) for ref in place.library().tables()]
    return sorted((one for one in own if one), key=lambda one: one.title)


def listed_table(ref: str, organ: str) -> ListedTable | None:
    """The table as an organ may list it; None unless it is its own and says who lives where."""
    contract = place.library().tables().get(ref)
    if contract is None or contract.owner != organ or len(contract.key) != 1:
        return None
    key, columns = contract.key[0], catalog.columns_of(ref)
    grades = {one.name: one.grade for one in columns}
    if key == DIVISION or DIVISION not in grades or grades.get(key, MOST_LISTED + 1) > MOST_LISTED:
        return None
    shown = [
        one
        for one in columns
        if one.grade <= MOST_LISTED and one.name != DIVISION and one.type in TYPES
    ]
    return ListedTable(ref, contract.title, contract.grain, key, tuple(shown))
