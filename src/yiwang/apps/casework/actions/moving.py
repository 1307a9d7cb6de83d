"""Act on a case: one act, one transaction, one line of trail."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from django.db import transaction

from yiwang.apps.casework import evidence_store, flow, pictures, states, tiles
from yiwang.apps.casework.access import asking_once, require_seeing
from yiwang.apps.casework.actions.deciding import Wanted, decided
from yiwang.apps.casework.actions.following import follow
from yiwang.apps.casework.actions.opening import named
from yiwang.apps.casework.at_hand import with_all
from yiwang.apps.casework.flow import is_rule
from yiwang.apps.casework.machine import Asked, Post
from yiwang.apps.casework.models import Case, Evidence, TrailEntry
from yiwang.apps.casework.queries.cases import CaseView, case_view, find_case, frozen_flow
from yiwang.apps.casework.storing import insert_models, update_rows
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, YiwangError


@dataclass(frozen=True)
class EvidenceFile:
    """A file handed in with an act; its kind is read from its bytes, its name is not kept."""

    name: str
    content: bytes


class CaseMoved(Conflict):
    """Somebody moved the case after the actor looked at it; a double submit arrives here too."""

    code = "casework.case_moved"


class Which(TypedDict, total=False):
    """Which of the things that a verb can mean, and what goes with it."""

    to: str
    """Chooses among moves with the same verb."""
    task: int
    """The task meant, where the actor has several."""
    post: Post | None
    """Whom a task is asked of or handed to; an empty organ is the case's own."""
    asked: Asked
    """A signature ``before`` or ``after`` one's own."""
    pause: str
    """The flow's pause that begins, by its id."""
    division: str
    """Another division the case is handed to (``transfer`` and ``dispatch`` only)."""


@transaction.atomic
def act(
    *,
    number: str,
    verb: str,
    officer: identity.Actor | str,
    at: datetime,
    reason: str = "",
    evidence: Mapping[str, str | EvidenceFile] | None = None,
    expected_version: int | None = None,
    judged: Collection[str] = (),
    **which: Unpack[Which],
) -> CaseView:
    """办理: do one thing to a case.

    ``judged`` are the rules before the move that whoever calls has found to be met; they cannot
    be handed in as evidence.

    ``expected_version`` is the version the officer saw; a case that moved since is refused with
    ``CaseMoved``. The platform itself acts under the name of one of its parts.
    """
    actor, wanted = officer, Wanted(verb=verb, **which)
    row = find_case(number, Case.objects.select_for_update(of=("self",)))
    _require_unmoved(row, actor, expected_version)
    given = _kept(
        {name: one for name, one in (evidence or {}).items() if not is_rule(name)},
        called=flow.names_of(frozen_flow(row.flow)),
    )
    names = {one.name for one in given} | ({"reason"} if reason.strip() else set()) | set(judged)
    step, title = decided(row, wanted, actor=actor, names=frozenset(names), at=at)
    _store([step])
    (line,) = _lines([step], [title], actor=actor, reason=reason, files=_files(given))
    line.save()
    for one in given:
        one.trail = line
    Evidence.objects.bulk_create(given)
    follow([step], at=at)
    return case_view(row, actor=actor, at=at)


@transaction.atomic
def act_on_many(
    *,
    numbers: Sequence[str],
    verb: str,
    officer: identity.Actor | str,
    at: datetime,
    reason: str = "",
    **which: Unpack[Which],
) -> dict[str, str]:
    """批量办理: do the same to many cases in one transaction, durable as one.

    Returns the cases that could not be acted on, each with the sentence that says why; the
    others are done. Everything that ``act`` checks is checked for each.
    """
    wanted, refused = Wanted(verb=verb, **which), dict[str, str]()
    steps, titles = list[states.Step](), list[str]()
    rows = Case.objects.select_for_update(of=("self",)).filter(number__in=numbers)
    known = {row.number: row for row in with_all(rows)}
    names = frozenset({"reason"} if reason.strip() else ())
    with asking_once():
        for number in dict.fromkeys(numbers):
            try:
                row = known.get(number) or find_case(number)
                _require_unmoved(row, officer, None)
                step, title = decided(row, wanted, actor=officer, names=names, at=at)
            except YiwangError as refusal:
                refused[number] = str(refusal)
            else:
                steps.append(step)
                titles.append(title)
    _store(steps)
    insert_models(TrailEntry, _lines(steps, titles, actor=officer, reason=reason, files={}))
    follow(steps, at=at)
    return refused


def _require_unmoved(
    row: Case, officer: identity.Actor | str, expected_version: int | None
) -> None:
    # Before the right to move: after a double submit the next step is another officer's, and
    # "not your step" would hide what happened. A stranger still learns nothing.
    if not isinstance(officer, str):
        require_seeing(officer, row)
    if expected_version is not None and expected_version != row.version:
        raise CaseMoved(
            f"{row.number} 已被办理：您打开页面之后，其他人（或您的上一次提交）已办理了这一环节。",
            hint="刷新页面查看最新状态，不要重复提交。",
            number=row.number,
            version=row.version,
        )


def _kept(
    evidence: Mapping[str, str | EvidenceFile], *, called: Mapping[str, str]
) -> list[Evidence]:
    """Unsaved rows of what was handed in; files are cleaned and on disk already."""
    rows = []
    for name, value in evidence.items():
        title = called.get(name, name)
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


PLACED = (
    "step", "state", "last_step", "ended_at", "due_at", "legal_due_at", "provisional", "division",
    "version",
)  # fmt: skip


def _store(steps: Sequence[states.Step]) -> None:
    """Write cases and tasks; a lost race is ``CaseMoved`` and writes nothing."""
    rows = [step.row for step in steps]
    changed = update_rows(
        Case,
        PLACED,
        ("id", "version"),
        [(*(getattr(row, name) for name in PLACED), row.pk, row.version - 1) for row in rows],
    )
    if changed != len(rows):
        numbers = "、".join(row.number for row in rows[:5])
        raise CaseMoved(f"{numbers} 刚刚已被他人办理。", hint="刷新页面。", number=numbers)
    states.store_tasks(steps)
    tiles.shift(
        shift
        for one in steps
        for shift in tiles.moved(
            one.row,
            division=one.before.division,
            was_ended=one.before.state == Case.State.ENDED,
        )
    )


def _lines(
    steps: Sequence[states.Step],
    titles: Sequence[str],
    *,
    actor: identity.Actor | str,
    reason: str,
    files: Mapping[str, str],
) -> list[TrailEntry]:
    """The unsaved lines of trail, their acts recorded in the journal."""
    who, name = named(actor)
    entries = journal.record_all([_entry(step, who, files) for step in steps])
    return [
        TrailEntry(
            case=step.row,
            sequence=step.row.version,
            at=step.at,
            actor=who,
            actor_name=_called(name, actor, step.act.in_place_of),
            verb=step.act.verb,
            from_step=step.before.step,
            to_step=step.row.step,
            title=title,
            reason=reason.strip(),
            task=step.act.task,
            detail=states.detail_of(step.act),
            division=step.row.division,
            entry=entry,
        )
        for step, title, entry in zip(steps, titles, entries, strict=True)
    ]


def _called(name: str, actor: identity.Actor | str, in_place_of: str) -> str:
    """What the trail calls who acted: both names, where it was in a colleague's place."""
    if not in_place_of or not isinstance(actor, identity.Officer):
        return name
    absent = next(one.name for one in actor.stands_for if one.username == in_place_of)
    return f"{name}（代{absent}）"


def _entry(step: states.Step, who: str, files: Mapping[str, str]) -> journal.Entry:
    number = step.row.number
    facts = {"verb": step.act.verb, "from": step.before.step, "to": step.row.step, **files}
    if step.act.in_place_of:
        facts["in_place_of"] = step.act.in_place_of
    return journal.Entry(
        event="case.moved", subject=number, actor=who, at=step.at, case=number, facts=facts
    )


def _files(given: Sequence[Evidence]) -> dict[str, str]:
    return {f"evidence_{one.name}": one.digest for one in given if one.digest}
