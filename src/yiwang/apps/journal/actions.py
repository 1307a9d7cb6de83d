"""Writing the journal: record in the caller's transaction, append at once, seal what waits."""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import transaction

from yiwang.apps.journal.entry import Entry, packed
from yiwang.apps.journal.index import Index
from yiwang.apps.journal.keys import (
    ID_NUMBER,
    SHORTEST,
    kept_key,
    pseudonym_of,
    signing_key,
    without_id_numbers,
)
from yiwang.apps.journal.models import Outbox
from yiwang.apps.journal.notes import (
    Checkpoint,
    Ed25519Signer,
    Signer,
    Sm2Signer,
    opened,
    signed,
    verifier_key,
)
from yiwang.apps.journal.store import Store
from yiwang.kernel.crypto import FileKeys
from yiwang.kernel.errors import Conflict
from yiwang.kernel.ids import new_ids

SEAL_AT_ONCE = 5000
CHECKPOINT_EVERY = timedelta(minutes=1)

_open: dict[tuple[Path, int], Store] = {}
_opening = threading.Lock()
_keys: dict[str, bytes] = {}


Facts = Mapping[str, str | int]


class SigningKeyMissing(Conflict):
    """The log was signed with a key that is no longer there."""

    code = "journal.signing_key_missing"


class Receipt(msgspec.Struct, frozen=True):
    """An entry is on disk: its id and its number in the log."""

    id: str
    number: int


def folder() -> Path:
    """Where the log lies."""
    return Path(settings.HOME) / "journal"


def store() -> Store:
    """This process's open log; a forked child opens its own."""
    key = (folder(), os.getpid())
    found = _open.get(key)
    if found is None:
        with _opening:
            found = _open.get(key)
            if found is None:
                algorithm = getattr(settings, "JOURNAL_ALGORITHM", "sha256")
                found = _open[key] = Store(folder(), algorithm=algorithm)
    return found


def pseudonym(text: str) -> str:
    """The stand-in under which a person appears in the journal; the key lies in HOME/keys."""
    return pseudonym_of(text, key=_pseudonym_key())


def shown(text: str) -> str:
    """``text`` as the journal would keep it: citizens' numbers are pseudonyms."""
    if len(text) < SHORTEST:
        return text
    return without_id_numbers(text, key=_pseudonym_key())


def record(
    event: str,
    *,
    subject: str,
    actor: str,
    at: datetime,
    purpose: str = "",
    case: str = "",
    facts: Mapping[str, str | int] | None = None,
) -> str:
    """Record an act in the caller's transaction; ``seal`` takes it into the log later."""
    entry = _depersonalized(
        Entry(
            event=event,
            subject=subject,
            actor=actor,
            at=at,
            purpose=purpose,
            case=case,
            facts=facts or {},
        )
    )
    Outbox.objects.create(
        id=entry.id,
        at=entry.at,
        event=entry.event,
        subject=entry.subject,
        actor=entry.actor,
        body=packed(entry),
    )
    return entry.id


def record_each(
    event: str, *, cases: Sequence[str], actor: str, at: datetime, facts: Facts | None = None
) -> list[str]:
    """``record`` once for each case, which is the subject too; returns the ids in order.

    ``facts`` hold for all; one that differs from case to case is recorded one by one.
    """
    clean = _depersonalized(Entry(event=event, actor=actor, at=at, facts=facts or {}))
    names = list(new_ids(len(cases)))
    Outbox.insert(
        (name, at, event, case, clean.actor, packed(_about(clean, name, case)))
        for name, case in zip(names, cases, strict=True)
    )
    return names


def record_all(entries: Sequence[Entry]) -> list[str]:
    """``record`` many entries in one statement; returns their ids in order."""
    clean = [_depersonalized(entry) for entry in entries]
    Outbox.insert((one.id, one.at, one.event, one.subject, one.actor, packed(one)) for one in clean)
    return [one.id for one in clean]


def _about(entry: Entry, name: str, case: str) -> Entry:
    return Entry(
        id=name,
        event=entry.event,
        subject=case,
        actor=entry.actor,
        at=entry.at,
        case=case,
        facts=entry.facts,
    )


def append(entries: Sequence[Entry]) -> list[Receipt]:
    """Append entries to the log; returns when they are on disk."""
    lines = [packed(_depersonalized(entry)) for entry in entries]
    numbers = store().append(lines)
    return [Receipt(entry.id, number) for entry, number in zip(entries, numbers, strict=True)]


def seal(*, at: datetime) -> int:
    """Move what waits in the outbox into the log, each entry once; sign a checkpoint when due.

    A crash between the log and the outbox leaves rows that are in both: their ids are known to
    the log, and they are only removed.
    """
    sealed = 0
    with _sealing():
        index = Index(folder())
        while rows := list(Outbox.objects.order_by("id")[:SEAL_AT_ONCE]):
            index.refresh()
            known = index.known([row.id for row in rows])
            fresh = [bytes(row.body) for row in rows if row.id not in known]
            store().append(fresh)
            with transaction.atomic():
                Outbox.objects.filter(id__in=[row.id for row in rows]).delete()
            sealed += len(fresh)
        _sign_when_due(at)
    return sealed


def checkpoint() -> Checkpoint | None:
    """The newest signed checkpoint; None before the first."""
    notes = sorted((folder() / "checkpoints").glob("*.note"))
    if not notes:
        return None
    return opened(notes[-1].read_text(encoding="utf-8"), public_key=public_key())


def sign_checkpoint(*, at: datetime) -> Checkpoint:
    """Sign the state of the log now and keep the note beside it."""
    size, root = store().size_and_root()
    checkpoint = Checkpoint(
        origin=origin(), size=size, root=root, at=at, algorithm=store().hasher.algorithm
    )
    note = signed(checkpoint, signer())
    kept = folder() / "checkpoints"
    kept.mkdir(exist_ok=True, mode=0o700)
    path = kept / f"{size:012d}.note"
    if not path.exists():
        fresh = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.new")
        fresh.write_text(note, encoding="utf-8")
        fresh.replace(path)
    return Checkpoint(**{name: getattr(checkpoint, name) for name in _FIELDS}, note=note)


_FIELDS = ("origin", "size", "root", "at", "algorithm")


def origin() -> str:
    """The name of this log, unique for ever: it stands in every checkpoint."""
    return getattr(settings, "JOURNAL_ORIGIN", f"yiwang.{settings.PLACE}/journal")


def signer() -> Signer:
    """Who signs the checkpoints of this log."""
    keys = Path(settings.HOME) / "keys"
    is_sm2 = getattr(settings, "JOURNAL_SIGNATURE", "ed25519") == "sm2"
    _demand_key(keys / ("journal.pem" if is_sm2 else "journal-ed25519"))
    if is_sm2:
        provider = FileKeys(keys)
        provider.ensure("journal")
        return Sm2Signer(provider, "journal")
    return Ed25519Signer(signing_key(keys))


def _demand_key(path: Path) -> None:
    """A key is made for a new log only: what was signed stands and falls with the key it had."""
    if not path.exists() and any((folder() / "checkpoints").glob("*.note")):
        raise SigningKeyMissing(
            f"留痕的签名密钥 {path} 不见了，而日志已经用它签过名。",
            hint="从备份恢复 keys 目录（yiwang restore 备份目录 --to 空目录，取其中的 keys）。",
        )


def public_key() -> str:
    """The line against which checkpoints are verified; kept in a file to hand out."""
    current = signer()
    line = verifier_key(origin(), kind=current.kind, public=current.public())
    path = Path(settings.HOME) / "keys" / "journal.pub"
    if not path.exists() or path.read_text().strip() != line:
        path.write_text(line + "\n")
    return line


def _sign_when_due(at: datetime) -> None:
    """A checkpoint for what was appended since the last, not more often than every minute."""
    last = checkpoint()
    if last is not None and at - last.at < CHECKPOINT_EVERY:
        return
    if store().size_and_root()[0] > (last.size if last else 0):
        sign_checkpoint(at=at)


@contextlib.contextmanager
def _sealing() -> Iterator[None]:
    store()
    with (folder() / "seal.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _depersonalized(entry: Entry) -> Entry:
    texts = [entry.subject, entry.actor, entry.purpose, entry.case]
    texts += [value for value in entry.facts.values() if type(value) is str]
    texts = [text for text in texts if len(text) >= SHORTEST]
    if not ID_NUMBER.search("\n".join(texts)):
        return entry
    key = _pseudonym_key()
    named = {
        name: without_id_numbers(getattr(entry, name), key=key)
        for name in ("subject", "actor", "purpose", "case")
    }
    told = {
        name: without_id_numbers(value, key=key) if isinstance(value, str) else value
        for name, value in entry.facts.items()
    }
    return msgspec.structs.replace(entry, **named, facts=told)


def _pseudonym_key() -> bytes:
    home = str(settings.HOME)
    found = _keys.get(home)
    if found is None:
        found = _keys[home] = kept_key(Path(home) / "keys", "journal-pseudonym")
    return found
