"""Reading the journal: entries, proofs, checkpoints, exports."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from yiwang.apps.journal.actions import folder, pseudonym, public_key, sign_checkpoint, store
from yiwang.apps.journal.entry import Entry, unpacked
from yiwang.apps.journal.events import event_title
from yiwang.apps.journal.index import Index
from yiwang.apps.journal.keys import ID_NUMBER
from yiwang.apps.journal.merkle import consistency_proof, inclusion_proof, verify_inclusion
from yiwang.apps.journal.models import Outbox
from yiwang.apps.journal.notes import Checkpoint
from yiwang.apps.journal.segments import segments
from yiwang.kernel.errors import NotFound


class EntryNotSealed(NotFound):
    """No sealed entry of the log has this id."""

    code = "journal.entry_not_sealed"


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as pages show it; ``number`` is None while it waits to be sealed."""

    id: str
    at: datetime
    event: str
    subject: str
    actor: str
    purpose: str
    case: str
    facts: dict[str, str | int]
    number: int | None = None

    @property
    def title(self) -> str:
        """What the event is called."""
        return event_title(self.event)


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry is in the log: from the hash of its line, step by step, to a signed root."""

    entry: EntryView
    line: str
    leaf: bytes
    number: int
    steps: tuple[bytes, ...]
    checkpoint: Checkpoint
    holds: bool


def entries(
    *,
    subject: str = "",
    actor: str = "",
    event: str = "",
    since: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[EntryView]:
    """The newest entries that fit, those still waiting to be sealed first."""
    subject, actor = (
        pseudonym(text) if ID_NUMBER.fullmatch(text) else text for text in (subject, actor)
    )
    found = [] if before is not None else _waiting(subject, actor, event, since, limit)
    index = Index(folder())
    store()
    index.refresh()
    rows = index.rows(
        subject=subject,
        actor=actor,
        event=event,
        since=since.astimezone(UTC).isoformat() if since else "",
        before=before,
        limit=limit,
    )
    seen = {view.id for view in found}
    sealed = [_view(unpacked(line), number) for number, line in rows]
    return [*found, *(view for view in sealed if view.id not in seen)][:limit]


def proof(entry_id: str, *, at: datetime) -> Proof:
    """The inclusion proof of a sealed entry against a checkpoint signed now."""
    index = Index(folder())
    index.refresh()
    found = index.by_id(entry_id)
    if found is None:
        raise EntryNotSealed(
            f"日志中没有编号为 {entry_id} 的已封存留痕。", hint="刚发生的行为几秒后才封存，请稍候。"
        )
    number, line = found
    checkpoint = sign_checkpoint(at=at)
    log = store()
    leaf = log.hasher.leaf(line)
    for attempt in (1, 2):
        steps = inclusion_proof(log.hasher, number, checkpoint.size, log.nodes.subtree)
        holds = verify_inclusion(
            log.hasher,
            leaf=leaf,
            index=number,
            size=checkpoint.size,
            proof=steps,
            root=checkpoint.root,
        )
        if holds or attempt == 2:
            break
        log.rebuild_hashes()
    return Proof(
        entry=_view(unpacked(line), number),
        line=line.decode(),
        leaf=leaf,
        number=number,
        steps=tuple(steps),
        checkpoint=checkpoint,
        holds=holds,
    )


def consistency(first: int, second: int) -> tuple[bytes, ...]:
    """The proof that the log at ``first`` entries is the beginning of the log at ``second``."""
    log = store()
    return tuple(consistency_proof(log.hasher, first, second, log.nodes.subtree))


def export(target: Path, *, at: datetime) -> Checkpoint:
    """Copy the log with its checkpoints to ``target``, for whoever verifies it elsewhere."""
    checkpoint = sign_checkpoint(at=at)
    source = folder()
    target.mkdir(parents=True, exist_ok=True)
    for path in segments(source):
        shutil.copyfile(path, target / path.name)
    for name in ("hashes", "algorithm"):
        shutil.copyfile(source / name, target / name)
    shutil.copytree(source / "checkpoints", target / "checkpoints", dirs_exist_ok=True)
    (target / "log.pub").write_text(public_key() + "\n")
    return checkpoint


def _waiting(
    subject: str, actor: str, event: str, since: datetime | None, limit: int
) -> list[EntryView]:
    rows = Outbox.objects.order_by("-id")
    if subject:
        rows = rows.filter(subject=subject)
    if actor:
        rows = rows.filter(actor=actor)
    if event:
        rows = rows.filter(**{"event__startswith" if event.endswith(".") else "event": event})
    if since:
        rows = rows.filter(at__gte=since)
    return [_view(unpacked(bytes(row.body)), None) for row in rows[:limit]]


def _view(entry: Entry, number: int | None) -> EntryView:
    return EntryView(
        id=entry.id,
        at=entry.at,
        event=entry.event,
        subject=entry.subject,
        actor=entry.actor,
        purpose=entry.purpose,
        case=entry.case,
        facts=dict(entry.facts),
        number=number,
    )
