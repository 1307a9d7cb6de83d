"""Keep a draft: what was filled in so far, and the files that were taken with it."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.applications import Given
from yiwang.apps.services.desks import Desk, applicant_in, desk_for
from yiwang.apps.services.filling import refused
from yiwang.apps.services.models import Application, Draft
from yiwang.kernel import ids

LONGEST_TOKEN, LONGEST_ANSWER = 36, 2000


def save_draft(
    ref: str, *, token: str, given: Given, actor: identity.Actor | None, at: datetime
) -> None:
    """保存草稿: keep what was filled in; files that cannot be taken are refused at their input."""
    desk, _ = desk_for(ref, actor=actor, at=at)
    if Application.objects.filter(subject=applicant_in(actor).subject, token=token).exists():
        return  # filed already: a late click keeps nothing
    keep(desk, applicant_in(actor), token=token, given=given, at=at)


def keep(
    desk: Desk, applicant: identity.Applicant, *, token: str, given: Given, at: datetime
) -> None:
    """Keep a draft and leave a record; ``ApplicationRefused`` names files that were not taken."""
    with transaction.atomic():
        _, wrong = kept_draft(desk, applicant.subject, token=token, given=given, at=at)
        journal.record(
            "application.draft_saved",
            subject=applicant.subject,
            actor=applicant.hand,
            at=at,
            facts={"item": desk.ref},
        )
    if wrong:
        raise refused(wrong)


def kept_draft(
    desk: Desk, subject: str, *, token: str, given: Given, at: datetime
) -> tuple[Draft, dict[str, str]]:
    """The draft with what was given now, and what is wrong with its files."""
    row = Draft.objects.filter(item=desk.ref, subject=subject).first()
    files, wrong = dict(row.files) if row else {}, {}
    for name, file in given.files.items():
        if name not in desk.materials:
            continue
        title = desk.materials[name].title
        try:
            files[name] = asdict(casework.keep_file(file.content, title=title))
        except casework.FileRefused as refusal:
            wrong[f"material-{name}"] = f"{refusal.message}{refusal.hint}"
    values = {
        "answers": {
            name: text[:LONGEST_ANSWER]
            for name, text in given.answers.items()
            if name in desk.form.fields
        },
        "agreed": sorted(given.agreed & set(desk.materials)),
        "files": files,
        "saved_at": at,
    }
    kept, _ = Draft.objects.update_or_create(
        item=desk.ref,
        subject=subject,
        defaults=values,
        create_defaults={**values, "token": token[:LONGEST_TOKEN] or ids.new_id()},
    )
    return kept, wrong
