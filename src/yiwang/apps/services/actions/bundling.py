"""File a one-thing, begin its members as they become possible, and put right what falls.

Members without ``after`` begin at once, at several organs, each with its own case and clock; the
others begin when those before them are granted. When one is refused, who waits for it is dropped,
who falls with it is withdrawn while under way, and the organ that has granted it already gets a
case to undo that. Everything happens in the transaction of the decision that caused it.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec
from django.db import IntegrityError, transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.actions.applying import already, filed_row
from yiwang.apps.services.actions.drafting import keep, kept_draft
from yiwang.apps.services.applications import Given
from yiwang.apps.services.bundles import (
    FINAL,
    BundleView,
    FilingView,
    FrozenBundle,
    bundle,
    bundle_desk,
    filing_view,
    members_wanted,
    standing_at,
)
from yiwang.apps.services.desks import Desk, applicant_in, kept_files
from yiwang.apps.services.filling import checked, shown
from yiwang.apps.services.items import item
from yiwang.apps.services.materials import Holdings, MaterialView
from yiwang.apps.services.models import Application, BundleFiling, BundlePart, Draft
from yiwang.kernel import ids
from yiwang.kernel.clock import local_date
from yiwang.packkit.asking import is_asked, needed

PLATFORM = "services"
PREFIX = "LB"
"""联办 numbers, told apart from those of cases."""


def save_bundle_draft(
    ref: str, *, token: str, given: Given, actor: identity.Actor | None, at: datetime
) -> None:
    """保存草稿 of a one-thing."""
    desk = bundle_desk(bundle(ref), actor=actor, at=at)
    if not BundleFiling.objects.filter(subject=applicant_in(actor).subject, token=token).exists():
        keep(desk, applicant_in(actor), token=token, given=given, at=at)


def file_bundle(
    ref: str, *, token: str, given: Given, actor: identity.Actor | None, at: datetime
) -> FilingView:
    """提交一件事: one form checked once, then a case for each member that may begin.

    The same ``token`` files once, also when it is sent twice at the same time.
    """
    found, applicant = bundle(ref), applicant_in(actor)
    desk = bundle_desk(found, actor=actor, at=at)
    mine = BundleFiling.objects.filter(subject=applicant.subject)
    if filed := mine.filter(token=token).first():
        return filing_view(filed, at=at, with_fields=True)
    if desk.standing:
        raise already(desk.standing, desk.title)
    with transaction.atomic():
        draft, wrong = kept_draft(desk, applicant.subject, token=token, given=given, at=at)
    try:
        row = _file(found, desk, draft, wrong, applicant=applicant, at=at)
    except IntegrityError:
        Draft.objects.filter(pk=draft.pk).delete()
        if not (row := mine.filter(bundle=ref, ended_at=None).first()):
            raise
    return filing_view(row, at=at, with_fields=True)


@transaction.atomic
def _file(
    found: BundleView,
    desk: Desk,
    draft: Draft,
    wrong: Mapping[str, str],
    *,
    applicant: identity.Applicant,
    at: datetime,
) -> BundleFiling:
    files = kept_files(draft)
    materials = desk.resolved(draft.answers, agreed=draft.agreed, files=files, on=local_date(at))
    values = checked(desk, draft.answers, materials, wrong, at)
    row = BundleFiling.objects.create(
        number=ids.new_id(),
        bundle=found.ref,
        title=found.title,
        organ=found.organ,
        content=_content(found, desk, values, applicant),
        subject=applicant.subject,
        token=draft.token,
        answers=msgspec.to_builtins(values),
        materials=[asdict(one) for one in materials],
        files={name: asdict(one) for name, one in files.items()},
        saved_fields=sum(name in desk.known for name in values),
        all_fields=len(values),
        repeated_fields=found.content.repeated,
        filed_at=at,
    )
    row.number = ids.number(prefix=PREFIX, day=local_date(at), sequence=row.pk)
    row.save(update_fields=["number"])
    _record("bundle.filed", row, applicant.hand, at, saved_fields=row.saved_fields)
    for member in members_wanted(found, desk, draft.answers, at):
        _part(row, found, member, applicant, at)
    draft.delete()
    _go_on(row, at=at)
    return row


def _content(
    found: BundleView, desk: Desk, values: Mapping[str, Any], applicant: identity.Applicant
) -> dict[str, Any]:
    """What a filing is frozen with: the one-thing, what was known, and who filed it."""
    known = {name: asdict(one) for name, one in desk.known.items() if name in values}
    return {
        "frozen": msgspec.to_builtins(found.content),
        "shown": shown(desk, values),
        "known": msgspec.to_builtins(known),
        "applicant": {
            "kind": applicant.kind,
            "name": applicant.name,
            "assisted_by": applicant.assisted_by,
        },
    }


def _part(
    row: BundleFiling,
    found: BundleView,
    member: str,
    applicant: identity.Applicant,
    at: datetime,
) -> None:
    """One member, unless the applicant has what it gives, or has applied for it, already."""
    one = found.items[member]
    standing = standing_at(one, applicant, at)
    state = {"granted": "held", "waiting": "waiting"}[standing.kind] if standing else "pending"
    BundlePart.objects.create(
        filing=row,
        member=member,
        item=one.ref,
        title=one.title,
        organ=one.organ,
        state=state,
        case=standing.case if standing else "",
        license=standing.license if standing else "",
        because="先前已单独申请。" if standing and state == "waiting" else "",
    )


def follow_bundle(case: str, *, officer: identity.Actor | str, at: datetime) -> None:
    """Carry on what an ended case means for the one-thing it belongs to; called in its act."""
    for part in BundlePart.objects.select_related("filing").filter(case=case, state="waiting"):
        decided = Application.objects.get(case=case)
        part.state, part.license = decided.state, _license(decided)
        if part.state == "waiting":
            part.state = "withdrawn"
        part.save(update_fields=["state", "license"])
        _go_on(part.filing, at=at)
    for part in BundlePart.objects.select_related("filing").filter(undo_case=case, state="undoing"):
        _undone(part, officer=officer, at=at)
        _go_on(part.filing, at=at)


def pursue_late_members(*, at: datetime) -> int:
    """督办: for each member whose organ has not answered in time, a case for the lead organ."""
    opened = 0
    late = BundlePart.objects.filter(state="waiting", late_case="").select_related("filing")
    for part in late.exclude(case=""):
        standing = casework.standing(part.case)
        if standing.is_ended or standing.due_at is None or standing.due_at >= at:
            continue
        if standing.provisional:  # nobody is pursued by a date that may still move
            continue
        with transaction.atomic():
            flow = _frozen(part.filing).bundle.late_flow
            part.late_case = _case_between_organs(
                part, flow, f"督办：{part.title}逾期未办结", part.filing.organ, at
            )
            part.save(update_fields=["late_case"])
            _record("bundle.member_late", part.filing, PLATFORM, at, member=part.member)
        opened += 1
    return opened


def _go_on(row: BundleFiling, *, at: datetime) -> None:
    """Begin what may begin, drop what cannot, take back what falls, until nothing changes."""
    frozen = _frozen(row)
    changed = True
    while changed:
        parts = {one.member: one for one in row.parts.select_for_update().order_by("id")}
        steps = [_step(row, frozen, one, parts, at) for one in parts.values()]
        changed = any(steps)
    if all(one.state in FINAL for one in parts.values()) and row.ended_at is None:
        row.ended_at = at
        row.save(update_fields=["ended_at"])
        _record("bundle.ended", row, PLATFORM, at)


def _step(
    row: BundleFiling,
    frozen: FrozenBundle,
    part: BundlePart,
    parts: Mapping[str, BundlePart],
    at: datetime,
) -> bool:
    """One change to one part, if there is one to be made."""
    said = frozen.bundle.members[part.member]
    fallen = [parts[n] for n in said.falls_with if n in parts and _failed(parts[n])]
    blocked = [parts[n] for n in said.after if n in parts and _failed(parts[n])]
    if fallen and part.state == "waiting":
        part.state, part.because = "dropped", f"“{fallen[0].title}”未办成。"
        part.save(update_fields=["state", "because"])
        casework.act(
            number=part.case, verb="withdraw", officer=PLATFORM, at=at, reason=part.because
        )
        Application.objects.filter(case=part.case).update(state=Application.State.WITHDRAWN)
        return True
    if fallen and part.state == "granted" and not part.undo_case:
        _begin_undoing(row, frozen, part, fallen[0], at)
        return True
    if part.state != "pending":
        return False
    if fallen or blocked:
        part.state, part.because = "dropped", f"“{(fallen or blocked)[0].title}”未办成。"
        part.save(update_fields=["state", "because"])
        return True
    if all(parts[n].state in ("granted", "held") for n in said.after if n in parts):
        _begin(row, frozen, part, at)
        return True
    return False


def _failed(part: BundlePart) -> bool:
    return part.state in ("denied", "dropped", "undone", "withdrawn")


def _begin(row: BundleFiling, frozen: FrozenBundle, part: BundlePart, at: datetime) -> None:
    """Open the member's own case with what of the one form is its own."""
    found = item(part.item)
    form = forms.form(found.content.form)
    known = {
        name: forms.Known(**one)
        for name, one in row.content["known"].items()
        if name in form.fields
    }
    desk = Desk(
        ref=part.item,
        title=part.title,
        form=form,
        materials=found.content.materials,
        known=known,
        held=Holdings({}, {}),
        standing=None,
    )
    on = local_date(at)
    # What was known then is read from what was filed, typed anew; it was checked then.
    values = forms.values_in(form, {n: _sent(row.answers.get(n)) for n in form.fields}, known={})
    asked = {n: v for n, v in values.items() if is_asked(form, n, values, as_of=on)}
    wants = needed(found.content.materials, form, values, as_of=on)
    resolved = [MaterialView(**one) for one in row.materials if one["id"] in wants]
    filed = filed_row(
        desk,
        found,
        asked,
        resolved,
        actor=_applicant(row),
        token=f"{row.pk}-{part.member}"[:36],
        files={name: casework.KeptFile(**one) for name, one in row.files.items()},
        at=at,
        repeated=_asked_before(row, frozen, part),
    )
    part.state, part.case = "waiting", filed.case
    part.save(update_fields=["state", "case"])


def _asked_before(row: BundleFiling, frozen: FrozenBundle, part: BundlePart) -> set[str]:
    """The fields that an earlier member of the one form asks too: they were given once for all."""
    earlier = row.parts.filter(pk__lt=part.pk).values_list("member", flat=True)
    return {name for member in earlier for name in frozen.fields_of[member]}


def _begin_undoing(
    row: BundleFiling, frozen: FrozenBundle, part: BundlePart, fallen: BundlePart, at: datetime
) -> None:
    part.state, part.because = "undoing", f"“{fallen.title}”未办成，已请承办单位撤回。"
    part.undo_case = _case_between_organs(
        part, frozen.bundle.undo_flow, f"撤回：{part.title}", part.organ, at
    )
    part.save(update_fields=["state", "because", "undo_case"])
    _record("bundle.undo_asked", row, PLATFORM, at, member=part.member, case=part.undo_case)


def _undone(part: BundlePart, *, officer: identity.Actor | str, at: datetime) -> None:
    """The organ decided about what it had granted: its licence goes, or it stays."""
    end = casework.standing(part.undo_case)
    if end.step != "undone":
        part.state, part.because = "granted", "承办单位决定保留。"
    else:
        part.state = "undone"
        if part.license and isinstance(officer, identity.Officer):
            credentials.revoke(
                number=part.license, reason=part.because or "一件事撤回", officer=officer, at=at
            )
        Application.objects.filter(case=part.case).update(state=Application.State.WITHDRAWN)
    part.save(update_fields=["state", "because"])


def _case_between_organs(part: BundlePart, flow: str, title: str, organ: str, at: datetime) -> str:
    """A case that one organ owes another: it is about the filing, not about a person."""
    case = casework.open_case(
        flow=flow,
        subject=part.filing.number,
        title=title,
        organ=organ,
        division=identity.organ(organ).division,
        facts={
            "联办编号": part.filing.number,
            "一件事": part.filing.title,
            "联办事项": part.title,
            "办件编号": part.case,
            "承办单位": identity.organ(part.organ).title,
        },
        actor=PLATFORM,
        at=at,
    )
    return case.number


def _license(row: Application) -> str:
    if row.state != "granted" or not row.license:
        return ""
    own = credentials.licenses_of(row.subject, actor=_reader(row), at=row.filed_at)
    return next((one.number for one in own if one.case == row.case), "")


def _reader(row: Application) -> identity.Applicant:
    return identity.Applicant(subject=row.subject, kind="person", name="")


def _applicant(row: BundleFiling) -> identity.Applicant:
    """Who filed it, as the one for whom later members begin."""
    return identity.Applicant(subject=row.subject, **row.content["applicant"])


def _frozen(row: BundleFiling) -> FrozenBundle:
    return msgspec.convert(row.content["frozen"], FrozenBundle)


def _sent(value: Any) -> str:
    """A stored value as a form would send it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _record(event: str, row: BundleFiling, actor: str, at: datetime, **facts: str | int) -> None:
    journal.record(
        event,
        subject=row.subject,
        actor=actor,
        at=at,
        purpose=row.title,
        facts={"filing": row.number, "bundle": row.bundle, **facts},
    )
