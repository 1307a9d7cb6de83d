"""What a library's SQL tells undeclared: needs, lineage, grades, order of publishing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from sqlglot import exp

from yiwang.packkit.entities import Made
from yiwang.packkit.kinds.resources import Feed, Register, Table
from yiwang.packkit.kinds.shared import Type
from yiwang.packkit.lineage import Origin, Source, origins
from yiwang.packkit.platform import PLATFORM
from yiwang.packkit.queries import Query, QueryRefused, parse_query, resolved


@dataclass(frozen=True)
class Raised:
    """A grade that an organ decided, above what its pack says."""

    grade: int
    category: str
    reason: str
    clause: str


@dataclass(frozen=True)
class Derived:
    """Read off the parse of every query of a place; a refused query is in ``refusals``."""

    registers: Mapping[str, Register]
    feeds: Mapping[str, Feed]
    tables: Mapping[str, Table]
    queries: dict[str, Query] = field(default_factory=dict)
    origins: dict[Source, frozenset[Origin]] = field(default_factory=dict)
    outputs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refusals: dict[str, QueryRefused] = field(default_factory=dict)
    raised: Mapping[Source, "Raised"] = field(default_factory=dict)
    """Grades that an organ's decision raised above what its pack says."""
    _grades: dict[Source, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        *,
        registers: Mapping[str, Register],
        feeds: Mapping[str, Feed],
        tables: Mapping[str, Table],
        sql: Mapping[str, str],
        made: Sequence[Made] = (),
    ) -> "Derived":
        """Parse and resolve every query; what entities bring states its lineage itself."""
        derived = cls(registers, feeds, tables)
        for one in made:
            derived._take(one)
        for ref, text in sql.items():
            if ref in derived.queries:
                continue
            try:
                query = parse_query(text)
                derived.queries[ref] = query
                found = derived.look(query)
            except QueryRefused as refusal:
                derived.refusals[ref] = refusal
                continue
            derived.outputs[ref] = tuple(found)
            derived.origins.update({(ref, column): read for column, read in found.items()})
        return derived

    def _take(self, made: Made) -> None:
        for ref, read in made.reads.items():
            self.queries[ref] = Query(exp.Select(), dict.fromkeys(read, 1))
            self.outputs[ref] = tuple(made.tables[ref].columns)
        self.origins.update(made.origins)

    def look(self, query: Query) -> dict[str, frozenset[Origin]]:
        """Output columns of any query over the library's tables, with their origins."""
        unknown = [name for name in query.reads if name not in self.known]
        if unknown:
            name = unknown[0]
            raise QueryRefused(f"没有表“{name}”", self.near(name), line=query.reads[name])
        schema = {name: self.columns(name) for name in query.reads}
        return origins(resolved(query, schema), lookups=self.registers)

    @property
    def known(self) -> set[str]:
        """Every table that a query may name."""
        return {*self.registers, *self.feeds, *self.tables, *PLATFORM}

    def near(self, name: str) -> str:
        """A hint with the most similar table."""
        found = get_close_matches(name, self.known, n=1)
        return f"是不是“{found[0]}”？" if found else "先声明 feeds/ 或 tables/"

    def columns(self, table: str) -> dict[str, Type]:
        """The columns of a register, feed, table or platform table, with their types."""
        if table in PLATFORM:
            return {name: type_ for name, (type_, _) in PLATFORM[table].items()}
        thing = self.registers.get(table) or self.feeds.get(table) or self.tables.get(table)
        return {name: column.type for name, column in thing.columns.items()} if thing else {}

    def sources(self, table: str, column: str) -> tuple[Source, ...]:
        """The columns that a table's column is computed from; none for a feed or register."""
        found = self.origins.get((table, column), frozenset())
        return tuple(sorted({origin.source for origin in found}))

    def grade(self, table: str, column: str) -> int:
        """The grade in force: inherited from the sources, raised by the contract."""
        return self._grade((table, column), frozenset())

    def inherited(self, table: str, column: str) -> int:
        """The grade that the parse demands, before the contract raises it."""
        found = self.origins.get((table, column), frozenset())
        return max((one.grade(self.grade) for one in found), default=1)

    def _grade(self, source: Source, above: frozenset[Source]) -> int:
        if source in self._grades:
            return self._grades[source]
        table, column = source
        if table in PLATFORM:
            return PLATFORM[table].get(column, ("text", 4))[1]
        thing = self.registers.get(table) or self.feeds.get(table) or self.tables.get(table)
        stated: int | None = (
            thing.columns[column].grade if thing and column in thing.columns else None
        )
        if source in self.raised:
            stated = max(stated or 1, self.raised[source].grade)
        if source in above:
            return stated or 1
        inner = above | {source}
        found = self.origins.get(source, frozenset())
        inherited = (one.grade(lambda t, c: self._grade((t, c), inner)) for one in found)
        grade = max(stated or 1, max(inherited, default=1))
        self._grades[source] = grade
        return grade

    def raised_by(self, raised: Mapping[Source, "Raised"]) -> "Derived":
        """The same library with grades raised by decision; what is computed follows."""
        return replace(self, raised=raised, _grades={})

    def order(self) -> list[str]:
        """The computed tables, each after those it reads."""
        ordered: dict[str, None] = {}

        def place(name: str, above: frozenset[str]) -> None:
            if name in ordered or name in above or name not in self.queries:
                return
            for read in self.queries[name].reads:
                place(read, above | {name})
            ordered[name] = None

        for name in self.queries:
            place(name, frozenset())
        return list(ordered)

    def ring(self, table: str) -> list[str]:
        """The way from a table back to itself through what it reads; empty when there is none."""
        waiting = [[table]]
        seen: set[str] = set()
        while waiting:
            way = waiting.pop()
            for read in self.queries[way[-1]].reads if way[-1] in self.queries else ():
                if read == table:
                    return [*way, table]
                if read not in seen:
                    seen.add(read)
                    waiting.append([*way, read])
        return []
