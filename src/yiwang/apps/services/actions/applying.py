"""Apply for an item: file it once, and open the case that decides it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec
from django.db import IntegrityError, transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.actions.drafting import kept_draft
from yiwang.apps.services.adoption import implementing
from yiwang.apps.services.applications import ApplicationView, Given, application_view
from yiwang.apps.services.desks import (
    Desk,
    Standing,
    applicant_in,
    desk_for,
    division_in,
    kept_files,
    policy_with,
)
from yiwang.apps.services.filling import checked, facts_of, shown
from yiwang.apps.services.items import ItemView
from yiwang.apps.services.judging import Judged, judge_now
from yiwang.apps.services.materials import SAVED, MaterialView
from yiwang.apps.services.models import Application, Draft
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict


class AlreadyHeld(Conflict):
    """The applicant has it, or a case about it is under way."""

    code = "services.already_held"


def file_application(
    ref: str, *, token: str, given: Given, actor: identity.Actor | None, at: datetime
) -> ApplicationView:
    """提交申请: check everything, open the case, and keep what it was filed with.

    The same ``token`` files once: a double submit gets the application of the first. What was
    entered is kept as a draft first, so that nothing is lost when it is refused.
    """
    desk, found = desk_for(ref, actor=actor, at=at)
    applicant = applicant_in(actor)
    if filed := Application.objects.filter(subject=applicant.subject, token=token).first():
        return application_view(filed)
    if desk.standing:
        raise already(desk.standing, desk.title)
    with transaction.atomic():
        draft, wrong = kept_draft(desk, applicant.subject, token=token, given=given, at=at)
    try:
        return _file(desk, found, draft, wrong, actor=applicant, at=at)
    except IntegrityError:
        # The other half of a double submit was faster; its case is the one.
        Draft.objects.filter(pk=draft.pk).delete()
        faster = Application.objects.filter(subject=applicant.subject, item=ref, state="waiting")
        if not (row := faster.first()):
            raise
        return application_view(row)


@transaction.atomic
def _file(
    desk: Desk,
    found: ItemView,
    draft: Draft,
    wrong: Mapping[str, str],
    *,
    actor: identity.Applicant,
    at: datetime,
) -> ApplicationView:
    files = kept_files(draft)
    materials = desk.resolved(draft.answers, agreed=draft.agreed, files=files, on=local_date(at))
    values = checked(desk, draft.answers, materials, wrong, at)
    row = filed_row(
        desk, found, values, materials, actor=actor, token=draft.token, files=files, at=at
    )
    draft.delete()
    return application_view(row)


def filed_row(
    desk: Desk,
    found: ItemView,
    values: Mapping[str, Any],
    materials: Sequence[MaterialView],
    *,
    actor: identity.Applicant,
    token: str,
    files: Mapping[str, casework.KeptFile],
    at: datetime,
    repeated: Collection[str] = (),
) -> Application:
    """The stored application of checked values, with its case and its record.

    ``repeated`` are the fields that another member of the same one-thing asked already.
    """
    policy = policy_with(found.content.license)
    judged = judge_now(policy, actor.subject, as_of=local_date(at)) if policy else Judged()
    fields = shown(desk, values)
    sent = [one for one in materials if one.source == "upload" and one.id in files]
    number = _open_case(
        found,
        division_in(desk.form, values),
        actor,
        at,
        facts={**dict(fields), **facts_of(materials, judged)},
        files={one.title: files[one.id] for one in sent},
    )
    row = _unsaved(desk, found, values, materials, judged)
    row.saved_fields = sum(name in desk.known or name in repeated for name in values)
    row.content |= {"fields": fields}
    row.subject, row.case, row.token, row.filed_at = actor.subject, number, token, at
    row.save()
    _leave_record(row, {one.id: files[one.id] for one in sent}, actor, at)
    return row


def _unsaved(
    desk: Desk,
    found: ItemView,
    values: Mapping[str, Any],
    materials: Sequence[MaterialView],
    judged: Judged,
) -> Application:
    return Application(
        item=found.ref,
        content={**msgspec.to_builtins(found.content), "version": found.version},
        answers=msgspec.to_builtins(values),
        materials=[asdict(one) for one in materials],
        verdict=judged.verdict,
        outputs=judged.known,
        license=found.content.license,
        all_fields=len(values),
        saved_materials=sum(one.source in SAVED for one in materials),
        all_materials=sum(one.source != "not_needed" for one in materials),
    )


def _open_case(
    found: ItemView,
    division: str,
    actor: identity.Applicant,
    at: datetime,
    *,
    facts: Mapping[str, str],
    files: Mapping[str, casework.KeptFile],
) -> str:
    """On the item's flow, with the promise of who handles it as its clock.

    It is handled by the organ that adopted the item for the applicant's division, else by the
    item's own; where the form says no division, it is the organ's.
    """
    handled = implementing(found, division)
    case = casework.open_case(
        flow=found.content.flow,
        subject=actor.subject,
        title=found.title,
        organ=handled.organ,
        division=division or identity.organ(handled.organ).division,
        facts=facts,
        actor=actor,
        at=at,
        applicant=actor.subject,
        limit=handled.promised_limit,
        legal_limit=found.content.legal_limit,
        parties=found.content.parties,
        files=files,
    )
    return case.number


def _leave_record(
    row: Application,
    files: Mapping[str, casework.KeptFile],
    actor: identity.Applicant,
    at: datetime,
) -> None:
    journal.record(
        "application.filed",
        subject=row.subject,
        actor=actor.hand,
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


def already(standing: Standing, title: str) -> AlreadyHeld:
    """The refusal that says where the case or the licence is."""
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
