"""What phones in the field send, at once or days later: reports, acts, visits.

The rules where two disagree: an entry is done once, whatever the network repeats; the platform's
clock decides about limits, the phone's time is kept beside; an act on a task that somebody else
finished in the meantime changes nothing, and what was handed in is kept with the case; the place
of a photograph is what the phone measured, never what the file says about itself.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from yiwang.apps.casework import evidence_store
from yiwang.apps.casework.access import CaseNotYours, may_see
from yiwang.apps.casework.actions.deciding import TaskTaken
from yiwang.apps.casework.actions.moving import CaseMoved, EvidenceFile, act
from yiwang.apps.casework.actions.noting import note
from yiwang.apps.casework.actions.reporting import NewSignal, report_signals, require_place
from yiwang.apps.casework.cells import cell_at
from yiwang.apps.casework.flow import MoveNotOpen
from yiwang.apps.casework.models import Case, Evidence, FieldEntry, Visit
from yiwang.apps.casework.queries.cases import find_case
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import Conflict, Invalid, YiwangError

AHEAD = timedelta(minutes=5)
OLDEST = timedelta(days=30)


class EntryDiffers(Conflict):
    """The same name stands for something else that was sent before."""

    code = "casework.entry_differs"


class EntryUnreadable(Invalid):
    """The entry is of no known kind, or its time cannot be."""

    code = "casework.entry_unreadable"


@dataclass(frozen=True, kw_only=True)
class FieldReport:
    """One entry of a phone's queue."""

    name: str
    """The phone's own, of at most 64 characters."""
    kind: str
    """``report``, ``act`` or ``visit``."""
    made_at: datetime
    lon: float | None = None
    lat: float | None = None
    what: Mapping[str, str] = field(default_factory=dict)
    """kind, summary · number, verb, to, task, reason · about, text, duty"""
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class FieldAnswer:
    """What became of an entry: ``done``, ``conflict`` or ``refused``, and a sentence."""

    outcome: str
    text: str
    number: str = ""


def take_field_entry(*, entry: FieldReport, officer: identity.Officer, at: datetime) -> FieldAnswer:
    """同步: do what a phone's entry says, once; the same again gives the same answer."""
    identity.require(officer, "field.work")
    digest = _digest(entry)
    if (known := _known(entry, officer, digest)) is not None:
        return known
    try:
        answer = _taken(entry, officer, at, digest)
    except (CaseMoved, CaseNotYours, TaskTaken, MoveNotOpen) as refusal:
        answer = _kept_aside(entry, officer, at, digest, refusal)
    except YiwangError as refusal:
        answer = FieldAnswer("refused", f"{refusal.message}{refusal.hint}")
        _remember(entry, officer, at, digest, answer)
    return answer


def _known(entry: FieldReport, officer: identity.Officer, digest: str) -> FieldAnswer | None:
    row = FieldEntry.objects.filter(officer=officer.username, name=entry.name).first()
    if row is None:
        return None
    if row.digest != digest:
        raise EntryDiffers("记录号重复，内容不同。", hint="请在手机上重新填写这一条。")
    return FieldAnswer(row.outcome, row.answer["text"], row.answer["number"])


@transaction.atomic
def _taken(entry: FieldReport, officer: identity.Officer, at: datetime, digest: str) -> FieldAnswer:
    _require_readable(entry, at)
    match entry.kind:
        case "report":
            answer = _report(entry, officer, at)
        case "act":
            answer = _act(entry, officer, at)
        case _:
            answer = _visit(entry, officer, at)
    _remember(entry, officer, at, digest, answer)
    return answer


def _report(entry: FieldReport, officer: identity.Officer, at: datetime) -> FieldAnswer:
    facts: dict[str, Any] = {}
    for name, content in entry.files.items():
        kept = evidence_store.keep_file(content, title="照片")
        facts[f"照片-{name}"[:40]] = kept.digest
    (told,) = report_signals(
        signals=[
            NewSignal(
                kind=entry.what.get("kind", ""),
                source="field",
                summary=entry.what.get("summary", "").strip() or "现场上报",
                lon=entry.lon,
                lat=entry.lat,
                division="" if entry.lon is not None else officer.divisions[0],
                facts=facts,
                channel="field",
                origin=f"{officer.username}:{entry.name}",
                seen_at=min(entry.made_at, at),
            )
        ],
        actor=officer,
        at=at,
    )
    text = f"已立案 {told.number}。" if told.is_new else f"已并入 {told.number}。"
    return FieldAnswer("done", text, told.number)


def _act(entry: FieldReport, officer: identity.Officer, at: datetime) -> FieldAnswer:
    what = entry.what
    number, task = what.get("number", ""), what.get("task", "")
    evidence: dict[str, str | EvidenceFile] = {
        name.removeprefix("evidence-"): text
        for name, text in what.items()
        if name.startswith("evidence-")
    }
    evidence |= {name: EvidenceFile(name, content) for name, content in entry.files.items()}
    view = act(
        number=number,
        verb=what.get("verb", ""),
        officer=officer,
        at=at,
        to=what.get("to", ""),
        task=int(task) if task.isdigit() else 0,
        reason=_stamped(entry),
        evidence=evidence,
    )
    return FieldAnswer("done", f"已办理，现在：{view.step_title}。", number)


def _stamped(entry: FieldReport) -> str:
    """The reason with what the phone measured: when, and where."""
    where = f"，{entry.lon:.5f}, {entry.lat:.5f}" if entry.lon is not None and entry.lat else ""
    text = entry.what.get("reason", "").strip()[:1800]
    return f"{text}（手机时间 {entry.made_at:%Y-%m-%d %H:%M}{where}）"


def _visit(entry: FieldReport, officer: identity.Officer, at: datetime) -> FieldAnswer:
    cell = cell_at(entry.lon, entry.lat, on=at)
    digest = ""
    for content in entry.files.values():
        digest = evidence_store.keep_file(content, title="照片").digest
    about = entry.what.get("about", "").strip()[:120]
    if not about:
        raise EntryUnreadable("没有写走访对象。", hint="写户主、单位或地点。")
    Visit.objects.create(
        officer=officer.username,
        cell=cell.code if cell else "",
        division=cell.division if cell else officer.divisions[0],
        duty=entry.what.get("duty", "")[:64],
        about=about,
        text=entry.what.get("text", "").strip()[:500],
        lon=entry.lon,
        lat=entry.lat,
        is_in_cell=cell is not None,
        digest=digest,
        at=min(entry.made_at, at),
        received_at=at,
    )
    place = cell.title if cell else "不在任何网格内"
    return FieldAnswer("done", f"走访已登记（{place}）。")


@transaction.atomic
def _kept_aside(
    entry: FieldReport,
    officer: identity.Officer,
    at: datetime,
    digest: str,
    refusal: YiwangError,
) -> FieldAnswer:
    """Somebody was quicker: the case stays as it is, and keeps what the worker handed in."""
    number = entry.what.get("number", "")
    row = find_case(number, Case.objects.select_for_update(of=("self",)))
    if not may_see(officer, row):
        answer = FieldAnswer("refused", f"{refusal.message}{refusal.hint}", number)
    else:
        line = note(
            row,
            "late_evidence",
            title="离线佐证：提交时环节已由他人办理",
            actor=officer,
            at=at,
            reason=_stamped(entry),
        )
        for name, content in entry.files.items():
            kept = evidence_store.keep_file(content, title="照片")
            Evidence.objects.create(
                trail=line, name=name, digest=kept.digest, kind=kept.kind, size=kept.size
            )
        text = f"{refusal.message}您提交的内容已附在轨迹中，没有改变办理结果。"
        answer = FieldAnswer("conflict", text, number)
    _remember(entry, officer, at, digest, answer)
    return answer


def _require_readable(entry: FieldReport, at: datetime) -> None:
    if entry.kind not in ("report", "act", "visit") or not 0 < len(entry.name) <= 64:
        raise EntryUnreadable("记录的类别或编号不对。", hint="请更新页面后重试。")
    if entry.made_at > at + AHEAD:
        raise EntryUnreadable("手机时间比平台快，不能接受。", hint="请校准手机时间后重新填写。")
    if entry.made_at < at - OLDEST:
        raise EntryUnreadable("记录超过 30 天，不能再同步。", hint="请按补录办理。")
    require_place(entry.lon, entry.lat)


@transaction.atomic
def _remember(
    entry: FieldReport,
    officer: identity.Officer,
    at: datetime,
    digest: str,
    answer: FieldAnswer,
) -> None:
    has_place = entry.lon is not None and entry.lat is not None
    FieldEntry.objects.get_or_create(
        officer=officer.username,
        name=entry.name[:64],
        defaults={
            "kind": entry.kind[:16],
            "made_at": entry.made_at,
            "received_at": at,
            "lon": entry.lon if has_place else None,
            "lat": entry.lat if has_place else None,
            "outcome": answer.outcome,
            "answer": {"text": answer.text, "number": answer.number},
            "digest": digest,
        },
    )


def _digest(entry: FieldReport) -> str:
    content = hashlib.sha256()
    told = sorted(entry.what.items())
    content.update(repr((entry.kind, entry.made_at, entry.lon, entry.lat, told)).encode())
    for name, file in sorted(entry.files.items()):
        content.update(name.encode() + hashlib.sha256(file).digest())
    return content.hexdigest()
