"""The packs of a place side by side, with dotted lookups: ``shelf.flow("base.rectification")``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from yiwang import lake
from yiwang.kernel.divisions import Division, DivisionTree
from yiwang.kernel.errors import NotFound
from yiwang.kernel.workdays import Calendar
from yiwang.packkit.converting import (
    dated_parameter,
    expressions_of,
    feed_plan,
    named_code_tables,
    rule_set,
    table_contract,
)
from yiwang.packkit.derived import Derived
from yiwang.packkit.findings import PackRefused
from yiwang.packkit.kinds.folders import FOLDERS
from yiwang.packkit.kinds.pack import Organ, Place
from yiwang.packkit.kinds.resources import Feed, Grant, Register, Table
from yiwang.packkit.kinds.shared import Kind
from yiwang.packkit.kinds.sight import Alert, Indicator, Layer, Screen, Stream
from yiwang.packkit.kinds.work import Flow, Form, Incident, Item, License, Policy, Role, Rules
from yiwang.packkit.reading import Pack
from yiwang.rules import Parameter, RuleSet, dated_value

T = TypeVar("T")
Value = str | int | Decimal | bool | date | None
Entry = dict[str, Value]


DIVISIONS = "base.divisions"
WORKDAYS = "base.workdays"


class NothingCalled(NotFound):
    """No pack of this place holds a thing of this kind by this name."""

    code = "packkit.nothing_called"


@dataclass(frozen=True)
class Shelf:
    """The packs of a place, checked or not. Every mapping is keyed by ``pack.id``."""

    place_id: str
    place: Place
    packs: dict[str, Pack]
    refused: dict[str, PackRefused] = field(default_factory=dict)
    place_entries: dict[str, tuple[dict[str, str], ...]] = field(default_factory=dict, repr=False)

    # Every thing of a kind by ``pack.id``, and one of them; ``NothingCalled`` says what is near.

    def registers(self) -> dict[str, Register]:
        """All registers."""
        return self._things["registers"]

    def register(self, ref: str) -> Register:
        """One of registers."""
        return self._one("registers", ref)

    def feeds(self) -> dict[str, Feed]:
        """All feeds."""
        return self._things["feeds"]

    def feed(self, ref: str) -> Feed:
        """One of feeds."""
        return self._one("feeds", ref)

    def tables(self) -> dict[str, Table]:
        """All table contracts."""
        return self._things["tables"]

    def table(self, ref: str) -> Table:
        """One of tables."""
        return self._one("tables", ref)

    def grants(self) -> dict[str, Grant]:
        """All grants."""
        return self._things["grants"]

    def grant(self, ref: str) -> Grant:
        """One of grants."""
        return self._one("grants", ref)

    def rules(self) -> dict[str, Rules]:
        """All rule sets, with the place's own parameter values."""
        return self._things["rules"]

    def rule(self, ref: str) -> Rules:
        """One of rules."""
        return self._one("rules", ref)

    def policies(self) -> dict[str, Policy]:
        """All policies."""
        return self._things["policies"]

    def policy(self, ref: str) -> Policy:
        """One of policies."""
        return self._one("policies", ref)

    def items(self) -> dict[str, Item]:
        """All service items."""
        return self._things["items"]

    def item(self, ref: str) -> Item:
        """One of items."""
        return self._one("items", ref)

    def forms(self) -> dict[str, Form]:
        """All forms."""
        return self._things["forms"]

    def form(self, ref: str) -> Form:
        """One of forms."""
        return self._one("forms", ref)

    def flows(self) -> dict[str, Flow]:
        """All flows."""
        return self._things["flows"]

    def flow(self, ref: str) -> Flow:
        """One of flows."""
        return self._one("flows", ref)

    def incidents(self) -> dict[str, Incident]:
        """All kinds of incident."""
        return self._things["incidents"]

    def incident(self, ref: str) -> Incident:
        """One of incidents."""
        return self._one("incidents", ref)

    def licenses(self) -> dict[str, License]:
        """All licence kinds."""
        return self._things["licenses"]

    def license(self, ref: str) -> License:
        """One of licenses."""
        return self._one("licenses", ref)

    def roles(self) -> dict[str, Role]:
        """All roles."""
        return self._things["roles"]

    def role(self, ref: str) -> Role:
        """One of roles."""
        return self._one("roles", ref)

    def streams(self) -> dict[str, Stream]:
        """All streams."""
        return self._things["streams"]

    def stream(self, ref: str) -> Stream:
        """One of streams."""
        return self._one("streams", ref)

    def alerts(self) -> dict[str, Alert]:
        """All alerts, with the place's own parameter values."""
        return self._things["alerts"]

    def alert(self, ref: str) -> Alert:
        """One of alerts."""
        return self._one("alerts", ref)

    def indicators(self) -> dict[str, Indicator]:
        """All indicators, with the place's own targets."""
        return self._things["indicators"]

    def indicator(self, ref: str) -> Indicator:
        """One of indicators."""
        return self._one("indicators", ref)

    def layers(self) -> dict[str, Layer]:
        """All map layers."""
        return self._things["layers"]

    def layer(self, ref: str) -> Layer:
        """One of layers."""
        return self._one("layers", ref)

    def screens(self) -> dict[str, Screen]:
        """All screens."""
        return self._things["screens"]

    def screen(self, ref: str) -> Screen:
        """One of screens."""
        return self._one("screens", ref)

    def queries(self) -> dict[str, str]:
        """The SQL of every table that a pack computes, by ``pack.table``."""
        return {f"{p.id}.{name}": text for p in self.packs.values() for name, text in p.sql.items()}

    def organs(self) -> dict[str, Organ]:
        """The place's organs by id."""
        return self.place.organs

    def organ(self, organ: str) -> Organ:
        """The place's organ with this id."""
        return _named(organ, self.place.organs, "organs")

    def entries(self, ref: str) -> tuple[Entry, ...]:
        """A register's entries with the place's own, as typed values; an empty cell is None."""
        register = self.register(ref)
        pack, name = ref.split(".")
        rows = (*self.packs[pack].entries.get(name, ()), *self.place_entries.get(ref, ()))
        types = {column: one.type for column, one in register.columns.items()}
        return tuple(
            {column: typed(row.get(column, ""), kind) for column, kind in types.items()}
            for row in rows
        )

    def codes(self, ref: str) -> frozenset[str]:
        """The codes of a code table: the keys of its entries."""
        key = self.register(ref).key
        return frozenset(str(entry[key]) for entry in self.entries(ref))

    def feed_plan(self, ref: str) -> lake.FeedPlan:
        """A feed as the lake collects it."""
        feed = self.feed(ref)
        named = named_code_tables(*(rule.check for rule in feed.quality))
        return feed_plan(ref, feed, {name: self.codes(name) for name in sorted(named)})

    def table_contract(self, ref: str) -> lake.TableContract:
        """A table as the lake publishes it."""
        return table_contract(ref, self.table(ref))

    def rule_set(self, ref: str) -> RuleSet:
        """Rules as the rule engine judges by them, with the place's own parameter values."""
        rules = self.rule(ref)
        named = named_code_tables(*expressions_of(rules))
        return rule_set(
            ref,
            rules,
            columns=self.derived.columns(rules.table),
            titles=self.titles(rules.table),
            codes={name: self.codes(name) for name in sorted(named)},
        )

    def parameters(self, ref: str) -> dict[str, Parameter]:
        """The dated parameters of rules or an alert, by name."""
        thing = self._things["rules"].get(ref) or self.alert(ref)
        return {name: dated_parameter(one) for name, one in thing.parameters.items()}

    def values(self, ref: str, *, on: date) -> dict[str, Any]:
        """The values in force on a day of the parameters of rules or an alert, by name."""
        found = self.parameters(ref).items()
        return {name: dated_value(one, on=on).value for name, one in found}

    def titles(self, table: str) -> dict[str, str]:
        """The Chinese name of each column of a register, feed or table."""
        for folder in ("tables", "feeds", "registers"):
            if thing := self._things[folder].get(table):
                return {name: column.title for name, column in thing.columns.items()}
        return {}

    @cached_property
    def derived(self) -> Derived:
        """Needs, lineage and grades, read off the SQL of every pack."""
        return Derived.of(
            registers=self.registers(),
            feeds=self.feeds(),
            tables=self.tables(),
            sql=self.queries(),
        )

    def sources(self, table: str, column: str) -> tuple[tuple[str, str], ...]:
        """The columns that ``pack.table``'s column is computed from."""
        return self.derived.sources(table, column)

    def grade(self, table: str, column: str) -> int:
        """The grade in force of a column of a feed, table, register or platform table."""
        return self.derived.grade(table, column)

    def publish_order(self) -> list[str]:
        """The computed tables, each after those it reads."""
        return self.derived.order()

    @cached_property
    def divisions(self) -> DivisionTree:
        """The divisions that the place knows: the country's, and its own below."""
        rows = self.entries(DIVISIONS)
        return DivisionTree(tuple(_division(row) for row in rows))

    @cached_property
    def calendar(self) -> Calendar:
        """The working days."""
        self.register(WORKDAYS)
        pack, name = WORKDAYS.split(".")
        return Calendar.read(self.packs[pack].folder / "registers" / f"{name}.csv")

    @cached_property
    def _things(self) -> dict[str, dict[str, Any]]:
        return {
            folder: {
                f"{pack.id}.{name}": with_place_choice(f"{pack.id}.{name}", thing, self.place)
                for pack in self.packs.values()
                for name, thing in getattr(pack, folder).items()
            }
            for folder in FOLDERS
        }

    def _one(self, folder: str, ref: str) -> Any:
        return _named(ref, self._things[folder], folder)


def _named(ref: str, found: Mapping[str, T], kind: str) -> T:
    if ref in found:
        return found[ref]
    near = get_close_matches(ref, found, n=1)
    raise NothingCalled(
        f"{kind} 中没有“{ref}”。",
        hint=f"是不是“{near[0]}”？" if near else f"现有：{'、'.join(found) or '无'}。",
        kind=kind,
        ref=ref,
    )


def _division(row: Entry) -> Division:
    words = {key: str(value or "") for key, value in row.items()}
    begun, ended = row["active_from"], row["active_until"]
    return Division(
        code=words["code"],
        name=words["name"],
        parent=words["parent"],
        level=words["level"],
        active_from=begun if isinstance(begun, date) else None,
        active_until=ended if isinstance(ended, date) else None,
        aliases=tuple(filter(None, words["aliases"].split("|"))),
        former_codes=tuple(filter(None, words["former_codes"].split("|"))),
    )


def with_place_choice(ref: str, thing: Kind, place: Place) -> Kind:
    """The thing with the place's own target, or parameter value in its latest period."""
    if isinstance(thing, Indicator):
        target = place.targets.get(ref)
        return thing if target is None else msgspec.structs.replace(thing, target=target)
    if not isinstance(thing, Rules | Alert):
        return thing
    chosen = {}
    for name, parameter in thing.parameters.items():
        key = f"{ref}.{name}"
        if key in place.parameters:
            *earlier, last = parameter.values
            value = msgspec.structs.replace(last, value=place.parameters[key])
            chosen[name] = msgspec.structs.replace(parameter, values=(*earlier, value))
    if not chosen:
        return thing
    return msgspec.structs.replace(thing, parameters={**thing.parameters, **chosen})


def typed(text: str, kind: str) -> Value:
    """A cell's text as a value of its column's type; ValueError when it is none."""
    if text == "":
        return None
    if kind == "integer":
        return int(text)
    if kind == "decimal":
        try:
            return Decimal(text)
        except InvalidOperation:
            raise ValueError(text) from None
    if kind == "boolean":
        return {"true": True, "false": False}[text.lower()]
    if kind == "date":
        return date.fromisoformat(text)
    return text
