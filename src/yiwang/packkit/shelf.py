"""The packs of a place side by side, with dotted lookups: ``shelf.flow("base.rectification")``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import msgspec

from yiwang import lake
from yiwang.kernel.divisions import DivisionTree
from yiwang.kernel.workdays import Calendar
from yiwang.packkit.cells import Entry, division_of, typed
from yiwang.packkit.choices import chosen
from yiwang.packkit.converting import (
    dated_parameter,
    expressions_of,
    feed_plan,
    named_code_tables,
    rule_set,
    table_contract,
)
from yiwang.packkit.derived import Derived
from yiwang.packkit.entities import CLAIMS, Made, authorities, made_of
from yiwang.packkit.findings import PackRefused
from yiwang.packkit.kinds.bundles import Bundle, Guide
from yiwang.packkit.kinds.folders import FOLDERS
from yiwang.packkit.kinds.guidance import Answer, Document
from yiwang.packkit.kinds.incidents import Incident, Plan, Round
from yiwang.packkit.kinds.pack import Organ, Place
from yiwang.packkit.kinds.reports import Report
from yiwang.packkit.kinds.resources import Feed, Grant, QualityRule, Register, Release, Table
from yiwang.packkit.kinds.sight import Alert, Assessment, Indicator, Layer, Screen, Stream, Vitals
from yiwang.packkit.kinds.subjects import Entity, Purpose
from yiwang.packkit.kinds.work import Flow, Form, Item, License, Policy, Role, Rules
from yiwang.packkit.naming import named
from yiwang.packkit.reading import Pack
from yiwang.packkit.standard_rules import ELEMENTS, Element, element_of, standard_rules
from yiwang.rules import Parameter, RuleSet, dated_value

DIVISIONS = "base.divisions"
WORKDAYS = "base.workdays"


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
        """All table contracts: those written, and those that entities bring."""
        return self._tables

    def table(self, ref: str) -> Table:
        """One of tables."""
        return named(ref, self._tables, "tables")

    def entities(self) -> dict[str, Entity]:
        """All entities: golden records made of what feeds state."""
        return self._things["entities"]

    def entity(self, ref: str) -> Entity:
        """One of entities."""
        return self._one("entities", ref)

    def purposes(self) -> dict[str, Purpose]:
        """All purposes that a file may be read for."""
        return self._things["purposes"]

    def authority(self, entity: str, item: str) -> str:
        """一数一源: the one feed that is authoritative for an item of an entity; "" for none."""
        return next(iter(authorities(self.feeds(), entity).get(item, ())), "")

    def grants(self) -> dict[str, Grant]:
        """All grants."""
        return self._things["grants"]

    def grant(self, ref: str) -> Grant:
        """One of grants."""
        return self._one("grants", ref)

    def releases(self) -> dict[str, Release]:
        """All that packs offer to open."""
        return self._things["releases"]

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

    def documents(self) -> dict[str, Document]:
        """All policy documents."""
        return self._things["documents"]

    def document(self, ref: str) -> Document:
        """One of documents."""
        return self._one("documents", ref)

    def answers(self) -> dict[str, Answer]:
        """All questions with their answers."""
        return self._things["answers"]

    def items(self) -> dict[str, Item]:
        """All service items."""
        return self._things["items"]

    def item(self, ref: str) -> Item:
        """One of items."""
        return self._one("items", ref)

    def bundles(self) -> dict[str, Bundle]:
        """All one-things."""
        return self._things["bundles"]

    def guides(self) -> dict[str, Guide]:
        """All guides."""
        return self._things["guides"]

    def forms(self) -> dict[str, Form]:
        """All forms."""
        return self._things["forms"]

    def form(self, ref: str) -> Form:
        """One of forms."""
        return self._one("forms", ref)

    def reports(self) -> dict[str, Report]:
        """All reports that divisions fill in."""
        return self._things["reports"]

    def flows(self) -> dict[str, Flow]:
        """All flows."""
        return self._things["flows"]

    def flow(self, ref: str) -> Flow:
        """One of flows."""
        return self._one("flows", ref)

    def incidents(self) -> dict[str, Incident]:
        """All kinds of incident."""
        return self._things["incidents"]

    def rounds(self) -> dict[str, Round]:
        """All rounds."""
        return self._things["rounds"]

    def plans(self) -> dict[str, Plan]:
        """All emergency plans."""
        return self._things["plans"]

    def plan(self, ref: str) -> Plan:
        """One of plans."""
        return self._one("plans", ref)

    def licenses(self) -> dict[str, License]:
        """All licence kinds."""
        return self._things["licenses"]

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

    def assessments(self) -> dict[str, Assessment]:
        """All assessments of organs."""
        return self._things["assessments"]

    def vitals(self) -> dict[str, Vitals]:
        """All trees of vital signs."""
        return self._things["vitals"]

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
        made = {ref: sql for one in self.made.values() for ref, sql in one.queries.items()}
        return {f"{p.id}.{n}": sql for p in self.packs.values() for n, sql in p.sql.items()} | made

    def organs(self) -> dict[str, Organ]:
        """The place's organs by id."""
        return self.place.organs

    def organ(self, organ: str) -> Organ:
        """The place's organ with this id."""
        return named(organ, self.place.organs, "organs")

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

    @cached_property
    def elements(self) -> dict[str, Element]:
        """The standard elements by code, with what each asks of a value."""
        if ELEMENTS not in self.registers():
            return {}
        key = self.register(ELEMENTS).key
        return {str(one[key]): element_of(one) for one in self.entries(ELEMENTS)}

    def quality(
        self, ref: str, elements: Mapping[str, Element] | None = None
    ) -> tuple[QualityRule, ...]:
        """The rules of a feed: those that it declares, and those that follow from standards."""
        feed = self.feed(ref)
        titles = {one: register.title for one, register in self.registers().items()}
        known = self.elements if elements is None else elements
        return (*feed.quality, *standard_rules(feed, elements=known, code_titles=titles))

    def feed_plan(
        self, ref: str, *, elements: Mapping[str, Element] | None = None
    ) -> lake.FeedPlan:
        """A feed as the lake collects it, with the rules that follow from the standards.

        ``elements`` stand in place of those that the packs bring.
        """
        feed = msgspec.structs.replace(self.feed(ref), quality=self.quality(ref, elements))
        named = named_code_tables(*(rule.check for rule in feed.quality))
        return feed_plan(ref, feed, {name: self.codes(name) for name in sorted(named)})

    def table_contract(self, ref: str) -> lake.TableContract:
        """A table as the lake publishes it; of an entity's claims nothing is forgotten."""
        is_claims = any(ref == f"{entity}{CLAIMS}" for entity in self.made)
        return table_contract(ref, self.table(ref), remembers=is_claims)

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
        for found in (self._tables, self._things["feeds"], self._things["registers"]):
            if thing := found.get(table):
                return {name: column.title for name, column in thing.columns.items()}
        return {}

    @cached_property
    def made(self) -> dict[str, Made]:
        """The tables that each entity brings, made from its declaration."""
        return {ref: made_of(ref, one, self.feeds()) for ref, one in self.entities().items()}

    @cached_property
    def _tables(self) -> dict[str, Table]:
        made = {ref: one for entity in self.made.values() for ref, one in entity.tables.items()}
        return {**self._things["tables"], **made}

    @cached_property
    def derived(self) -> Derived:
        """Needs, lineage and grades, read off the SQL of every pack."""
        return Derived.of(
            registers=self.registers(),
            feeds=self.feeds(),
            tables=self.tables(),
            sql=self.queries(),
            made=tuple(self.made.values()),
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
        return DivisionTree(tuple(division_of(row) for row in rows))

    @cached_property
    def calendar(self) -> Calendar:
        """The working days."""
        self.register(WORKDAYS)
        pack, name = WORKDAYS.split(".")
        found = Calendar.read(self.packs[pack].folder / "registers" / f"{name}.csv")
        return found.within(self.place.office_hours)

    @cached_property
    def _things(self) -> dict[str, dict[str, Any]]:
        return {
            folder: {
                ref: thing
                for pack in self.packs.values()
                for ref, thing in chosen(pack, folder, place=self.place, beside=self.packs)
            }
            for folder in FOLDERS
        }

    def _one(self, folder: str, ref: str) -> Any:
        return named(ref, self._things[folder], folder)
