"""Rules that stand before a move: judged by the platform on what it knows now, never handed in.

A flow's move may need ``pack.rule``. The rule's table is computed for the case's subject from the
latest tables, with registers and the platform's own as they are now and the tables of its own
pack that it stands on computed with it, so that what was put right a moment ago counts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict
from yiwang.lake import Given, Lake
from yiwang.packkit import Library
from yiwang.packkit.current import current_library
from yiwang.packkit.kinds.shared import Type
from yiwang.packkit.queries import parse_query, standing_on
from yiwang.rules import Reason

FRESH = (casework, catalog, exchange)
"""Apps whose own tables a rule looks at as they are now."""

Row = dict[str, object]


class RuleNotMet(Conflict):
    """A rule that stands before the move is not met, or nobody can tell whether it is."""

    code = "services.rule_not_met"


@dataclass(frozen=True)
class RuleJudged:
    """办理条件: a rule before a move, and how it was judged."""

    ref: str
    title: str
    result: str
    """yes, no or unknown."""
    reasons: tuple[Reason, ...]

    @property
    def lacking(self) -> tuple[str, ...]:
        """What is not met or not known."""
        return tuple(one.title for one in self.reasons if one.result != "yes")


@dataclass(frozen=True)
class Recorded:
    """登记的记录: the row of a table that a flow's rules judge, as things stand now."""

    title: str
    values: tuple[tuple[str, object], ...]
    """Title and value of its columns, those that concern nobody (grade 1) and are known."""


def recorded_about(case: casework.CaseView) -> list[Recorded]:
    """What the rules of a case's flow look at, for who may see the case; never of a person."""
    library, lake = current_library(settings.PACKS, settings.PLACE, settings.HOME), catalog.lake()
    if case.flow not in library.flows():
        return []
    moves = (move for step in library.flow(case.flow).steps.values() for move in step.moves)
    rules = [need for move in moves for need in move.needs if casework.is_rule(need)]
    found = []
    for ref in dict.fromkeys(library.rule(one).table for one in rules):
        table = library.table(ref)
        shown = {
            name: column.title
            for name, column in table.columns.items()
            if library.derived.grade(ref, name) == 1
        }
        if not shown.keys() >= {*table.key}:
            continue  # a row per person: its key says who
        row = _fresh(lake, library, ref, case.subject)
        known = {name: value for name, value in (row or {}).items() if value is not None}
        told = tuple((title, known[name]) for name, title in shown.items() if name in known)
        found += [Recorded(table.title, told)] if told else []
    return found


def rules_before(case: casework.CaseView, *, at: datetime) -> list[RuleJudged]:
    """The rules before the moves that are open to who looks, each judged once."""
    needed = [need for move in case.moves for need in move.needs if casework.is_rule(need)]
    return judged(list(dict.fromkeys(needed)), case.subject, at=at)


def require_rules(
    number: str, *, verb: str, to: str, actor: identity.Actor | str, at: datetime
) -> frozenset[str]:
    """The rules before a move, all of them met; else ``RuleNotMet`` says what is lacking."""
    needed, subject = casework.rules_needed(number, verb=verb, to=to)
    if needed and not isinstance(actor, str):
        casework.case(number, actor=actor, at=at)  # a stranger learns nothing of what is lacking
    found = judged(needed, subject, at=at)
    for one in found:
        if one.result != "yes":
            raise RuleNotMet(
                f"还不{one.title}：{'、'.join(one.lacking) or '平台没有这一对象的记录'}。",
                hint="补齐所列条件后再办；条件由平台按已登记的记录当场判断，不能用材料代替。",
                rule=one.ref,
                lacking=list(one.lacking),
            )
    return frozenset(needed)


def judged(refs: Sequence[str], subject: str, *, at: datetime) -> list[RuleJudged]:
    """Each rule judged on one subject as things stand now."""
    if not refs:
        return []
    library, lake = current_library(settings.PACKS, settings.PLACE, settings.HOME), catalog.lake()
    found, rows = [], dict[str, Row | None]()
    for ref in refs:
        rules = library.rule(ref)
        if rules.table not in rows:
            rows[rules.table] = _fresh(lake, library, rules.table, subject)
        row = rows[rules.table]
        if row is None:
            found.append(RuleJudged(ref, rules.title, "unknown", ()))
            continue
        verdict = library.rule_set(ref).judge(row, as_of=local_date(at))
        found.append(RuleJudged(ref, rules.title, verdict.result, verdict.reasons))
    return found


def _fresh(lake: Lake, library: Library, table: str, subject: str) -> Row | None:
    """The row of the subject in a rule's table; what it reads is taken as it is now."""
    queries, pack = library.queries(), table.partition(".")[0]
    own = {name: sql for name, sql in queries.items() if name.startswith(f"{pack}.")}
    sql, key = standing_on(queries[table], own), library.table(table).key[0]
    one = f"SELECT * FROM ({sql}) AS counted WHERE counted.{key} = $subject"  # noqa: S608 - parsed
    now = _standing_now(library, parse_query(sql).reads)
    rows = lake.rows_over(one, now, values={"subject": subject}, limit=1)
    return rows[0] if rows else None


def _standing_now(library: Library, tables: Collection[str]) -> Given:
    """Registers and what the platform itself records, of these tables, as they are now."""
    found: dict[str, tuple[Mapping[str, Type], Iterable[Mapping[str, Any]]]] = {}
    for name in set(tables) & set(library.registers()):
        types = {column: one.type for column, one in library.register(name).columns.items()}
        found[name] = (types, library.entries(name))
    for room in FRESH:
        found |= {name: one for name, one in room.published().items() if name in tables}
    return found
