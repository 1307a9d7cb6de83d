"""Whether answers fit a form: pure. Known values stand; the rest is typed and checked by rule.

A field whose ``when`` is not yes is not asked and its answer is dropped. A check that is unknown
(because an optional field is empty) lets the answer pass; a required field may not be empty.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yiwang.kernel.errors import Invalid
from yiwang.kernel.numbers import number_in
from yiwang.packkit.asking import is_asked, says, types_of
from yiwang.packkit.kinds.work import Field, Form, Material
from yiwang.packkit.merging import field_when
from yiwang.rules import parse

LONGEST = 2000
"""Characters of one answer."""


class AnswersRefused(Invalid):
    """Some answers do not fit; ``data["fields"]`` says which and why."""

    code = "forms.answers_refused"


@dataclass(frozen=True)
class Known:
    """A value the platform holds already, with where it comes from."""

    value: Any
    table: str
    source: str
    """What the table is called."""
    snapshot: str = ""
    title: str = ""
    """What a code stands for, where ``value`` is one."""

    @property
    def shown(self) -> Any:
        """The value as people read it."""
        return self.title or self.value


def fitting(form: Form, known: Mapping[str, Known], *, as_of: date) -> dict[str, Known]:
    """The known values that pass their field's own check; a wrong one is asked for instead."""
    values = {name: known[name].value if name in known else None for name in form.fields}
    return {
        name: one
        for name, one in known.items()
        if not form.fields[name].check
        or says(form.fields[name].check, types_of(form.fields), values, as_of=as_of) is not False
    }


def values_in(
    form: Form, answers: Mapping[str, Any], *, known: Mapping[str, Known]
) -> dict[str, Any]:
    """The typed values that answers, however incomplete or wrong, tell together with the known."""
    return _typed(form, answers, known, {})


def asked(
    form: Form, answers: Mapping[str, Any], *, known: Mapping[str, Known], as_of: date
) -> set[str]:
    """The fields that these answers, however incomplete, leave to be asked or shown."""
    values = _typed(form, answers, known, {})
    return {name for name in form.fields if is_asked(form, name, values, as_of=as_of)}


def deciding(form: Form) -> set[str]:
    """The fields on whose answers depends whether another is asked."""
    return _named(form, (field_when(form, field) for field in form.fields.values()))


def deciding_materials(form: Form, materials: Mapping[str, Material]) -> set[str]:
    """The fields on whose answers depends whether a material is needed."""
    return _named(form, (one.when for one in materials.values()))


def _named(form: Form, conditions: Iterable[str]) -> set[str]:
    types = types_of(form.fields)
    return {name for when in conditions if when for name in parse(when, columns=types).columns}


def check(
    form: Form,
    answers: Mapping[str, Any],
    *,
    known: Mapping[str, Known],
    as_of: date,
    codes: Mapping[str, Collection[str]] | None = None,
) -> dict[str, Any]:
    """The values of a filled form, typed, known ones included; ``AnswersRefused`` otherwise.

    An answer to a known field is refused when it differs: it was altered on its way. ``codes``
    holds the entries of each code table, without which codes are not checked.
    """
    wrong: dict[str, str] = {}
    values = _typed(form, answers, known, wrong)
    for name in set(answers) - set(form.fields):
        wrong[name] = "表单没有这一项。"
    asked_for = {name for name in form.fields if is_asked(form, name, values, as_of=as_of)}
    for name in asked_for - set(wrong):
        if reason := _fault(form, name, values, as_of):
            wrong[name] = reason
        elif name not in known and _is_no_choice(form.fields[name], values[name], codes or {}):
            wrong[name] = f"请从列出的选项中选择“{form.fields[name].title}”。"
    if wrong:
        raise AnswersRefused(
            f"有 {len(wrong)} 处需要修改。", hint="请按各项提示修改后再提交。", fields=wrong
        )
    return {name: values[name] for name in form.fields if name in asked_for}


def _typed(
    form: Form, answers: Mapping[str, Any], known: Mapping[str, Known], wrong: dict[str, str]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, field in form.fields.items():
        given = answers.get(name)
        if name in known:
            values[name] = known[name].value
            if given not in (
                None,
                "",
                known[name].value,
                str(known[name].value),
                known[name].title,
            ):
                wrong[name] = f"“{field.title}”来自{known[name].source}，不能修改。"
            continue
        try:
            values[name] = _value(given, field)
        except ValueError:
            wrong[name] = f"“{field.title}”的写法不对。"
            values[name] = None
    return values


def _value(given: Any, field: Field) -> Any:
    text = str(given).strip() if given is not None else ""
    if not text:
        return None
    if len(text) > LONGEST:
        raise ValueError("too long")
    match field.type:
        case "integer":
            number_in(text)
            return int(text)
        case "decimal":
            return number_in(text)
        case "boolean":
            return {"true": True, "on": True, "1": True, "false": False, "0": False}.get(
                text.lower()
            )
        case "date":
            return date.fromisoformat(text)
    return text


def _fault(form: Form, name: str, values: Mapping[str, Any], as_of: date) -> str:
    field = form.fields[name]
    if values[name] is None:
        return f"请填写“{field.title}”。" if field.required else ""
    types = types_of(form.fields)
    if field.check and says(field.check, types, values, as_of=as_of) is False:
        return f"“{field.title}”没有通过校验。{field.help}"
    return ""


def _is_no_choice(field: Field, value: Any, codes: Mapping[str, Collection[str]]) -> bool:
    if value is None:
        return False
    if field.options:
        return value not in field.options
    return bool(field.codes and codes) and value not in codes.get(field.codes, ())
