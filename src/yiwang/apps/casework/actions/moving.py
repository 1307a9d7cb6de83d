"""Move a case along its flow: one act, one transaction, one line of trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yiwang.apps.casework import clock, evidence_store, flow, pictures, place
from yiwang.apps.casework.access import is_own, require_handling, require_seeing
from yiwang.apps.casework.actions.opening import holders_of, named, read_clocks, waiting_task
from yiwang.apps.casework.models import Case, Evidence, TrailEntry
from yiwang.apps.casework.queries import (
    CaseView,
    case_view,
    find_case,
    frozen_flow,
    position_of,
)
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.packkit.kinds.work import Flow, Move, Verb


@dataclass(frozen=True)
class EvidenceFile:
    """A file handed in with an act; its kind is read from its bytes, its name is not kept."""

    name: str
    content: bytes


class CaseMoved(Conflict):
    """Somebody moved the case after the actor looked at it; a double submit arrives here too."""

    code = "casework.case_moved"


class ActBeforeLast(Invalid):
    """The act is dated before the last one of the same case."""

    code = "casework.act_before_last"


class DivisionNotMoved(Invalid):
    """Only handing over and dispatching lead a case into another division."""

    code = "casework.division_not_moved"


@transaction.atomic
def act(
    *,
    number: str,
    verb: Verb,
    officer: identity.Actor,
    at: datetime,
    reason: str = "",
    evidence: Mapping[str, str | EvidenceFile] | None = None,
    expected_version: int | None = None,
    to: str = "",
    division: str = "",
) -> CaseView:
    """办理: make one move of a case.

    ``expected_version`` is the version the officer saw; a case that moved since is refused with
    ``CaseMoved``. ``to`` chooses among moves with the same verb. ``division`` hands the case to
    another division (``transfer`` and ``dispatch`` only).
    """
    row = find_case(number, Case.objects.select_for_update(of=("self",)))
    content, before = frozen_flow(row.flow), position_of(row)
    _require_unmoved(row, officer, expected_version)
    if not (verb == "withdraw" and is_own(officer, row)):
        require_handling(officer, row, flow.role_of(content, before))
    given = _kept(evidence or {})
    names = {one.name for one in given} | ({"reason"} if reason.strip() else set())
    move = flow.chosen_move(content, before, verb, to=to)
    after = flow.advance(content, before, verb, evidence=names, to=move.to)
    if division:
        _hand_over(row, verb, division)
    marks = _marks(row, at)
    _place(row, after, at)
    reading = read_clocks(content, [*marks, clock.Mark(at, verb, after.step)], row.limit)
    row.due_at = row.due_at if after.state == "ended" else reading.due_at
    _store(row, content, after, reading, officer=officer, verb=verb, at=at)
    _leave_trail(row, move, before, given, officer=officer, reason=reason, at=at)
    return case_view(row, actor=officer, at=at)


def _require_unmoved(row: Case, officer: identity.Actor, expected_version: int | None) -> None:
    # Before the right to move: after a double submit the next step is another officer's, and
    # "not your step" would hide what happened. A stranger still learns nothing.
    require_seeing(officer, row)
    if expected_version is not None and expected_version != row.version:
        raise CaseMoved(
            f"{row.number} 已被办理：您打开页面之后，其他人（或您的上一次提交）已办理了这一环节。",
            hint="刷新页面查看最新状态，不要重复提交。",
            number=row.number,
            version=row.version,
        )


def _kept(evidence: Mapping[str, str | EvidenceFile]) -> list[Evidence]:
    """Unsaved rows of what was handed in; files are cleaned and on disk already."""
    rows = []
    for name, value in evidence.items():
        title = flow.EVIDENCE.get(name, name)
        if isinstance(value, EvidenceFile):
            clean = pictures.cleaned(value.content, name=title)
            if name == "photo" and clean.kind not in pictures.PICTURES:
                raise pictures.FileRefused(f"{title}必须是图片。", hint="请上传 JPEG 或 PNG。")
            digest = evidence_store.keep(clean.content)
            rows.append(
                Evidence(name=name, digest=digest, kind=clean.kind, size=len(clean.content))
            )
        elif name == "photo":
            raise pictures.FileRefused(f"{title}必须是图片文件。", hint="请上传 JPEG 或 PNG。")
        elif value.strip():
            rows.append(Evidence(name=name, text=value.strip()))
    return rows


def _hand_over(row: Case, verb: Verb, division: str) -> None:
    if verb not in ("transfer", "dispatch"):
        raise DivisionNotMoved(
            f"“{flow.VERBS.get(verb, verb)}”不能变更办理辖区。",
            hint="请使用转办或派遣。",
            verb=verb,
        )
    row.division = place.divisions().get(division).code


def _marks(row: Case, at: datetime) -> list[clock.Mark]:
    entries = row.trail.order_by("sequence").values_list("at", "verb", "to_step")
    marks = [clock.Mark(*entry) for entry in entries]
    if at < marks[-1].at:
        raise ActBeforeLast(
            f"{row.number} 的这次办理早于上一次办理的时间，不能补记。",
            hint="请检查服务器时钟。",
            number=row.number,
        )
    return marks


def _place(row: Case, position: flow.Position, at: datetime) -> None:
    row.step, row.state, row.last_step = position.step, position.state, position.last_step
    row.ended_at = at if position.state == "ended" else None
    row.version += 1


def _store(
    row: Case,
    content: Flow,
    position: flow.Position,
    reading: clock.Reading,
    *,
    officer: identity.Actor,
    verb: Verb,
    at: datetime,
) -> None:
    """Write the row, leave the present task and enter the next; a lost race is ``CaseMoved``."""
    changed = Case.objects.filter(pk=row.pk, version=row.version - 1).update(
        **{
            name: getattr(row, name)
            for name in ("step", "state", "last_step", "ended_at", "due_at", "division", "version")
        }
    )
    if not changed:
        raise CaseMoved(f"{row.number} 刚刚已被他人办理。", hint="刷新页面。", number=row.number)
    row.tasks.filter(left_at=None).update(left_at=at, left_by=named(officer)[0], verb=verb)
    if position.state != "ended":
        holders = holders_of(flow.role_of(content, position))
        waiting_task(row, content, position, reading, holders=holders, at=at).save()


def _leave_trail(
    row: Case,
    move: Move,
    before: flow.Position,
    given: list[Evidence],
    *,
    officer: identity.Actor,
    reason: str,
    at: datetime,
) -> None:
    who, name = named(officer)
    files = {f"evidence_{one.name}": one.digest for one in given if one.digest}
    entry = journal.record(
        "case.moved",
        subject=row.number,
        actor=who,
        at=at,
        case=row.number,
        facts={"verb": move.verb, "from": before.step, "to": row.step, **files},
    )
    line = TrailEntry.objects.create(
        case=row,
        sequence=row.version,
        at=at,
        actor=who,
        actor_name=name,
        verb=move.verb,
        from_step=before.step,
        to_step=row.step,
        title=flow.move_title(move),
        reason=reason.strip(),
        division=row.division,
        entry=entry,
    )
    for one in given:
        one.trail = line
    Evidence.objects.bulk_create(given)
