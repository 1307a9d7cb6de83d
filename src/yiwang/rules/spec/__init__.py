"""What each operation means: tables of given, expression and expected, read from the YAML beside.

The spec tests run every row on every back end; ``manual`` prints the same tables for people.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

import yaml

from yiwang.rules.dated import DatedValue, Parameter, Value
from yiwang.rules.tree import Type

DEFAULT_DAY = date(2026, 11, 22)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: given values by name, the expected value (None: unknown), what is then missing."""

    given: Mapping[str, Any]
    expected: Any
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Case:
    """An expression and what it gives."""

    expression: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Cases over the same columns."""

    title: str
    given: Mapping[str, Type]
    cases: tuple[Case, ...]


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A file: one subject with its tables, the values it may name and the day of judgement."""

    title: str
    about: str
    tables: tuple[Table, ...]
    values: Mapping[str, Value]
    as_of: date

    @property
    def parameters(self) -> Mapping[str, Type]:
        """The types of the chapter's parameters."""
        given = self.values.items()
        return {name: value.type for name, value in given if isinstance(value, Parameter)}


def chapters() -> tuple[Chapter, ...]:
    """All chapters, in order."""
    files = sorted(
        (file for file in resources.files(__name__).iterdir() if file.name.endswith(".yaml")),
        key=lambda file: file.name,
    )
    return tuple(_chapter(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in files)


def _chapter(read: dict[str, Any]) -> Chapter:
    values: dict[str, Value] = {
        name: frozenset(codes) for name, codes in read.get("codes", {}).items()
    }
    for name, parameter in read.get("parameters", {}).items():
        dated = tuple(
            DatedValue(
                from_=each["from"],
                until=each.get("until"),
                value=each["value"],
                basis=each["basis"],
            )
            for each in parameter["values"]
        )
        kind = parameter.get("type", "integer")
        values[name] = Parameter(title=parameter["title"], type=kind, values=dated)
    return Chapter(
        title=read["title"],
        about=read["about"],
        tables=tuple(_table(table) for table in read["tables"]),
        values=values,
        as_of=read.get("as_of", DEFAULT_DAY),
    )


def _table(read: dict[str, Any]) -> Table:
    names = list(read["given"])
    cases = tuple(
        Case(
            expression=case["expression"],
            rows=tuple(_row(names, row) for row in case["rows"]),
        )
        for case in read["cases"]
    )
    return Table(title=read["title"], given=read["given"], cases=cases)


def _row(names: list[str], row: list[Any]) -> Row:
    given, rest = row[: len(names)], row[len(names) :]
    missing = tuple(rest[1].split()) if len(rest) > 1 else ()
    return Row(given=dict(zip(names, given, strict=True)), expected=rest[0], missing=missing)
