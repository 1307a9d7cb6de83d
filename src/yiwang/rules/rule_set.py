"""A rule set: dated parameters, derived values, conditions with their basis, a decision table.

The verdict is *yes* when every condition is yes, *no* when any is no, else *unknown* because of
what is missing. Outputs are given for yes only: by the first row of the decision table whose
``when`` is yes; a row that is unknown stops the search, since it might have been the one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yiwang.kernel.errors import Invalid
from yiwang.rules.dated import InForce, Parameter, check_parameter, dated_value
from yiwang.rules.deriving import Derived, derive
from yiwang.rules.judging import Judge, Verdict
from yiwang.rules.population import population
from yiwang.rules.reading import Expression, parse
from yiwang.rules.refusals import ExpressionRefused
from yiwang.rules.rule_parts import Condition, DecisionRow, RuleParts
from yiwang.rules.tree import TYPE_TITLES, Type

MOST = 60
"""Conditions, and columns read, of one rule set: failures and absences are bits of one integer."""


class RuleSetRefused(Invalid):
    """A rule set is incomplete or contradicts itself; ``data["part"]`` says where."""

    code = "rules.rule_set_refused"


@dataclass(frozen=True, kw_only=True)
class RuleSet(RuleParts):
    """A checked rule set; make it with ``RuleSet.build``."""

    _judges: dict[date, Judge] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def build(
        cls,
        *,
        columns: Mapping[str, Type],
        conditions: Sequence[Condition],
        id: str = "",  # noqa: A002 - as the field
        title: str = "",
        parameters: Mapping[str, Parameter] | None = None,
        derived: Mapping[str, str] | None = None,
        outputs: Mapping[str, Type] | None = None,
        decision: Sequence[DecisionRow] = (),
        bases: Collection[str] | None = None,
        codes: Mapping[str, Collection[str]] | None = None,
        titles: Mapping[str, str] | None = None,
    ) -> "RuleSet":
        """Parse and check everything, or refuse with the part that is wrong.

        ``columns`` are those of the rule's table; ``bases`` the ids of the pack's legal bases
        (None: not checked); ``codes`` the code tables by ``pack.register``; ``titles`` the
        Chinese names of columns, for reasons.
        """
        dated = dict(parameters or {})
        scope = _Scope.of(columns, dated, derived or {}, bases)
        built = cls(
            id=id,
            title=title,
            columns=dict(columns),
            titles=dict(titles or {}),
            values={**dated, **(codes or {})},
            derived=scope.derived,
            conditions=tuple(scope.condition(each) for each in conditions),
            outputs=dict(outputs or {}),
            decision=tuple(scope.row(row, outputs or {}) for row in decision),
        )
        _check_whole(built)
        return built

    def in_force(self, *, as_of: date) -> Mapping[str, InForce]:
        """The value and basis of each parameter on a day, or ``ValueNotInForce``."""
        given = self.values.items()
        return {name: dated_value(x, on=as_of) for name, x in given if isinstance(x, Parameter)}

    def judge(self, row: Mapping[str, Any], *, as_of: date) -> Verdict:
        """The verdict on one subject, with the reason of every condition."""
        if as_of not in self._judges:
            if len(self._judges) >= 64:
                self._judges.clear()
            self._judges[as_of] = Judge.of(self, as_of=as_of)
        return self._judges[as_of].judge(row)

    def population_sql(self, *, as_of: date, table: str, keep: Sequence[str] = ()) -> str:
        """One DuckDB SELECT that judges every row of ``table`` (``pack.table``).

        Its columns: ``keep``, then ``verdict`` (yes, no, unknown), ``failed`` and ``unknown``
        (lists of condition ids), ``missing`` (list of column names), ``decided`` (the row of the
        decision table from 1, or NULL), then the outputs.
        """
        return population(self, as_of=as_of, table=table, keep=keep)


@dataclass(frozen=True)
class _Scope:
    columns: Mapping[str, Type]
    parameters: Mapping[str, Type]
    bases: Collection[str] | None
    derived: tuple[Derived, ...]

    @classmethod
    def of(
        cls,
        columns: Mapping[str, Type],
        parameters: Mapping[str, Parameter],
        derived: Mapping[str, str],
        bases: Collection[str] | None,
    ) -> "_Scope":
        for name, parameter in parameters.items():
            check_parameter(name, parameter, bases=bases)
        kinds = {name: parameter.type for name, parameter in parameters.items()}
        _check_names(columns, kinds, derived)
        ordered = derive(derived, columns=columns, parameters=kinds)
        names = {**columns, **{each.name: each.expression.type for each in ordered}}
        return cls(names, kinds, bases, ordered)

    def condition(self, condition: Condition) -> tuple[Condition, Expression]:
        part = f"conditions.{condition.id}"
        self._check_basis(condition.basis, part)
        return condition, self._parsed(condition.check, "boolean", part)

    def row(
        self, row: DecisionRow, outputs: Mapping[str, Type]
    ) -> tuple[DecisionRow, Expression, Mapping[str, Expression]]:
        part = f"decision.{row.when}"
        self._check_basis(row.basis, part)
        if set(row.then) != set(outputs):
            wrong = "、".join(sorted(set(row.then) ^ set(outputs)))
            raise refused(part, f"then 与 outputs 不一致：{wrong}", "每行写全 outputs 的各项。")
        then = {
            name: self._parsed(text, outputs[name], f"{part}.{name}")
            for name, text in row.then.items()
        }
        return row, self._parsed(row.when, "boolean", part), then

    def _parsed(self, text: str, kind: Type, part: str) -> Expression:
        try:
            expression = parse(text, columns=self.columns, parameters=self.parameters)
        except ExpressionRefused as error:
            error.data["part"] = part
            raise
        fits = {kind, "integer"} if kind == "decimal" else {kind}
        if expression.type not in fits:
            found, needed = TYPE_TITLES[expression.type], TYPE_TITLES[kind]
            raise refused(part, f"应得{needed}，得到的是{found}", "改表达式或改类型。")
        return expression

    def _check_basis(self, basis: str, part: str) -> None:
        if not basis or (self.bases is not None and basis not in self.bases):
            raise refused(part, f"没有依据，或依据“{basis}”未登记", "在 pack.yaml 的 basis 登记。")


def refused(part: str, why: str, write: str) -> RuleSetRefused:
    """A refusal that names the part."""
    return RuleSetRefused(f"{part}：{why}。", hint=write, part=part)


def _check_names(
    columns: Mapping[str, Type], parameters: Mapping[str, Type], derived: Mapping[str, str]
) -> None:
    taken = [*columns, *parameters, *derived]
    for name in (*parameters, *derived):
        if taken.count(name) > 1 or name == "as_of":
            raise refused(name, "这个名字已被列、参数或派生值占用", "换一个名字。")


def _check_whole(rules: RuleSet) -> None:
    ids = [condition.id for condition, _ in rules.conditions]
    if not ids or len(set(ids)) != len(ids):
        raise refused("conditions", "没有条件，或条件 id 重复", "每个条件一个 id。")
    if len(ids) > MOST or len(rules.reads) > MOST:
        raise refused("conditions", f"条件或所读的列超过 {MOST} 个", "拆成几套规则。")
    for expression in rules.expressions:
        for table in expression.code_tables:
            if table not in rules.values:
                raise refused(table, "没有这个代码表", "核对 is_code 中的 包名.代码表名。")
