"""What a form asks, which materials an item needs and which items a one-thing takes: pure.

A condition that is unknown, because what it depends on is not answered yet, is not a yes.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from yiwang.packkit.kinds.bundles import Bundle, Guide, Outcome
from yiwang.packkit.kinds.shared import Type
from yiwang.packkit.kinds.work import Field, Form, Material
from yiwang.packkit.merging import field_when
from yiwang.rules import Expression, compile, parse  # noqa: A004 - the door's word

Values = Mapping[str, Any]


def says(text: str, types: Mapping[str, Type], values: Values, *, as_of: date) -> bool | None:
    """What a condition over typed values says: yes, no, or unknown."""
    expression = _parsed(text, tuple(sorted(types.items())))
    every = {name: values.get(name) for name in types}
    answer: bool | None = compile(expression, values={}, as_of=as_of)(every).value
    return answer


def types_of(fields: Mapping[str, Field]) -> dict[str, Type]:
    """The types of fields, as expressions over them need them."""
    return {name: one.type for name, one in fields.items()}


def is_asked(form: Form, name: str, values: Values, *, as_of: date) -> bool:
    """Whether a field is asked: its part and its own condition say yes."""
    when = field_when(form, form.fields[name])
    return not when or says(when, types_of(form.fields), values, as_of=as_of) is True


def needed(
    materials: Mapping[str, Material], form: Form, values: Values, *, as_of: date
) -> dict[str, Material]:
    """The materials that are needed in the situation that the values tell."""
    types = types_of(form.fields)
    return {
        name: one
        for name, one in materials.items()
        if not one.when or says(one.when, types, values, as_of=as_of) is True
    }


def wanted(bundle: Bundle, form: Form, values: Values, *, as_of: date) -> tuple[str, ...]:
    """The members of a one-thing that the values ask for."""
    types = types_of(form.fields)
    return tuple(
        name
        for name, one in bundle.members.items()
        if not one.when or says(one.when, types, values, as_of=as_of) is True
    )


def fitting_outcomes(guide: Guide, values: Values, *, as_of: date) -> tuple[Outcome, ...]:
    """What is to be done in the situation that the answers tell."""
    types = types_of(guide.questions)
    return tuple(
        one for one in guide.outcomes if says(one.when, types, values, as_of=as_of) is True
    )


@lru_cache(maxsize=2048)
def _parsed(text: str, types: tuple[tuple[str, Type], ...]) -> Expression:
    return parse(text, columns=dict(types))
