"""The judgement of one subject: verdict, a reason per condition, what is missing, outputs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yiwang.rules.binding import bind
from yiwang.rules.closures import NOTHING, Blame, Evaluate, evaluation, missing_of
from yiwang.rules.reading import Expression
from yiwang.rules.reasons import Reason, Result
from yiwang.rules.rule_parts import Condition, RuleParts
from yiwang.rules.tree import Type
from yiwang.rules.values import read_value


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How a subject was judged.

    ``missing`` names the columns that would decide what is unknown: conditions, or the outputs of
    a yes. ``basis`` is that of the row of the decision table, ``decided`` its place from 1.
    """

    result: Result
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    outputs: Mapping[str, Any] = field(default_factory=dict)
    decided: int | None = None
    basis: str = ""

    @property
    def failed(self) -> tuple[str, ...]:
        """Ids of the conditions that are no."""
        return tuple(reason.id for reason in self.reasons if reason.result == "no")

    @property
    def unknown(self) -> tuple[str, ...]:
        """Ids of the conditions that nobody can tell."""
        return tuple(reason.id for reason in self.reasons if reason.result == "unknown")


_Part = tuple[Evaluate, Blame]


@dataclass(frozen=True)
class Judge:
    """A rule set bound to a day and turned into closures."""

    kinds: Mapping[str, Type]
    titles: Mapping[str, str]
    derived: tuple[tuple[str, _Part], ...]
    conditions: tuple[tuple[Condition, tuple[str, ...], _Part], ...]
    decision: tuple[tuple[str, _Part, Mapping[str, _Part]], ...]
    outputs: Mapping[str, Type]

    @classmethod
    def of(cls, rules: RuleParts, *, as_of: date) -> "Judge":
        """The closures of a rule set on a day, or ``ValueNotInForce``."""
        roots = {each.name: each.roots for each in rules.derived}

        def part(expression: Expression) -> _Part:
            tree = bind(expression.tree, values=rules.values, as_of=as_of)
            return evaluation(tree), missing_of(tree, roots)

        return cls(
            kinds={name: rules.columns[name] for name in rules.reads},
            titles=rules.titles,
            derived=tuple((each.name, part(each.expression)) for each in rules.derived),
            conditions=tuple(
                (condition, tuple(sorted(expression.columns)), part(expression))
                for condition, expression in rules.conditions
            ),
            decision=tuple(
                (row.basis, part(when), {name: part(each) for name, each in then.items()})
                for row, when, then in rules.decision
            ),
            outputs=rules.outputs,
        )

    def judge(self, row: Mapping[str, Any]) -> Verdict:
        """The verdict on a row."""
        known: dict[Any, Any] = {
            name: read_value(row.get(name), kind) for name, kind in self.kinds.items()
        }
        for name, (value, missing) in self.derived:
            known[name] = value(known)
            if known[name] is None:
                known["missing", name] = missing(known)
        reasons = tuple(self._reason(known, *condition) for condition in self.conditions)
        results = {reason.result for reason in reasons}
        lacking = NOTHING.union(*(reason.missing for reason in reasons))
        if results != {"yes"}:
            result: Result = "no" if "no" in results else "unknown"
            return Verdict(
                result=result,
                reasons=reasons,
                missing=self._ordered(lacking),
                outputs=dict.fromkeys(self.outputs),
            )
        return self._decided(known, reasons)

    def _reason(
        self, known: dict[Any, Any], condition: Condition, names: tuple[str, ...], part: _Part
    ) -> Reason:
        value = part[0](known)
        result: Result = "unknown" if value is None else "yes" if value else "no"
        return Reason(
            id=condition.id,
            title=condition.title,
            result=result,
            names=names,
            missing=self._ordered(part[1](known)) if value is None else (),
            basis=condition.basis,
            titles=self.titles,
        )

    def _decided(self, known: dict[Any, Any], reasons: tuple[Reason, ...]) -> Verdict:
        nothing: dict[str, Any] = dict.fromkeys(self.outputs)
        for place, (basis, (when, missing), then) in enumerate(self.decision, start=1):
            found = when(known)
            if found is None:
                lacking = self._ordered(missing(known))
                return Verdict(result="yes", reasons=reasons, missing=lacking, outputs=nothing)
            if found:
                return self._row(known, reasons, (place, basis, then))
        return Verdict(result="yes", reasons=reasons, missing=(), outputs=nothing)

    def _row(
        self,
        known: dict[Any, Any],
        reasons: tuple[Reason, ...],
        row: tuple[int, str, Mapping[str, _Part]],
    ) -> Verdict:
        place, basis, then = row
        values = {name: value(known) for name, (value, _) in then.items()}
        lacking = NOTHING.union(
            *(missing(known) for name, (_, missing) in then.items() if values[name] is None)
        )
        return Verdict(
            result="yes",
            reasons=reasons,
            missing=self._ordered(lacking),
            outputs={name: read_value(values[name], self.outputs[name]) for name in self.outputs},
            decided=place,
            basis=basis,
        )

    def _ordered(self, names: frozenset[str]) -> tuple[str, ...]:
        return tuple(name for name in self.kinds if name in names)
