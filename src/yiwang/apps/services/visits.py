"""A visit to a window: who stands there, why, with whose consent; a clerk acts for them meanwhile.

The visit is on record before anything about the person is shown, with its purpose and consent.
It is no account: it ends with the clerk's session, after ``LONGEST``, or when the clerk ends it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.items import ItemView, items
from yiwang.apps.subjects import public as subjects
from yiwang.kernel.errors import Invalid
from yiwang.kernel.identifiers import gbt11643, uscc

LONGEST = timedelta(minutes=45)
PURPOSES = {"apply": "代为申请办理事项", "supplement": "代为补交材料", "ask": "查询本人办件"}
"""Why a clerk opens somebody's matters at the window."""


class VisitIncomplete(Invalid):
    """A visit needs a number, a purpose, and the consent of who stands at the window."""

    code = "services.visit_incomplete"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """窗口来访: one person or firm at one window."""

    subject: str
    kind: Literal["person", "firm"]
    name: str
    purpose: str
    officer: str
    begun_at: datetime

    @property
    def applicant(self) -> identity.Applicant:
        """Who stands there, as the one who acts; what is done says who helped."""
        return identity.Applicant(
            subject=self.subject,
            kind=self.kind,
            name=self.name,
            assurance=3,
            assisted_by=self.officer,
        )

    def lasts(self, officer: identity.Officer, at: datetime) -> bool:
        """Whether it is this clerk's visit and not over."""
        return officer.username == self.officer and at - self.begun_at < LONGEST


def begin_visit(
    *,
    number: str,
    name: str,
    purpose: str,
    has_consented: bool,
    officer: identity.Officer,
    at: datetime,
) -> Visit:
    """开始来访: the person has shown a document and agreed that the clerk acts for them."""
    identity.require(officer, "services.assist")
    VisitIncomplete.unless(
        (bool(number.strip()), "number", "请照证件输入号码。"),
        (purpose in PURPOSES, "purpose", "请选择来访目的。"),
        (has_consented, "consent", "请核对证件，说明用途，征得本人同意。"),
        hint="补齐后再开始接待。",
    )
    subject, kind = _read(number)
    journal.record(
        "desk.visited",
        subject=subject,
        actor=officer.username,
        at=at,
        purpose=PURPOSES[purpose],
        facts={"organ": officer.organ, "consent": "yes"},
    )
    begun = Visit(
        subject=subject,
        kind=kind,
        name=name.strip()[:64],
        purpose=PURPOSES[purpose],
        officer=officer.username,
        begun_at=at,
    )
    known = _known_name(begun, at)
    if not known and not begun.name:
        wrong = "共享数据中没有这一号码，请照证件填写姓名或名称。"
        raise VisitIncomplete(wrong, fields={"name": wrong})
    return replace(begun, name=known or begun.name)


def items_for(kind: str) -> list[ItemView]:
    """The items that a person, or a firm, may ask for."""
    return [
        one
        for one in items()
        if not one.content.license or credentials.license_kind(one.content.license).holder == kind
    ]


def _read(number: str) -> tuple[str, Literal["person", "firm"]]:
    text = number.strip().upper()
    if gbt11643.is_valid(text):
        return gbt11643.check(text).text, "person"
    if uscc.is_valid(text):
        return text, "firm"
    raise VisitIncomplete(
        "号码不是有效的公民身份号码或统一社会信用代码。", hint="请照证件逐位核对。"
    )


def _known_name(visit: Visit, at: datetime) -> str:
    try:
        if visit.kind == "firm":
            return subjects.firm_file(
                number=visit.subject, actor=visit.applicant, purpose=visit.purpose, case="", at=at
            ).name
        return subjects.person_file(
            id_number=visit.subject, actor=visit.applicant, purpose=visit.purpose, case="", at=at
        ).name
    except subjects.SubjectUnknown:
        return ""
