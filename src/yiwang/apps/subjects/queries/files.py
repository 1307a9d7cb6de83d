"""The file of a person or firm: everything held, field by field, on record before it is shown."""

from collections.abc import Iterable
from datetime import datetime

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.subjects.access import purposes_for
from yiwang.apps.subjects.plan import Plan, plan
from yiwang.apps.subjects.queries.sections import Reader
from yiwang.apps.subjects.queries.views import IndexedLicense, PersonFile, Section
from yiwang.kernel import ids, masking
from yiwang.kernel.errors import Invalid, NotAllowed, NotFound
from yiwang.kernel.identifiers import gbt11643, uscc
from yiwang.lake.serving import NotServed
from yiwang.packkit.kinds.subjects import Purpose

ROWS = 50
"""The most rows of one table in a file."""

LICENSES = "base.license"
"""The index of licences, looked up by holder."""

LICENSE_KINDS = "base.license_kind"

FILE_READ, OWN_FILE_READ = "subjects.file_read", "subjects.own_file_read"
LISTED = "report.listed"
"""A person's line in a list that village clerks complete."""


class PurposeMissing(Invalid):
    """A file is opened without saying what for and in which case."""

    code = "subjects.purpose_missing"


class PurposeUnknown(NotAllowed):
    """A file is opened for a purpose that nobody declared, or that is not this officer's."""

    code = "subjects.purpose_unknown"


class NotOwnFile(NotAllowed):
    """A citizen or firm asks for somebody else's file."""

    code = "subjects.not_own_file"


class SubjectUnknown(NotFound):
    """No table of the place holds anything about this person or firm."""

    code = "subjects.subject_unknown"


def person_file(
    *, id_number: str, actor: identity.Actor, purpose: str, case: str, at: datetime
) -> PersonFile:
    """一人一档: everything held about a person, field by field; on record before it is shown."""
    number = gbt11643.check(id_number.strip()).text
    return _file("person", number, actor=actor, purpose=purpose, case=case, at=at)


def firm_file(
    *, number: str, actor: identity.Actor, purpose: str, case: str, at: datetime
) -> PersonFile:
    """一企一档: everything held about a firm, by its 统一社会信用代码."""
    checked = number.strip().upper()
    uscc.check(checked)
    return _file("firm", checked, actor=actor, purpose=purpose, case=case, at=at)


def purposes_of(actor: identity.Actor, *, subject: str) -> list[str]:
    """The titles of the purposes that this officer may open such a file for."""
    found = purposes_for(actor, subject=subject, purposes=plan().purposes.values())
    return sorted(one.title for one in found)


def _file(
    kind: str, subject: str, *, actor: identity.Actor, purpose: str, case: str, at: datetime
) -> PersonFile:
    known = plan()
    is_external, stated = _check_access(
        kind, subject, actor=actor, purpose=purpose, case=case, at=at, known=known
    )
    reader = Reader(kind=kind, subject=subject, actor=actor, purpose=stated, plan=known)
    sections = [section for section in reader.sections() if section.rows]
    receipt = _note(subject, sections, actor=actor, purpose=purpose, case=case, at=at)
    if not sections:
        raise SubjectUnknown(
            "各共享表中都没有这一主体的记录。", hint="请核对号码；人员可能不在本地登记。"
        )
    return PersonFile(
        subject=subject if is_own(actor, subject) else masking.mask_id_number(subject),
        kind=kind,
        name=_name_of(sections),
        sections=tuple(sections),
        receipt=receipt,
        is_external_case=is_external,
        events=tuple(reader.events(sections)),
        purpose=stated.title if stated else "本人查看",
        doubts=tuple(reader.doubts(sections)),
    )


def index_licenses(subject: str, *, actor: identity.Actor) -> list[IndexedLicense]:
    """The licences of other issuers that the place's index knows of; for the holder alone."""
    if not is_own(actor, subject.upper()):
        raise NotOwnFile("只能查看本人（本企业）的证照。", hint="请用本人账户登录。")
    names = ("number", "kind", "authority", "valid_until")
    try:
        rows = catalog.lake().lookup(
            LICENSES, where={"holder": subject.upper()}, columns=names, limit=ROWS
        )
    except NotServed:
        return []
    return [
        IndexedLicense(kind_title=catalog.code_title(LICENSE_KINDS, row["kind"]), **row)
        for row in rows
    ]


def is_own(actor: identity.Actor, subject: str) -> bool:
    """Whether a citizen or firm looks at themselves."""
    return isinstance(actor, identity.Applicant) and actor.subject.upper() == subject


def _check_access(
    kind: str,
    subject: str,
    *,
    actor: identity.Actor,
    purpose: str,
    case: str,
    at: datetime,
    known: Plan,
) -> tuple[bool, Purpose | None]:
    """Raise unless the actor may open the file; whether the case is external, and the purpose."""
    if isinstance(actor, identity.Applicant):
        if not is_own(actor, subject):
            raise NotOwnFile("只能查看本人（本企业）的档案。", hint="代他人查询请到窗口办理。")
        return False, None
    identity.require(actor, "subjects.see")
    if not 0 < len(purpose.strip()) <= 200 or not 0 < len(case.strip()) <= 64:
        raise PurposeMissing(
            "查看档案应写明用途和办件编号。", hint="请填写本次查看的用途及所办理的办件编号。"
        )
    stated = _stated(kind, purpose.strip(), actor, known)
    try:
        number = ids.check_number(case)
    except ids.NumberMistyped:
        return True, stated
    casework.case(number, actor=actor, at=at)
    return False, stated


def _stated(kind: str, purpose: str, actor: identity.Actor, known: Plan) -> Purpose:
    allowed = purposes_for(actor, subject=kind, purposes=known.purposes.values())
    for one in allowed:
        if one.title == purpose:
            return one
    raise PurposeUnknown(
        "这一用途没有登记，或不属于您的岗位。",
        hint=f"您可以选用的用途：{'、'.join(one.title for one in allowed) or '无'}。",
    )


def _name_of(sections: Iterable[Section]) -> str:
    for section in sections:
        for row in section.rows:
            for field in row:
                if field.name == "name" and field.value:
                    return str(field.value)
    return ""


def _note(
    subject: str,
    sections: list[Section],
    *,
    actor: identity.Actor,
    purpose: str,
    case: str,
    at: datetime,
) -> str:
    own = isinstance(actor, identity.Applicant)
    clear = sum(
        not field.is_masked for section in sections for row in section.rows for field in row
    )
    entry = journal.Entry(
        at=at,
        event=OWN_FILE_READ if own else FILE_READ,
        subject=subject,
        actor=actor.hand if isinstance(actor, identity.Applicant) else actor.username,
        purpose="本人查看" if own else purpose.strip(),
        case="" if own else case.strip(),
        facts={
            "organ": "" if isinstance(actor, identity.Applicant) else actor.organ,
            "table": ",".join(section.table for section in sections),
            "clear": clear,
        },
    )
    (receipt,) = journal.append([entry])
    return receipt.id
