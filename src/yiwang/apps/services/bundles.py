"""One-things: what may be asked for at once, the one form, and the one progress."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import F

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.apps.services.applications import FormPage, Given, form_page
from yiwang.apps.services.desks import (
    HOLDERS,
    Desk,
    NotForYou,
    Standing,
    applicant_in,
    read_about,
    standing_of,
)
from yiwang.apps.services.finding import matching
from yiwang.apps.services.items import ItemView, item
from yiwang.apps.services.models import BundleFiling, BundlePart, ServiceBundle
from yiwang.kernel import masking
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotFound
from yiwang.packkit.asking import wanted
from yiwang.packkit.kinds.bundles import Bundle
from yiwang.packkit.kinds.work import Form, Material

FINAL = ("granted", "denied", "held", "dropped", "undone", "withdrawn")
"""States in which a member is done with."""


class BundleUnknown(NotFound):
    """No one-thing of this name is installed."""

    code = "services.bundle_unknown"


class FilingUnknown(NotFound):
    """Nobody who may look filed a one-thing under this number."""

    code = "services.filing_unknown"


class FrozenBundle(msgspec.Struct, frozen=True, kw_only=True):
    """A one-thing with its merged form, as it was when it was installed or filed."""

    bundle: Bundle
    form: Form
    materials: dict[str, Material]
    fields_of: dict[str, tuple[str, ...]]
    """Member to the fields of its own form."""

    @property
    def repeated(self) -> int:
        """How many questions the members would ask in all, beyond what the one form asks."""
        own = len(self.form.fields) - len(self.bundle.questions)
        return sum(len(names) for names in self.fields_of.values()) - own


@dataclass(frozen=True)
class BundleView:
    """A one-thing as it is published."""

    ref: str
    title: str
    organ: str
    basis: str
    content: FrozenBundle
    items: Mapping[str, ItemView]
    """Member to its item."""

    @property
    def bundle(self) -> Bundle:
        """What the pack says."""
        return self.content.bundle


@dataclass(frozen=True)
class BundlePage:
    """A one-thing's form for this applicant, and which members the answers ask for."""

    bundle: BundleView
    page: FormPage
    members: tuple[str, ...]
    filing: str
    """The number of the filing that is still under way, if there is one."""


@dataclass(frozen=True)
class PartView:
    """How one member stands."""

    member: str
    title: str
    organ: str
    organ_title: str
    state: str
    state_title: str
    because: str
    case: str
    step_title: str
    due_at: datetime | None
    provisional: int | None
    """As in ``casework.Standing``."""
    is_late: bool
    license: str
    late_case: str
    undo_case: str


@dataclass(frozen=True)
class FilingView:
    """A filed one-thing: its parts and how far they are."""

    number: str
    bundle: str
    title: str
    organ: str
    organ_title: str
    subject: str
    filed_at: datetime
    ended_at: datetime | None
    parts: tuple[PartView, ...]
    fields: tuple[tuple[str, str], ...]
    saved_fields: int
    all_fields: int
    repeated_fields: int

    @property
    def done(self) -> int:
        """How many parts are done with."""
        return sum(one.state in FINAL for one in self.parts)

    @property
    def outcome(self) -> str:
        """How it came out: all granted, some, none, or still under way."""
        if self.ended_at is None:
            return "办理中"
        good = sum(one.state in ("granted", "held") for one in self.parts)
        return {0: "全部未办成", len(self.parts): "全部办成"}.get(
            good, f"办成 {good} 项，未办成 {len(self.parts) - good} 项"
        )


def bundles(*, query: str = "", channel: str = "", stage: str = "") -> list[BundleView]:
    """The one-things, by title; of one channel or stage of life if named."""
    rows = ServiceBundle.objects.filter(matching(query), is_active=True).order_by("title")
    found = [_view(row) for row in rows]
    return [
        one
        for one in found
        if (not channel or channel in one.bundle.channels)
        and (not stage or one.bundle.stage == stage)
    ]


def bundle(ref: str) -> BundleView:
    """One one-thing."""
    row = ServiceBundle.objects.filter(ref=ref, is_active=True).first()
    if row is None:
        raise BundleUnknown(f"没有一件事 {ref}。", hint="请从办事页面进入。", bundle=ref)
    return _view(row)


def bundle_page(
    ref: str, *, actor: identity.Actor | None, at: datetime, given: Given | None = None
) -> BundlePage:
    """The one form for this applicant; with ``given`` what was just entered."""
    found = bundle(ref)
    desk = bundle_desk(found, actor=actor, at=at)
    page = form_page(desk, actor=actor, at=at, given=given)
    members = members_wanted(found, desk, page.answers, at)
    return BundlePage(found, page, members, desk.standing.case if desk.standing else "")


def bundle_desk(found: BundleView, *, actor: identity.Actor | None, at: datetime) -> Desk:
    """Read what is needed to apply for a one-thing, for who may."""
    applicant = applicant_in(actor)
    if applicant.kind != found.bundle.audience:
        title = HOLDERS[found.bundle.audience]
        raise NotForYou(f"“{found.title}”由{title}申请。", hint=f"请用{title}账户登录。")
    content = found.content
    known, held = read_about(
        applicant, title=found.title, form=content.form, materials=content.materials, at=at
    )
    under_way = BundleFiling.objects.filter(
        bundle=found.ref, subject=applicant.subject, ended_at=None
    ).first()
    return Desk(
        ref=f"bundle:{found.ref}",
        title=found.title,
        form=content.form,
        materials=content.materials,
        known=known,
        held=held,
        standing=Standing("waiting", under_way.number, "", False) if under_way else None,
    )


def members_wanted(
    found: BundleView, desk: Desk, answers: Mapping[str, Any], at: datetime
) -> tuple[str, ...]:
    """The members that the answers, however incomplete, ask for."""
    from_answers = desk.values(answers)
    return wanted(found.bundle, desk.form, from_answers, as_of=local_date(at))


def standing_at(found: ItemView, applicant: identity.Applicant, at: datetime) -> Standing | None:
    """What the applicant has of one member's item already."""
    own = credentials.licenses_of(applicant.subject, actor=applicant, at=at)
    return standing_of(found, applicant, own)


def filing(number: str, *, actor: identity.Actor, at: datetime) -> FilingView:
    """A filed one-thing: for who filed it, and for the lead organ's officers."""
    row = BundleFiling.objects.filter(number=number).first()
    is_own = (
        row is not None and isinstance(actor, identity.Applicant) and row.subject == actor.subject
    )
    is_lead = (
        row is not None
        and isinstance(actor, identity.Officer)
        and identity.may(actor, "services.join")
        and actor.organ == row.organ
    )
    if row is None or not (is_own or is_lead):
        raise FilingUnknown(
            f"没有您能看的联办 {number}。", hint="请从“我的办件”或联办列表进入。", number=number
        )
    return filing_view(row, at=at, with_fields=is_own)


def filings_of(actor: identity.Applicant, *, at: datetime) -> list[FilingView]:
    """What the applicant filed, newest first."""
    rows = BundleFiling.objects.filter(subject=actor.subject).order_by("-id")[:50]
    return [filing_view(row, at=at, with_fields=False) for row in rows]


def filings(
    *, officer: identity.Officer, at: datetime, offset: int = 0, limit: int = 50
) -> list[FilingView]:
    """What the officer's organ leads: those under way first, then newest first."""
    identity.require(officer, "services.join")
    rows = BundleFiling.objects.filter(organ=officer.organ)
    rows = rows.order_by(F("ended_at").asc(nulls_first=True), "-id")
    return [filing_view(row, at=at, with_fields=False) for row in rows[offset : offset + limit]]


def filing_view(row: BundleFiling, *, at: datetime, with_fields: bool) -> FilingView:
    """A row as a value; without the fields the subject is masked too."""
    titles = {one.id: one.title for one in identity.organs()}
    fields = row.content["shown"] if with_fields else ()
    return FilingView(
        number=row.number,
        bundle=row.bundle,
        title=row.title,
        organ=row.organ,
        organ_title=titles.get(row.organ, row.organ),
        subject=row.subject if with_fields else masking.mask_id_number(row.subject),
        filed_at=row.filed_at,
        ended_at=row.ended_at,
        parts=tuple(_part(one, titles, at) for one in row.parts.order_by("id")),
        fields=tuple((title, text) for title, text in fields),
        saved_fields=row.saved_fields,
        all_fields=row.all_fields,
        repeated_fields=row.repeated_fields,
    )


def _part(row: BundlePart, titles: Mapping[str, str], at: datetime) -> PartView:
    now = casework.standing(row.case) if row.case else None
    due = now.due_at if now and not now.is_ended else None
    return PartView(
        member=row.member,
        title=row.title,
        organ=row.organ,
        organ_title=titles.get(row.organ, row.organ),
        state=row.state,
        state_title=row.get_state_display(),
        because=row.because,
        case=row.case,
        step_title=now.title if now else "",
        due_at=due,
        provisional=now.provisional if now else None,
        is_late=bool(due and due < at and row.state == "waiting"),
        license=row.license,
        late_case=row.late_case,
        undo_case=row.undo_case,
    )


def _view(row: ServiceBundle) -> BundleView:
    content = msgspec.convert(row.content, FrozenBundle)
    return BundleView(
        row.ref, row.title, row.organ, row.basis, content, _items(content.bundle.members.items())
    )


def _items(members: Iterable[tuple[str, Any]]) -> dict[str, ItemView]:
    return {name: item(one.item) for name, one in members}
