"""Everything that is read at once when somebody applies: form, known values, what is held.

An item and a one-thing look alike here: one form, one list of materials, one applicant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.apps.services.frozen import FrozenPolicy, frozen_of
from yiwang.apps.services.items import ItemView, item
from yiwang.apps.services.materials import Holdings, MaterialView, holdings, resolve
from yiwang.apps.services.models import Application, Confirmation, Draft, PolicyVersion
from yiwang.apps.subjects import public as subjects
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit.asking import needed
from yiwang.packkit.kinds.work import Form, Material

HOLDERS = {"person": "个人", "firm": "企业"}
DIVISIONS = "base.divisions"


class NotForYou(NotAllowed):
    """Only persons and firms apply, each for themselves and for what is meant for them."""

    code = "services.not_for_you"


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
class Desk:
    """What one applicant has before them; the look at the file is on record."""

    ref: str
    """``pack.item``, or ``pack.bundle``: a draft is kept under it."""
    title: str
    form: Form
    materials: Mapping[str, Material]
    known: Mapping[str, forms.Known]
    held: Holdings
    standing: Standing | None

    def values(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """What answers, however incomplete, tell together with what is known."""
        return forms.values_in(self.form, answers, known=self.known)

    def resolved(
        self,
        answers: Mapping[str, Any],
        *,
        agreed: Iterable[str],
        files: Mapping[str, casework.KeptFile],
        on: date,
    ) -> list[MaterialView]:
        """Where each material comes from in the situation that the answers tell."""
        wanted = needed(self.materials, self.form, self.values(answers), as_of=on)
        return resolve(
            self.materials, self.held, agreed=frozenset(agreed), files=files, wanted=wanted
        )


def desk_for(ref: str, *, actor: identity.Actor | None, at: datetime) -> tuple[Desk, ItemView]:
    """Read what is needed to apply for an item, for who may."""
    found = item(ref)
    applicant = admitted(found, actor)
    content = forms.form(found.content.form)
    known, held = read_about(
        applicant, title=found.title, form=content, materials=found.content.materials, at=at
    )
    own = credentials.licenses_of(applicant.subject, actor=applicant, at=at)
    desk = Desk(
        ref=ref,
        title=found.title,
        form=content,
        materials=found.content.materials,
        known=known,
        held=held,
        standing=standing_of(found, applicant, own),
    )
    return desk, found


def read_about(
    applicant: identity.Applicant,
    *,
    title: str,
    form: Form,
    materials: Mapping[str, Material],
    at: datetime,
) -> tuple[dict[str, forms.Known], Holdings]:
    """What the platform knows for a form, and what is held of the materials."""
    shared = any("shared" in one.sources for one in materials.values())
    is_read = shared or any(one.prefill for one in form.fields.values())
    file = own_file(applicant, title, at) if is_read else None
    own = credentials.licenses_of(applicant.subject, actor=applicant, at=at)
    known = forms.known_in(form, file=file, at=at) if file else {}
    return known, holdings(applicant, file=file, own=own, on=local_date(at))


def admitted(found: ItemView, actor: identity.Actor | None) -> identity.Applicant:
    """The actor as an applicant of this item; ``NotForYou`` says why not."""
    applicant = applicant_in(actor)
    audience = found.content.audience
    if not audience and found.content.license:
        audience = (credentials.license_kind(found.content.license).holder,)
    if audience and applicant.kind not in audience:
        titles = "或".join(HOLDERS[one] for one in audience)
        raise NotForYou(f"“{found.title}”由{titles}申请。", hint=f"请用{titles}账户登录。")
    return applicant


def applicant_in(actor: identity.Actor | None) -> identity.Applicant:
    """Who applies: a person or firm, each for themselves, nobody else."""
    if not isinstance(actor, identity.Applicant):
        raise NotForYou("只有个人和企业可以申请。", hint="请用本人或本企业账户登录。")
    return actor


def own_file(
    applicant: identity.Applicant, purpose: str, at: datetime
) -> subjects.PersonFile | None:
    """The applicant's own file, or nothing where no table holds them."""
    try:
        if applicant.kind == "firm":
            return subjects.firm_file(
                number=applicant.subject, actor=applicant, purpose=purpose, case="", at=at
            )
        return subjects.person_file(
            id_number=applicant.subject, actor=applicant, purpose=purpose, case="", at=at
        )
    except subjects.SubjectUnknown:
        return None


def standing_of(
    found: ItemView, applicant: identity.Applicant, own: Iterable[credentials.LicenseView]
) -> Standing | None:
    """What the applicant has of this item already, or has under way."""
    kind = found.content.license
    is_once = bool(kind) and not found.content.repeatable
    held = next((one for one in own if is_once and one.kind == kind and one.state == "valid"), None)
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


def kept_files(draft: Draft | None) -> dict[str, casework.KeptFile]:
    """The files of a draft, by material."""
    return {name: casework.KeptFile(**one) for name, one in (draft.files if draft else {}).items()}


def policy_with(kind: str) -> FrozenPolicy | None:
    """The policy in force whose decisions give the same licence, if there is one."""
    if not kind:
        return None
    row = PolicyVersion.objects.filter(is_current=True, content__policy__license=kind).first()
    return frozen_of(row) if row else None


def division_in(form: Form, values: Mapping[str, Any]) -> str:
    """Where the applicant lives: the first division that the form says; "" where it says none."""
    for name, one in form.fields.items():
        if one.codes == DIVISIONS and values.get(name):
            return str(values[name])
    return ""
