"""A filled form, looked at whole: what is wrong and where, what it says, what an officer reads."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from yiwang.apps.forms import public as forms
from yiwang.apps.services.desks import Desk
from yiwang.apps.services.judging import Judged
from yiwang.apps.services.materials import MaterialView
from yiwang.apps.services.queries import VERDICTS
from yiwang.kernel.errors import Invalid

ASK = {"commitment": "请阅读并作出承诺：{}。", "upload": "请上传“{}”。"}


class ApplicationRefused(Invalid):
    """Answers or materials do not suffice; ``data["fields"]`` says at which input and why.

    Inputs are ``answer-<field>`` and ``material-<material>``.
    """

    code = "services.application_refused"


def checked(
    desk: Desk,
    answers: Mapping[str, str],
    materials: Iterable[MaterialView],
    wrong: Mapping[str, str],
    at: datetime,
) -> dict[str, Any]:
    """The values of the form, or ``ApplicationRefused`` with everything that is wrong."""
    found: dict[str, str] = {}
    values: dict[str, Any] = {}
    try:
        values = forms.check_known(desk.form, answers=answers, known=desk.known, at=at)
    except forms.AnswersRefused as refusal:
        found = {f"answer-{name}": text for name, text in refusal.fields.items()}
    for one in materials:
        if not one.is_met:
            found[f"material-{one.id}"] = ASK[one.source].format(one.title)
    found |= wrong
    if found:
        raise refused(found)
    return values


def refused(wrong: Mapping[str, str]) -> ApplicationRefused:
    """The refusal that says what is wrong at each input."""
    return ApplicationRefused(
        f"有 {len(wrong)} 处需要修改。", hint="请按各项提示修改后再提交。", fields=dict(wrong)
    )


def shown(desk: Desk, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The values by their titles, as people read them."""
    return [
        (desk.form.fields[name].title, _text(desk, name, value))
        for name, value in values.items()
        if value is not None
    ]


def facts_of(materials: Iterable[MaterialView], judged: Judged) -> dict[str, str]:
    """What the officer reads beside the answers: where materials come from, what the rules say."""
    facts = {
        f"材料：{one.title}": f"{one.origin}{one.proof and ' '}{one.proof}"
        for one in materials
        if one.source != "not_needed"
    }
    if judged.verdict:
        facts["规则判断"] = "；".join((VERDICTS[judged.verdict], *judged.reasons))
    return facts


def _text(desk: Desk, name: str, value: Any) -> str:
    if name in desk.known:
        return str(desk.known[name].shown)
    field = desk.form.fields[name]
    if field.codes:
        return dict(forms.options(field.codes)).get(value, str(value))
    if field.options:
        return field.options.get(value, str(value))
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, date) else str(value)
