"""What an applicant sees before and after filing: known values, open questions, materials."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from yiwang.apps.casework import public as casework
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.apps.services.desks import Desk, Standing, applicant_in, desk_for, kept_files
from yiwang.apps.services.items import ItemView
from yiwang.apps.services.materials import SAVED, MaterialView
from yiwang.apps.services.models import Application, Draft
from yiwang.kernel import ids
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotFound


class ApplicationUnknown(NotFound):
    """No application of the applicant has this case number."""

    code = "services.application_unknown"


@dataclass(frozen=True, kw_only=True)
class Given:
    """What an applicant gives: answers by field, materials promised, files by material."""

    answers: Mapping[str, str] = field(default_factory=dict)
    agreed: frozenset[str] = frozenset()
    files: Mapping[str, casework.EvidenceFile] = field(default_factory=dict)


@dataclass(frozen=True)
class KnownField:
    """A field that the applicant need not fill in."""

    name: str
    title: str
    value: Any
    source: str


@dataclass(frozen=True)
class AskedField:
    """A field that the applicant fills in; ``decides``: others are asked or not by its answer."""

    name: str
    title: str
    type: str
    value: str
    help: str
    required: bool
    options: tuple[tuple[str, str], ...]
    decides: bool
    part: str = ""
    """The title of the part of the form it stands in."""


@dataclass(frozen=True)
class FormPage:
    """A form as it can be filled in now, of an item or of a one-thing."""

    ref: str
    title: str
    token: str
    known: tuple[KnownField, ...]
    asked: tuple[AskedField, ...]
    materials: tuple[MaterialView, ...]
    saved_materials: int
    draft_saved_at: datetime | None
    standing: Standing | None
    answers: Mapping[str, str]
    """What was answered so far, as it was sent."""


@dataclass(frozen=True)
class ApplicationPage(FormPage):
    """An item's form, with the item."""

    item: ItemView


@dataclass(frozen=True)
class ApplicationView:
    """An application that was filed."""

    item: str
    title: str
    organ: str
    promised: str
    case: str
    state: str
    state_title: str
    filed_at: datetime
    fields: tuple[tuple[str, str], ...]
    materials: tuple[MaterialView, ...]
    saved_fields: int
    saved_materials: int


def application_page(
    ref: str, *, actor: identity.Actor | None, at: datetime, given: Given | None = None
) -> ApplicationPage:
    """The form for this applicant: what is known, what is asked, where materials come from.

    With ``given`` it shows what was just entered, else what the draft has kept.
    """
    desk, found = desk_for(ref, actor=actor, at=at)
    page = form_page(desk, actor=actor, at=at, given=given)
    return ApplicationPage(**vars(page), item=found)


def form_page(
    desk: Desk, *, actor: identity.Actor | None, at: datetime, given: Given | None
) -> FormPage:
    """What a desk shows: with ``given`` what was just entered, else what the draft has kept."""
    subject = applicant_in(actor).subject
    draft = Draft.objects.filter(item=desk.ref, subject=subject).first()
    answers = given.answers if given else draft.answers if draft else {}
    agreed = given.agreed if given else frozenset(draft.agreed if draft else ())
    materials = desk.resolved(answers, agreed=agreed, files=kept_files(draft), on=local_date(at))
    asked = forms.asked(desk.form, answers, known=desk.known, as_of=local_date(at))
    return FormPage(
        ref=desk.ref,
        title=desk.form.title,
        token=draft.token if draft else ids.new_id(),
        known=tuple(
            KnownField(name, desk.form.fields[name].title, one.shown, one.source)
            for name, one in desk.known.items()
            if name in asked
        ),
        asked=tuple(_asked(desk, answers, asked)),
        materials=tuple(one for one in materials if one.source != "not_needed"),
        saved_materials=sum(one.source in SAVED for one in materials),
        draft_saved_at=draft.saved_at if draft else None,
        standing=desk.standing,
        answers=answers,
    )


def application(case: str, *, actor: identity.Actor) -> ApplicationView:
    """A filed application, for who filed it."""
    row = Application.objects.filter(case=case, subject=applicant_in(actor).subject).first()
    if row is None:
        raise ApplicationUnknown(
            f"您没有编号为 {case} 的申请。", hint="请从“我的办件”进入。", case=case
        )
    return application_view(row)


def is_filed(case: str, *, actor: identity.Applicant) -> bool:
    """Whether the case began with an application of the actor."""
    return Application.objects.filter(case=case, subject=actor.subject).exists()


def application_view(row: Application) -> ApplicationView:
    """A row as a value."""
    return ApplicationView(
        item=row.item,
        title=row.content["title"],
        organ=row.content["organ"],
        promised=row.content["promised_limit"],
        case=row.case,
        state=row.state,
        state_title=row.get_state_display(),
        filed_at=row.filed_at,
        fields=tuple((title, shown) for title, shown in row.content["fields"]),
        materials=tuple(MaterialView(**one) for one in row.materials),
        saved_fields=row.saved_fields,
        saved_materials=row.saved_materials,
    )


def _asked(desk: Desk, answers: Mapping[str, str], asked: set[str]) -> Iterator[AskedField]:
    deciding = forms.deciding(desk.form) | forms.deciding_materials(desk.form, desk.materials)
    for name, one in desk.form.fields.items():
        if name not in asked or name in desk.known:
            continue
        options = forms.options(one.codes) if one.codes else one.options.items()
        part = desk.form.parts.get(one.part)
        yield AskedField(
            name=name,
            title=one.title,
            type=one.type,
            value=answers.get(name, ""),
            help=one.help,
            required=one.required,
            options=tuple(options),
            decides=name in deciding,
            part=part.title if part else "",
        )
