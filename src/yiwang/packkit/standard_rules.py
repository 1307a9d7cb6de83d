"""Rules that a feed need not write: they follow from its key, elements and code tables.

A column that names a standard element keeps the element's check, one that names a code table keeps
to its codes, and a key is unique. A row that breaks one is rejected where the column is required
(or the key), flagged where it is not. What a feed says itself about the same thing of the same
column, stricter or milder, stands instead.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from yiwang.lake import PlanMalformed, Reference
from yiwang.packkit.kinds.resources import Feed, FeedColumn, QualityRule
from yiwang.packkit.kinds.shared import Type
from yiwang.rules import Expression, ExpressionRefused, parse
from yiwang.rules.tree import Call, Column, walk

ELEMENTS = "base.elements"
"""The register of data elements: what a column names as ``element``; ``check`` is about value."""

VALUE = "value"


@dataclass(frozen=True)
class Element:
    """What a standard element asks of a value: an expression over ``value``, empty for nothing."""

    title: str
    check: str


def element_of(entry: Mapping[str, Any]) -> Element:
    """An entry of the register of elements."""
    return Element(str(entry.get("title") or ""), str(entry.get("check") or ""))


@dataclass(frozen=True)
class _Said:
    """What a declared rule is about: columns, and the functions or code tables it holds them to."""

    columns: frozenset[str]
    calls: frozenset[str]
    tables: frozenset[str]


def standard_rules(
    feed: Feed, *, elements: Mapping[str, Element], code_titles: Mapping[str, str]
) -> tuple[QualityRule, ...]:
    """The rules that follow for a feed, without those that it declares in its own words."""
    types = {name: column.type for name, column in feed.columns.items()}
    said = list(_said(feed.quality, types))
    found: list[QualityRule] = []
    if not any(set(rule.unique) == set(feed.key) for rule in feed.quality):
        found.append(_unique_key(feed))
    for name, column in feed.columns.items():
        found += _of_element(name, column, elements, said)
        found += _of_codes(name, column, code_titles, said)
    return tuple(found)


def _unique_key(feed: Feed) -> QualityRule:
    titles = "、".join(feed.columns[name].title for name in feed.key if name in feed.columns)
    return QualityRule(
        id="key.unique", title=f"{titles}不重复", dimension="uniqueness", unique=feed.key
    )


def _of_element(
    name: str, column: FeedColumn, elements: Mapping[str, Element], said: Iterable[_Said]
) -> Iterator[QualityRule]:
    element = elements.get(column.element)
    if element is None or not element.check:
        return
    try:
        asked = parse(element.check, columns={VALUE: column.type})
    except ExpressionRefused:  # an element of text on a column of another type, or misspelt
        return
    calls = _calls(asked)
    if any(name in one.columns and calls <= one.calls for one in said):
        return
    yield QualityRule(
        id=f"{name}.element",
        title=f"{column.title}符合数据元“{element.title}”",
        dimension="validity",
        check=_about(asked, name),
        otherwise="reject" if column.required else "flag",
    )


def _of_codes(
    name: str, column: FeedColumn, titles: Mapping[str, str], said: Iterable[_Said]
) -> Iterator[QualityRule]:
    if not column.codes or any(name in one.columns and column.codes in one.tables for one in said):
        return
    yield QualityRule(
        id=f"{name}.codes",
        title=f"{column.title}为代码表“{titles.get(column.codes, column.codes)}”中的代码",
        dimension="validity",
        check=f"is_code({name}, '{column.codes}')",
        otherwise="reject" if column.required else "flag",
    )


def _said(rules: Iterable[QualityRule], types: Mapping[str, Type]) -> Iterator[_Said]:
    for rule in rules:
        try:
            if rule.reference:
                one = Reference.parse(rule.reference)
                yield _Said(frozenset({one.column}), frozenset(), frozenset({one.table}))
            elif rule.check:
                read = parse(rule.check, columns=types)
                yield _Said(read.columns, _calls(read), read.code_tables)
        except (ExpressionRefused, PlanMalformed):
            continue  # the checks of packs tell it with file and line


def _calls(read: Expression) -> frozenset[str]:
    return frozenset(node.name for node in walk(read.tree) if isinstance(node, Call))


def _about(asked: Expression, name: str) -> str:
    """The element's expression with the column's name wherever it says ``value``."""
    text = asked.text
    places = {node.at - 1 for node in walk(asked.tree) if isinstance(node, Column)}
    for at in sorted(places, reverse=True):
        text = f"{text[:at]}{name}{text[at + len(VALUE) :]}"
    return text
