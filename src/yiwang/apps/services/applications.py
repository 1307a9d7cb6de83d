"""What an applicant sees before and after filing: known values, open questions, materials."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.apps.services.frozen import FrozenPolicy, thaw
from yiwang.apps.services.materials import SAVED, Holdings, MaterialView, holdings, resolve
from yiwang.apps.services.models import Application, Confirmation, Draft, PolicyVersion
from yiwang.apps.services.queries import ItemView, item
from yiwang.apps.subjects import public as subjects
from yiwang.kernel import ids
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotAllowed, NotFound
from yiwang.packkit.kinds.work import Form

HOLDERS = {"person": "个人", "firm": "企业"}


class NotForYou(NotAllowed):
    """Only persons and firms apply, each for themselves and for what is meant for them."""

    code = "services.not_for_you"


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


@dataclass(frozen=True)
class Standing:
    """Why there is nothing to apply for: a case under way, or what was granted."""

    kind: str
    """waiting or granted"""
    case: str
    license: str
    is_found: bool
    """Whether a policy found the person, without an application."""


@dataclass(frozen=True)
class ApplicationPage:
    """An application as it can be filled in now."""

    item: ItemView
    title: str
    token: str
    known: tuple[KnownField, ...]
    asked: tuple[AskedField, ...]
    materials: tuple[MaterialView, ...]
    saved_materials: int
    draft_saved_at: datetime | None
    standing: Standing | None


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


@dataclass(frozen=True)
class Desk:
    """Everything read for one applicant and item at once; the look at the file is on record."""

    item: ItemView
    form: Form
    known: Mapping[str, forms.Known]
    held: Holdings
    standing: Standing | None


def application_page(
    ref: str, *, actor: identity.Actor | None, at: datetime, given: Given | None = None
) -> ApplicationPage:
    """The form for this applicant: what is known, what is asked, where materials come from.

    With ``given`` it shows what was just entered, else what the draft has kept.
    """
    desk = desk_for(ref, actor=actor, at=at)
    draft = Draft.objects.filter(item=ref, subject=desk_subject(actor)).first()
    answers = given.answers if given else draft.answers if draft else {}
    agreed = given.agreed if given else frozenset(draft.agreed if draft else ())
    materials = resolve(
        desk.item.content.materials, desk.held, agreed=agreed, files=kept_files(draft)
    )
    return ApplicationPage(
        item=desk.item,
        title=desk.form.title,
        token=draft.token if draft else ids.new_id(),
        known=tuple(
            KnownField(name, desk.form.fields[name].title, one.shown, one.source)
            for name, one in desk.known.items()
        ),
        asked=tuple(_asked(desk, answers, at)),
        materials=tuple(materials),
        saved_materials=sum(one.source in SAVED for one in materials),
        draft_saved_at=draft.saved_at if draft else None,
        standing=desk.standing,
    )


def application(case: str, *, actor: identity.Actor) -> ApplicationView:
    """A filed application, for who filed it."""
    row = Application.objects.filter(case=case, subject=desk_subject(actor)).first()
    if row is None:
        raise ApplicationUnknown(
            f"您没有编号为 {case} 的申请。", hint="请从“我的办件”进入。", case=case
        )
    return application_view(row)


def is_filed(case: str, *, actor: identity.Applicant) -> bool:
    """Whether the case began with an application of the actor."""
    return Application.objects.filter(case=case, subject=actor.subject).exists()


def desk_subject(actor: identity.Actor | None) -> str:
    """Whose application it is: the applicant's own, nobody else's."""
    if not isinstance(actor, identity.Applicant):
        raise NotForYou("只有个人和企业可以申请。", hint="请用本人或本企业账户登录。")
    return actor.subject


def desk_for(ref: str, *, actor: identity.Actor | None, at: datetime) -> Desk:
    """Read what is needed to apply for an item, for who may."""
    found = item(ref)
    applicant = _admitted(found, actor)
    content = forms.form(found.content.form)
    file = _own_file(found, content, applicant, at)
    own = credentials.licenses_of(applicant.subject, actor=applicant, at=at)
    return Desk(
        item=found,
        form=content,
        known=forms.known_in(content, file=file, at=at) if file else {},
        held=holdings(applicant, file=file, own=own, on=local_date(at)),
        standing=_standing(found, applicant, own),
    )


def kept_files(draft: Draft | None) -> dict[str, casework.KeptFile]:
    """The files of a draft, by material."""
    return {name: casework.KeptFile(**one) for name, one in (draft.files if draft else {}).items()}


def policy_with(kind: str) -> FrozenPolicy | None:
    """The policy in force whose decisions give the same licence, if there is one."""
    if not kind:
        return None
    row = PolicyVersion.objects.filter(is_current=True, content__policy__license=kind).first()
    return thaw(row.content) if row else None


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


def _admitted(found: ItemView, actor: identity.Actor | None) -> identity.Applicant:
    desk_subject(actor)
    assert isinstance(actor, identity.Applicant)
    holder = credentials.license_kind(found.content.license).holder if found.content.license else ""
    if holder and holder != actor.kind:
        raise NotForYou(
            f"“{found.title}”由{HOLDERS[holder]}申请。", hint=f"请用{HOLDERS[holder]}账户登录。"
        )
    return actor


def _own_file(
    found: ItemView, content: Form, applicant: identity.Applicant, at: datetime
) -> subjects.PersonFile | None:
    shared = any("shared" in one.sources for one in found.content.materials.values())
    if not shared and not any(one.prefill for one in content.fields.values()):
        return None
    try:
        if applicant.kind == "firm":
            return subjects.firm_file(
                number=applicant.subject, actor=applicant, purpose=found.title, case="", at=at
            )
        return subjects.person_file(
            id_number=applicant.subject, actor=applicant, purpose=found.title, case="", at=at
        )
    except subjects.SubjectUnknown:
        return None


def _standing(
    found: ItemView, applicant: identity.Applicant, own: list[credentials.LicenseView]
) -> Standing | None:
    kind = found.content.license
    held = next((one for one in own if kind and one.kind == kind and one.state == "valid"), None)
    if held:
        return Standing("granted", held.case, held.number, is_found=False)
    waiting = Application.objects.filter(
        item=found.ref, subject=applicant.subject, state="waiting"
    ).first()
    if waiting:
        return Standing("waiting", waiting.case, "", is_found=False)
    policies = PolicyVersion.objects.filter(content__policy__license=kind) if kind else ()
    live = Confirmation.objects.filter(
        policy__in={one.ref for one in policies}, subject=applicant.subject, state="waiting"
    ).first()
    return Standing("waiting", live.case, "", is_found=True) if live else None


def _asked(desk: Desk, answers: Mapping[str, str], at: datetime) -> Iterator[AskedField]:
    visible = forms.asked(desk.form, answers, known=desk.known, as_of=local_date(at))
    deciding = forms.deciding(desk.form)
    for name, one in desk.form.fields.items():
        if name in visible and name not in desk.known:
            yield AskedField(
                name=name,
                title=one.title,
                type=one.type,
                value=answers.get(name, ""),
                help=one.help,
                required=one.required,
                options=tuple(forms.options(one.codes)) if one.codes else (),
                decides=name in deciding,
            )
