"""Apply for an item: keep a draft, file it once, and let the decision bring what was asked for."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, cast

import msgspec
from django.db import IntegrityError, transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.applications import (
    ApplicationView,
    Desk,
    Given,
    Standing,
    application_view,
    desk_for,
    desk_subject,
    kept_files,
    policy_with,
)
from yiwang.apps.services.judging import Judged, judge_now
from yiwang.apps.services.materials import SAVED, MaterialView, resolve
from yiwang.apps.services.models import Application, Draft
from yiwang.apps.services.queries import VERDICTS
from yiwang.kernel import ids
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid

DIVISIONS = "base.divisions"
LONGEST_TOKEN, LONGEST_ANSWER = 36, 2000
ASK = {"commitment": "请阅读并作出承诺：{}。", "upload": "请上传“{}”。"}


class ApplicationRefused(Invalid):
    """Answers or materials do not suffice; ``data["fields"]`` says at which input and why.

    Inputs are ``answer-<field>`` and ``material-<material>``.
    """

    code = "services.application_refused"

    @property
    def fields(self) -> dict[str, str]:
        """Input to what is wrong with it."""
        return cast(dict[str, str], self.data["fields"])


class AlreadyHeld(Conflict):
    """The applicant has it, or a case about it is under way."""

    code = "services.already_held"


def save_draft(
    ref: str, *, token: str, given: Given, actor: identity.Actor | None, at: datetime
) -> None:
    """保存草稿: keep what was filled in; files that cannot be taken are refused at their input."""
    desk, subject = desk_for(ref, actor=actor, at=at), desk_subject(actor)
    if Application.objects.filter(subject=subject, token=token).exists():
        return  # filed already: a late click keeps nothing
    with transaction.atomic():
        _, wrong = _kept(desk, subject, token=token, given=given, at=at)
        journal.record(
            "application.draft_saved", subject=subject, actor=subject, at=at, facts={"item": ref}
        )
    if wrong:
        raise _refused(wrong)


def file_application(
    ref: str, *, token: str, given: Given, actor: identity.Actor | None, at: datetime
) -> ApplicationView:
    """提交申请: check everything, open the case, and keep what it was filed with.

    The same ``token`` files once: a double submit gets the application of the first. What was
    entered is kept as a draft first, so that nothing is lost when it is refused.
    """
    desk, subject = desk_for(ref, actor=actor, at=at), desk_subject(actor)
    if found := Application.objects.filter(subject=subject, token=token).first():
        return application_view(found)
    if desk.standing:
        raise _already(desk.standing, desk.item.title)
    with transaction.atomic():
        draft, wrong = _kept(desk, subject, token=token, given=given, at=at)
    try:
        return _file(desk, draft, wrong, actor=actor, at=at)
    except IntegrityError:
        # The other half of a double submit was faster; its case is the one.
        Draft.objects.filter(pk=draft.pk).delete()
        found = Application.objects.filter(subject=subject, item=ref, state="waiting").first()
        if found is None:
            raise
        return application_view(found)


def _kept(
    desk: Desk, subject: str, *, token: str, given: Given, at: datetime
) -> tuple[Draft, dict[str, str]]:
    """The draft with what was given now, and what is wrong with its files."""
    row = Draft.objects.filter(item=desk.item.ref, subject=subject).first()
    files, wrong = dict(row.files) if row else {}, {}
    for name, file in given.files.items():
        if name not in desk.item.content.materials:
            continue
        title = desk.item.content.materials[name].title
        try:
            files[name] = asdict(casework.keep_file(file.content, title=title))
        except casework.FileRefused as refusal:
            wrong[f"material-{name}"] = f"{refusal.message}{refusal.hint}"
    answers = {
        name: text[:LONGEST_ANSWER]
        for name, text in given.answers.items()
        if name in desk.form.fields
    }
    agreed = sorted(given.agreed & set(desk.item.content.materials))
    kept, _ = Draft.objects.update_or_create(
        item=desk.item.ref,
        subject=subject,
        defaults={"answers": answers, "agreed": agreed, "files": files, "saved_at": at},
        create_defaults={
            "answers": answers,
            "agreed": agreed,
            "files": files,
            "saved_at": at,
            "token": token[:LONGEST_TOKEN] or ids.new_id(),
        },
    )
    return kept, wrong


@transaction.atomic
def _file(
    desk: Desk,
    draft: Draft,
    wrong: Mapping[str, str],
    *,
    actor: identity.Actor | None,
    at: datetime,
) -> ApplicationView:
    assert isinstance(actor, identity.Applicant)
    files = kept_files(draft)
    materials = resolve(desk.item.content.materials, desk.held, agreed=draft.agreed, files=files)
    values = _checked(desk, draft.answers, materials, wrong, at)
    policy = policy_with(desk.item.content.license)
    judged = judge_now(policy, actor.subject, as_of=local_date(at)) if policy else Judged()
    fields = _shown(desk, values)
    number = _open_case(
        desk,
        values,
        actor,
        at,
        facts={**dict(fields), **_facts(materials, judged)},
        files={one.title: files[one.id] for one in materials if one.source == "upload"},
    )
    row = _unsaved(desk, values, materials, judged)
    row.content |= {"fields": fields}
    row.subject, row.case, row.token, row.filed_at = actor.subject, number, draft.token, at
    row.save()
    draft.delete()
    _leave_record(row, files, at)
    return application_view(row)


def _unsaved(
    desk: Desk, values: Mapping[str, Any], materials: list[MaterialView], judged: Judged
) -> Application:
    return Application(
        item=desk.item.ref,
        content=msgspec.to_builtins(desk.item.content),
        answers=msgspec.to_builtins(values),
        materials=[asdict(one) for one in materials],
        verdict=judged.verdict,
        outputs=judged.known,
        license=desk.item.content.license,
        saved_fields=len(desk.known),
        saved_materials=sum(one.source in SAVED for one in materials),
    )


def _open_case(
    desk: Desk,
    values: Mapping[str, Any],
    actor: identity.Applicant,
    at: datetime,
    *,
    facts: Mapping[str, str],
    files: Mapping[str, casework.KeptFile],
) -> str:
    """On the item's flow, with the item's own promise as its clock, where the applicant lives."""
    case = casework.open_case(
        flow=desk.item.content.flow,
        subject=actor.subject,
        title=desk.item.title,
        organ=desk.item.organ,
        division=_division(desk, values),
        facts=facts,
        actor=actor,
        at=at,
        applicant=actor.subject,
        limit=desk.item.content.promised_limit,
        files=files,
    )
    return case.number


def _leave_record(row: Application, files: Mapping[str, casework.KeptFile], at: datetime) -> None:
    journal.record(
        "application.filed",
        subject=row.subject,
        actor=row.subject,
        at=at,
        purpose=row.content["title"],
        case=row.case,
        facts={
            "item": row.item,
            "saved_fields": row.saved_fields,
            "saved_materials": row.saved_materials,
            **{f"file_{name}": one.digest for name, one in files.items()},
        },
    )


def _checked(
    desk: Desk,
    answers: Mapping[str, str],
    materials: list[MaterialView],
    wrong: Mapping[str, str],
    at: datetime,
) -> dict[str, Any]:
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
        raise _refused(found)
    return values


def _refused(wrong: Mapping[str, str]) -> ApplicationRefused:
    return ApplicationRefused(
        f"有 {len(wrong)} 处需要修改。", hint="请按各项提示修改后再提交。", fields=dict(wrong)
    )


def _already(standing: Standing, title: str) -> AlreadyHeld:
    if standing.kind == "granted":
        return AlreadyHeld(
            f"您已享有“{title}”，不用再申请。",
            hint="在“我的办件”可以查看证照。",
            license=standing.license,
        )
    return AlreadyHeld(
        f"您的“{title}”正在办理（{standing.case}），不用重复申请。",
        hint="在“我的办件”可以查看进展。",
        case=standing.case,
    )


def _shown(desk: Desk, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (desk.form.fields[name].title, _text(desk, name, value))
        for name, value in values.items()
        if value is not None
    ]


def _text(desk: Desk, name: str, value: Any) -> str:
    if name in desk.known:
        return str(desk.known[name].shown)
    if codes := desk.form.fields[name].codes:
        return dict(forms.options(codes)).get(value, str(value))
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, date) else str(value)


def _facts(materials: list[MaterialView], judged: Judged) -> dict[str, str]:
    facts = {
        f"材料：{one.title}": f"{one.origin}{one.proof and ' '}{one.proof}" for one in materials
    }
    if judged.verdict:
        facts["规则判断"] = "；".join((VERDICTS[judged.verdict], *judged.reasons))
    return facts


def _division(desk: Desk, values: Mapping[str, Any]) -> str:
    """Where the case is handled: the first division that the form says, else the organ's own."""
    for name, one in desk.form.fields.items():
        if one.codes == DIVISIONS and values.get(name):
            return str(values[name])
    return identity.organ(desk.item.organ).division
