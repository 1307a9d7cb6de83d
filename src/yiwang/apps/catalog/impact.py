"""What depends on a standard: columns that use it, what is computed from them, what packs build.

Lineage comes from the parsed SQL; whether a form, rule, grant or indicator depends is read from
its declaration, which names the register or a table together with one of the columns.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from yiwang.apps.catalog.feed_sources import library
from yiwang.apps.catalog.models import ColumnSource, DatasetColumn
from yiwang.packkit import Library
from yiwang.packkit.standard_rules import ELEMENTS

_KINDS = {
    "forms": "表单",
    "rules": "规则",
    "grants": "共享授权",
    "indicators": "指标",
    "items": "事项",
    "policies": "政策",
    "alerts": "预警",
    "releases": "开放数据",
}
_WORD = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?")


@dataclass(frozen=True)
class Dependent:
    """One thing that a change would touch: its kind in Chinese, its id, and by which way."""

    kind: str
    ref: str
    why: str


def impact_of(register: str, keys: Sequence[str] = ()) -> tuple[Dependent, ...]:
    """Everything that depends on a register; of the elements, on those with these keys."""
    direct = _columns(register, keys)
    derived = _derived(direct)
    found = [
        Dependent("字段", f"{table}.{column}", "数据元" if register == ELEMENTS else "代码表")
        for table, column in direct
    ]
    found += [
        Dependent("字段", f"{table}.{column}", f"由 {origin} 计算")
        for (table, column), origin in derived.items()
    ]
    columns = [*direct, *derived]
    tables = dict.fromkeys(table for table, _ in columns)
    found += [Dependent("数据表", table, "含上列字段") for table in tables]
    return (*found, *_declared(library(), register, columns))


def _columns(register: str, keys: Sequence[str]) -> list[tuple[str, str]]:
    rows = DatasetColumn.objects.filter(active_until=None, dataset__active_until=None)
    rows = rows.filter(element__in=keys) if register == ELEMENTS else rows.filter(codes=register)
    return list(rows.order_by("dataset__ref", "position").values_list("dataset__ref", "name"))


def _derived(direct: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Columns computed from these, however far, with the column they come from."""
    below: dict[tuple[str, str], list[tuple[str, str]]] = {}
    sources = ColumnSource.objects.filter(column__active_until=None)
    for table, column, ref, name in sources.values_list(
        "source_table", "source_column", "column__dataset__ref", "column__name"
    ):
        below.setdefault((table, column), []).append((ref, name))
    seen = set(direct)
    waiting, found = list(seen), {}
    while waiting:
        origin = waiting.pop()
        for place in below.get(origin, ()):
            if place not in seen:
                seen.add(place)
                found[place] = ".".join(origin)
                waiting.append(place)
    return dict(sorted(found.items()))


def _declared(packs: Library, register: str, columns: Sequence[tuple[str, str]]) -> list[Dependent]:
    found = []
    for use in uses_of(packs, columns, register=register):
        named = [f"{table}.{column}" for table, column in use.columns]
        why = f"用到 {'、'.join(named[:4])}" if named else f"引用 {register}"
        found.append(Dependent(_KINDS[use.folder], use.ref, why))
    return found


@dataclass(frozen=True)
class Use:
    """A thing of a pack that uses columns (or the register itself: then no columns)."""

    folder: str
    title: str
    ref: str
    columns: tuple[tuple[str, str], ...]


def uses_of(
    packs: Library, columns: Iterable[tuple[str, str]], *, register: str = ""
) -> Iterator[Use]:
    """Every form, rule, grant, indicator … whose declaration names a table and its column."""
    by_table: dict[str, set[str]] = {}
    for table, column in columns:
        by_table.setdefault(table, set()).add(column)
    for folder, kind in _KINDS.items():
        for ref, thing in getattr(packs, folder)().items():
            words = set(_WORD.findall(msgspec.json.encode(thing, enc_hook=str).decode()))
            used = tuple(
                (table, column)
                for table in by_table.keys() & words
                for column in sorted(by_table[table] & words)
            )
            title = f"{kind}：{getattr(thing, 'title', ref)}"
            if register in words:
                yield Use(folder, title, ref, ())
            elif used:
                yield Use(folder, title, ref, used)
