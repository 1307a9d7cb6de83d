"""Dated parameters: a value in force from one day until another, each with its legal basis."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yiwang.kernel.errors import Invalid
from yiwang.rules.tree import Scalar, Type
from yiwang.rules.values import read_value


class ValueNotInForce(Invalid):
    """A parameter has no value on the day asked for."""

    code = "rules.value_not_in_force"


class ParameterRefused(Invalid):
    """A parameter's values overlap, are of another type, or lack a basis."""

    code = "rules.parameter_refused"


class ValueNotGiven(Invalid):
    """An expression names a parameter or code table that nobody gave a value for."""

    code = "rules.value_not_given"


@dataclass(frozen=True, kw_only=True)
class DatedValue:
    """A value in force from ``from_`` (inclusive) until ``until`` (exclusive, None: open)."""

    from_: date
    until: date | None = None
    value: int | str | bool | Decimal | date
    """A decimal is written as text, ``"50.00"``; a date as ``YYYY-MM-DD``."""
    basis: str


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A named value that changes by date: an age, an amount, a threshold."""

    title: str
    type: Type = "integer"
    unit: str = ""
    values: tuple[DatedValue, ...]


@dataclass(frozen=True, kw_only=True)
class InForce:
    """The value of a parameter on a day, with the basis it stands on."""

    value: Scalar
    basis: str
    from_: date
    until: date | None


Value = int | str | bool | Decimal | date | Collection[str] | Parameter
"""What an expression may be given by name: a constant, a dated parameter, or a code table."""


def dated_value(parameter: Parameter, *, on: date) -> InForce:
    """The value in force on a day, or ``ValueNotInForce``."""
    for entry in parameter.values:
        if entry.from_ <= on and (entry.until is None or on < entry.until):
            value = read_value(entry.value, parameter.type)
            return InForce(value=value, basis=entry.basis, from_=entry.from_, until=entry.until)
    raise ValueNotInForce(
        f"参数“{parameter.title}”在 {on} 没有生效的值。",
        hint="在 parameters 中补一段 from … until … 覆盖这一天，并写明依据。",
        parameter=parameter.title,
        on=on.isoformat(),
    )


def constant(name: str, kind: Type, *, values: Mapping[str, Value], as_of: date) -> Scalar:
    """What a name stands for on a day."""
    given = values.get(name)
    if given is None:
        raise ValueNotGiven(f"没有给出参数“{name}”的值。", hint="在 values 中给出它。", name=name)
    if isinstance(given, Parameter):
        return dated_value(given, on=as_of).value
    value = read_value(given, kind)
    if value is None:
        raise ParameterRefused(f"参数“{name}”的值不是所声明的类型。", hint=f"应为 {kind}。")
    return value


def codes(table: str, *, values: Mapping[str, Value]) -> frozenset[str]:
    """The codes of a code table."""
    given = values.get(table)
    if given is None:
        raise ValueNotGiven(
            f"没有给出代码表“{table}”。",
            hint="核对 is_code 第二个参数：包名.代码表名。",
            name=table,
        )
    if isinstance(given, str) or not isinstance(given, Collection):
        raise ParameterRefused(f"“{table}”不是代码表。", hint="代码表是一组文本代码。")
    return frozenset(given)


def check_parameter(name: str, parameter: Parameter, *, bases: Collection[str] | None) -> None:
    """Refuse values of another type, without basis, with empty or overlapping periods."""
    before: DatedValue | None = None
    if not parameter.values:
        raise _refused(name, "没有任何值", "写出 values: [{from, value, basis}]。")
    for entry in sorted(parameter.values, key=lambda each: each.from_):
        if read_value(entry.value, parameter.type) is None:
            raise _refused(name, f"{entry.from_} 起的值不是 {parameter.type}", "改值或改 type。")
        if not entry.basis or (bases is not None and entry.basis not in bases):
            raise _refused(
                name, f"{entry.from_} 起的值没有依据或依据“{entry.basis}”未登记", "在 basis 登记。"
            )
        if entry.until is not None and entry.until <= entry.from_:
            raise _refused(name, f"{entry.from_} 起的一段为空", "until 应晚于 from。")
        if before and (before.until is None or entry.from_ < before.until):
            raise _refused(name, f"{entry.from_} 起的一段与前一段重叠", "给前一段写 until。")
        before = entry


def _refused(name: str, why: str, write: str) -> ParameterRefused:
    return ParameterRefused(f"参数“{name}”：{why}。", hint=write, parameter=name)
