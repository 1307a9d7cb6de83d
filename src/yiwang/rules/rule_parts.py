"""What a rule set is made of, once everything is parsed and checked."""

from collections.abc import Mapping
from dataclasses import dataclass

from yiwang.rules.dated import Value
from yiwang.rules.deriving import Derived
from yiwang.rules.reading import Expression
from yiwang.rules.tree import Type


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition, with the sentence a person reads and the basis it stands on."""

    id: str
    title: str
    check: str
    basis: str


@dataclass(frozen=True, kw_only=True)
class DecisionRow:
    """A row of the decision table: output names to expressions, when ``when`` is yes."""

    when: str
    then: Mapping[str, str]
    basis: str


@dataclass(frozen=True, kw_only=True)
class RuleParts:
    """The checked parts of a rule set; ``derived`` stands in the order of dependence."""

    id: str
    title: str
    columns: Mapping[str, Type]
    titles: Mapping[str, str]
    values: Mapping[str, Value]
    derived: tuple[Derived, ...]
    conditions: tuple[tuple[Condition, Expression], ...]
    outputs: Mapping[str, Type]
    decision: tuple[tuple[DecisionRow, Expression, Mapping[str, Expression]], ...]

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Every expression of the set, derived values first."""
        rows = [each for _, when, then in self.decision for each in (when, *then.values())]
        checks = [expression for _, expression in self.conditions]
        return (*(each.expression for each in self.derived), *checks, *rows)

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of the table that the set reads, in the table's order."""
        read = frozenset[str]().union(*(each.columns for each in self.expressions))
        return tuple(name for name in self.columns if name in read)
