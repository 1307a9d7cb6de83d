"""The sections of a file: what each table holds about the subject, as the reader may see it.

One query for the catalogue, one for codes, and a lookup per table in its serving copy.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.subjects.access import Sight, sight
from yiwang.apps.subjects.plan import Plan, PlannedEntity
from yiwang.apps.subjects.queries.views import Claim, EventView, FieldView, Section
from yiwang.kernel import masking
from yiwang.kernel.clock import CHINA
from yiwang.lake.outcomes import Serving
from yiwang.lake.serving import NotServed
from yiwang.packkit.entities import AGREES, APART, CHOSEN, DIFFERS, FATES, REPLACED
from yiwang.packkit.kinds.subjects import Purpose

ROWS = 50
CLAIMS = 200
_ORDER = {CHOSEN: 0, AGREES: 1, DIFFERS: 2, APART: 3, REPLACED: 4}
_CLAIM = (
    "item",
    "value",
    "source",
    "organ",
    "stated",
    "stated_on",
    "seen_from",
    "seen_until",
    "state",
)


class Reader:
    """One reading of one subject's file by one actor for one purpose."""

    def __init__(
        self,
        *,
        kind: str,
        subject: str,
        actor: identity.Actor,
        purpose: Purpose | None,
        plan: Plan,
    ) -> None:
        self.subject, self.actor, self.purpose, self.plan = subject, actor, purpose, plan
        self.tables = catalog.tables_about(kind)
        self.lake = catalog.lake()
        self.organs = {one.id: one.title for one in identity.organs()}
        self.golden = {one.ref: one for one in plan.entities.values() if one.subject == kind}

    def sections(self) -> list[Section]:
        """Every table's rows, golden records first."""
        read = [(table, *self._rows(table)) for table in self.tables]
        codes = catalog.code_titles(
            {
                (column.codes, str(row[column.name]))
                for table, _, rows in read
                for column in table.columns
                if column.codes
                for row in rows
                if row[column.name] is not None
            }
        )
        found = [
            self._section(table, copy, rows, codes)
            for table, copy, rows in read
            if copy is not None and rows
        ]
        return sorted(found, key=lambda one: one.table not in self.golden)

    def _rows(
        self, table: catalog.AboutTable
    ) -> tuple[Serving | None, Sequence[Mapping[str, Any]]]:
        if not table.subject_column:
            return None, ()
        try:
            return self.lake.lookup_at(
                table.ref,
                where={table.subject_column: self.subject},
                columns=[column.name for column in table.columns],
                limit=ROWS,
            )
        except NotServed:
            return None, ()

    def _section(
        self,
        table: catalog.AboutTable,
        copy: Serving,
        rows: Sequence[Mapping[str, Any]],
        codes: Mapping[tuple[str, str], str],
    ) -> Section:
        claims = self._claims(table.ref) if table.ref in self.golden else {}
        seen = [(column, self._sight(column, table.organ)) for column in table.columns]
        shown = [(column, one) for column, one in seen if not one.is_absent]
        return Section(
            table=table.ref,
            title=table.title,
            owner=table.organ,
            owner_title=self.organs.get(table.organ, table.organ),
            snapshot=copy.snapshot,
            at=copy.at,
            rows=tuple(
                tuple(
                    self._field(column, one, row[column.name], codes, claims)
                    for column, one in shown
                )
                for row in rows
            )
            if shown
            else (),
            absent=len(seen) - len(shown),
        )

    def _sight(self, column: catalog.AboutColumn, owner: str) -> Sight:
        return sight(
            self.actor,
            owner=owner,
            grade=column.grade,
            element=column.masked_as,
            category=column.category,
            purpose=self.purpose,
        )

    def _field(
        self,
        column: catalog.AboutColumn,
        seen: Sight,
        value: Any,
        codes: Mapping[tuple[str, str], str],
        claims: Mapping[str, list[dict[str, Any]]],
    ) -> FieldView:
        def shown(raw: Any) -> Any:
            told = codes.get((column.codes, str(raw)), raw) if column.codes and raw else raw
            if seen.is_clear:
                return told
            return masking.mask(told, element=column.masked_as, grade=column.grade)

        code = str(value) if column.codes and value is not None and seen.is_clear else ""
        return FieldView(
            name=column.name,
            title=column.title,
            value=shown(value),
            grade=column.grade,
            is_masked=not seen.is_clear,
            why=seen.why,
            code=code,
            category=column.category,
            claims=tuple(
                self._claim(one, shown(_typed(one["value"], column.type)))
                for one in claims.get(column.name, ())
            ),
        )

    def _claims(self, ref: str) -> dict[str, list[dict[str, Any]]]:
        """Every value ever stated about the subject, by item, the chosen first."""
        found: dict[str, list[dict[str, Any]]] = {}
        try:
            rows = self.lake.lookup(
                self.golden[ref].values,
                where={"identifier": self.subject},
                columns=_CLAIM,
                limit=CLAIMS,
            )
        except NotServed:
            return found
        for row in sorted(rows, key=lambda one: (_ORDER[one["state"]], one["source"])):
            found.setdefault(row["item"], []).append(row)
        return found

    def _claim(self, row: Mapping[str, Any], value: Any) -> Claim:
        return Claim(
            value=value,
            source=row["source"],
            source_title=self.plan.feeds.get(row["source"], row["source"]),
            organ_title=self.organs.get(row["organ"], row["organ"]),
            stated_on=row["stated_on"],
            seen_from=row["seen_from"],
            seen_until=row["seen_until"],
            state=row["state"],
            state_title=FATES[row["state"]],
            is_other_number=row["stated"] != self.subject,
        )

    def events(self, sections: Iterable[Section]) -> list[EventView]:
        """The time line, newest first; what is masked in its section tells no day here."""
        found = [event for section in sections for event in self._events(section)]
        return sorted(found, key=lambda one: (one.on is not None, one.on or date.min), reverse=True)

    def _events(self, section: Section) -> Iterator[EventView]:
        event = self.plan.events.get(section.table)
        if event is None:
            return
        for row in section.rows:
            fields = {field.name: field for field in row}
            day = fields.get(event.on)
            if day is None or day.value is None:
                continue
            yield EventView(
                on=_day(day.value),
                what=event.what,
                about=tuple(
                    str(fields[name].value)
                    for name in event.about
                    if name in fields and fields[name].value
                ),
                table=section.table,
                title=section.title,
                organ_title=section.owner_title,
            )

    def doubts(self, sections: Iterable[Section]) -> Iterator[str]:
        """What does not fit together, in words without values."""
        for section in sections:
            entity = self.golden.get(section.table)
            if entity is not None:
                yield from self._disagreements(section, entity)
            for row in section.rows:
                for field in row:
                    if field.name in ("is_doubtful", "is_overlapping") and field.value is True:
                        yield f"{section.title}：有一条{field.title}"

    def _disagreements(self, section: Section, entity: PlannedEntity) -> Iterator[str]:
        for row in section.rows:
            for field in row:
                for claim in field.claims:
                    if claim.state == DIFFERS:
                        yield f"{field.title}：{claim.source_title}与采用值不一致"
                    if claim.state == APART and field.name == entity.apart:
                        yield f"{claim.source_title}疑似另有其人，其数据未并入"


def _typed(value: str, type_: str) -> Any:
    return date.fromisoformat(value[:10]) if type_ == "date" else value


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.astimezone(CHINA).date()
    return value if isinstance(value, date) else None
