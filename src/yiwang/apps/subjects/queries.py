"""The file of a person or firm, and who looked at it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.subjects.access import sight
from yiwang.kernel import ids, masking
from yiwang.kernel.errors import Invalid, NotAllowed, NotFound
from yiwang.kernel.identifiers import gbt11643, uscc
from yiwang.lake.serving import NotServed

ROWS = 50
"""The most rows of one table in a file."""

LICENSES = "base.license"
"""The index of licences, looked up by holder."""

LICENSE_KINDS = "base.license_kind"

FILE_READ, OWN_FILE_READ = "subjects.file_read", "subjects.own_file_read"


class PurposeMissing(Invalid):
    """A file is opened without saying what for and in which case."""

    code = "subjects.purpose_missing"


class NotOwnFile(NotAllowed):
    """A citizen or firm asks for somebody else's file."""

    code = "subjects.not_own_file"


class SubjectUnknown(NotFound):
    """No table of the place holds anything about this person or firm."""

    code = "subjects.subject_unknown"


@dataclass(frozen=True)
class FieldView:
    """One value of a file: as this actor may see it, and why."""

    name: str
    title: str
    value: Any
    grade: int
    is_masked: bool
    why: str
    code: str = ""
    """What the table holds, where ``value`` is the title of a code."""


@dataclass(frozen=True)
class Section:
    """What one table holds about the subject: rows of fields, with their source."""

    table: str
    title: str
    owner: str
    owner_title: str
    snapshot: str
    at: datetime | None
    rows: tuple[tuple[FieldView, ...], ...]


@dataclass(frozen=True)
class IndexedLicense:
    """A licence in the place's index: that it is held, not what it says."""

    number: str
    kind: str
    kind_title: str
    authority: str | None
    valid_until: date | None


@dataclass(frozen=True)
class PersonFile:
    """一人一档 or 一企一档. ``receipt`` is the journal entry of this very look."""

    subject: str
    kind: str
    name: str
    sections: tuple[Section, ...]
    receipt: str
    is_external_case: bool


@dataclass(frozen=True)
class Look:
    """One look at a subject's data, as the subject sees it: who, when, what for."""

    at: datetime
    organ: str
    organ_title: str
    purpose: str
    case: str
    what: str
    fields: tuple[str, ...]
    receipt: str


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


def _file(
    kind: str, subject: str, *, actor: identity.Actor, purpose: str, case: str, at: datetime
) -> PersonFile:
    is_external = _check_access(subject, actor=actor, purpose=purpose, case=case, at=at)
    sections = [section for section in _sections(kind, subject, actor) if section.rows]
    receipt = _note(subject, sections, actor=actor, purpose=purpose, case=case, at=at)
    if not sections:
        raise SubjectUnknown(
            "各共享表中都没有这一主体的记录。", hint="请核对号码；人员可能不在本地登记。"
        )
    return PersonFile(
        subject=subject if _is_own(actor, subject) else masking.mask_id_number(subject),
        kind=kind,
        name=_name_of(sections),
        sections=tuple(sections),
        receipt=receipt,
        is_external_case=is_external,
    )


def index_licenses(subject: str, *, actor: identity.Actor) -> list[IndexedLicense]:
    """The licences of other issuers that the place's index knows of; for the holder alone."""
    if not _is_own(actor, subject.upper()):
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


def _is_own(actor: identity.Actor, subject: str) -> bool:
    return isinstance(actor, identity.Applicant) and actor.subject.upper() == subject


def _check_access(
    subject: str, *, actor: identity.Actor, purpose: str, case: str, at: datetime
) -> bool:
    """Raise unless the actor may open the file; True when the case is not one of the platform's."""
    if isinstance(actor, identity.Applicant):
        if not _is_own(actor, subject):
            raise NotOwnFile("只能查看本人（本企业）的档案。", hint="代他人查询请到窗口办理。")
        return False
    identity.require(actor, "subjects.see")
    if not 0 < len(purpose.strip()) <= 200 or not 0 < len(case.strip()) <= 64:
        raise PurposeMissing(
            "查看档案应写明用途和办件编号。", hint="请填写本次查看的用途及所办理的办件编号。"
        )
    try:
        number = ids.check_number(case)
    except ids.NumberMistyped:
        return True
    casework.case(number, actor=actor, at=at)
    return False


def _sections(kind: str, subject: str, actor: identity.Actor) -> Iterable[Section]:
    titles = {organ.id: organ.title for organ in identity.organs()}
    for line in catalog.datasets(kind="table"):
        if line.subject == kind:
            yield _section(line, subject, actor, titles)


def _section(
    line: catalog.DatasetLine, subject: str, actor: identity.Actor, titles: dict[str, str]
) -> Section:
    lake, columns = catalog.lake(), catalog.columns_of(line.ref)
    key = catalog.subject_column(line.ref)
    try:
        serving = lake.served(line.ref)
        rows = lake.lookup(
            line.ref,
            where={key: subject},
            columns=[column.name for column in columns],
            limit=ROWS,
        )
    except NotServed:
        serving, rows = None, []
    return Section(
        table=line.ref,
        title=line.title,
        owner=line.organ,
        owner_title=titles.get(line.organ, line.organ),
        snapshot=serving.snapshot if serving else "",
        at=line.updated_at,
        rows=tuple(
            tuple(_field(column, row[column.name], line.organ, actor) for column in columns)
            for row in rows
        ),
    )


def _field(column: catalog.ColumnView, value: Any, owner: str, actor: identity.Actor) -> FieldView:
    element = masking.element_of(element=column.element, column=column.name, title=column.title)
    seen = sight(actor, owner=owner, grade=column.grade, element=element)
    code = str(value) if column.codes and value is not None and seen.is_clear else ""
    if column.codes and value is not None:
        value = catalog.code_title(column.codes, str(value))
    return FieldView(
        name=column.name,
        title=column.title,
        value=value if seen.is_clear else masking.mask(value, element=element, grade=column.grade),
        grade=column.grade,
        is_masked=not seen.is_clear,
        why=seen.why,
        code=code,
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
    is_own = isinstance(actor, identity.Applicant)
    clear = sum(
        not field.is_masked for section in sections for row in section.rows for field in row
    )
    entry = journal.Entry(
        at=at,
        event=OWN_FILE_READ if is_own else FILE_READ,
        subject=subject,
        actor=actor.subject if isinstance(actor, identity.Applicant) else actor.username,
        purpose="本人查看" if is_own else purpose.strip(),
        case="" if is_own else case.strip(),
        facts={
            "organ": "" if isinstance(actor, identity.Applicant) else actor.organ,
            "table": ",".join(section.table for section in sections),
            "clear": clear,
        },
    )
    (receipt,) = journal.append([entry])
    return receipt.id


def looked_at(subject: str, *, actor: identity.Actor, limit: int = 100) -> list[Look]:
    """谁看过我: every look at the subject's data through the gate or a file, newest first.

    For the subject alone. Looks are read from the journal, so nobody can leave one out.
    """
    if not _is_own(actor, subject.upper()):
        raise NotOwnFile("只能查看本人（本企业）的被查询记录。", hint="请用本人账户登录。")
    found = [
        entry
        for event in ("gate.answered", FILE_READ)
        for entry in journal.entries(subject=subject.upper(), event=event, limit=limit)
    ]
    titles = {organ.id: organ.title for organ in identity.organs()}
    tables = {line.ref: line.title for line in catalog.datasets()}
    return [
        _look(entry, titles, tables)
        for entry in sorted(found, key=lambda one: one.at, reverse=True)[:limit]
    ]


def _look(entry: journal.EntryView, titles: dict[str, str], tables: dict[str, str]) -> Look:
    organ = str(entry.facts.get("organ", ""))
    refs = [ref for ref in str(entry.facts.get("table", "")).split(",") if ref]
    fields = str(entry.facts.get("columns", ""))
    names = "、".join(tables.get(ref, ref) for ref in refs)
    columns = {one.name: one.title for ref in refs[:1] for one in catalog.columns_of(ref)}
    return Look(
        at=entry.at,
        organ=organ,
        organ_title=titles.get(organ, organ),
        purpose=entry.purpose,
        case=entry.case,
        what=names if entry.event == "gate.answered" else f"档案：{names}" if names else "档案",
        fields=tuple(columns.get(name, name) for name in fields.split(",") if name),
        receipt=entry.id,
    )
