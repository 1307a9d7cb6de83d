"""An exported log: verified elsewhere, and one changed bit is found and located."""

import os
import random
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest
from cast import NINE, WANG_NUMBER
from django.db import transaction

from yiwang.apps.journal import actions
from yiwang.apps.journal import public as journal
from yiwang.apps.journal.merkle import Hasher, verify_consistency
from yiwang.apps.journal.models import Outbox
from yiwang.apps.journal.notes import opened


@pytest.fixture
def home(tmp_path, settings, db):
    """A home folder of its own, so that the log begins with this test."""
    settings.HOME = tmp_path / "home"
    return settings.HOME


@pytest.fixture(params=["sha256 ed25519", "sm3 sm2"])
def exported(home, tmp_path, settings, request):
    """An export of 60 entries in 12 blocks with three checkpoints."""
    settings.JOURNAL_ALGORITHM, settings.JOURNAL_SIGNATURE = request.param.split()
    for block in range(12):
        journal.append(
            [journal.Entry(event="test.done", subject=f"SY{block}-{n}", at=NINE) for n in range(5)]
        )
        if block % 5 == 4:
            journal.sign_checkpoint(at=NINE)
    journal.export(tmp_path / "export", at=NINE)
    return tmp_path / "export"


def test_an_untouched_export_holds(exported):
    verdict = journal.verify_export(exported, journal.public_key())

    assert verdict.damages == []
    assert (verdict.entries, verdict.blocks, verdict.checkpoints) == (60, 12, 3)
    assert verdict.unsigned == 0


def test_any_one_bit_changed_in_any_file_is_found(exported):
    key, chance = journal.public_key(), random.Random(7)
    for path in sorted(path for path in exported.rglob("*") if path.is_file()):
        whole = path.read_bytes()
        for _ in range(60):
            place, bit = chance.randrange(len(whole)), chance.randrange(8)
            changed = bytearray(whole)
            changed[place] ^= 1 << bit
            path.write_bytes(changed)
            assert not journal.verify_export(exported, key).holds, (path.name, place, bit)
        path.write_bytes(whole)


def test_a_changed_entry_is_named_with_its_number_and_place(exported):
    [segment] = exported.glob("segment-*.jsonl")
    content = segment.read_bytes()
    segment.write_bytes(content.replace(b'"SY7-3"', b'"SY7-4"'))

    [damage] = journal.verify_export(exported, journal.public_key()).damages

    assert damage.number == 7 * 5 + 3
    line = content[damage.offset :].split(b"\n", 1)[0]
    assert b'"SY7-3"' in line
    assert "内容与写入时的摘要不符" in str(damage)


def test_entries_cut_off_the_end_are_missed(exported):
    [segment] = exported.glob("segment-*.jsonl")
    content = segment.read_bytes()
    segment.write_bytes(content[: content[:-1].rindex(b"\n=") + 1].rpartition(b"{")[0])

    damages = journal.verify_export(exported, journal.public_key()).damages

    assert any("少" in damage.what for damage in damages)


def test_a_log_written_anew_with_other_content_fails_at_its_checkpoints(exported, tmp_path):
    forged = actions.Store(tmp_path / "forged", algorithm=_algorithm(exported))
    for block in range(12):
        forged.append([b'{"forged":%d}' % (block * 5 + n) for n in range(5)])
    for name in ("segment-000000000000.jsonl", "hashes"):
        shutil.copy(tmp_path / "forged" / name, exported / name)

    damages = journal.verify_export(exported, journal.public_key()).damages

    assert [damage.file for damage in damages] == [
        f"checkpoints/{size:012d}.note" for size in (25, 50, 60)
    ]


def test_another_public_key_refuses_every_checkpoint(exported):
    origin, key_id, rest = journal.public_key().split("+", 2)
    other = f"{origin}+{key_id[::-1]}+{rest}"

    assert not journal.verify_export(exported, other).holds


def test_verifying_needs_neither_django_nor_a_home(exported, tmp_path):
    code = (
        "import sys\n"
        "from yiwang.boot.cli import main\n"
        "try:\n    main(sys.argv[1:])\nfinally:\n    assert 'django' not in sys.modules\n"
    )
    key = tmp_path / "key.pub"
    key.write_text(journal.public_key() + "\n")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    run = [sys.executable, "-c", code, "journal", "verify", str(exported), "--key", str(key)]

    good = subprocess.run(run, env=environment, cwd=tmp_path, capture_output=True, text=True)
    [segment] = exported.glob("segment-*.jsonl")
    segment.write_bytes(segment.read_bytes().replace(b'"SY7-3"', b'"SY7-4"'))
    bad = subprocess.run(run, env=environment, cwd=tmp_path, capture_output=True, text=True)

    assert (good.returncode, good.stderr) == (0, "")
    assert "日志完整" in good.stdout
    assert bad.returncode == 1
    assert "第 38 条" in bad.stderr


def test_an_entry_is_proved_against_a_signed_checkpoint(home):
    entry_id = journal.record("test.done", subject="SY1", actor="li", at=NINE)
    for n in range(9):
        journal.record("test.done", subject=f"SY1{n}", actor="li", at=NINE)
    assert journal.seal(at=NINE) == 10

    proof = journal.proof(entry_id, at=NINE)

    assert proof.holds
    assert len(proof.steps) == 4
    assert opened(proof.checkpoint.note, public_key=journal.public_key()).size == 10


def test_a_later_checkpoint_is_proved_to_contain_an_earlier_one(home):
    roots = []
    for n in range(3):
        journal.append([journal.Entry(event="test.done", at=NINE) for _ in range(n + 3)])
        roots.append(journal.sign_checkpoint(at=NINE))
    early, _, late = roots

    assert journal.checkpoint().size == late.size
    assert verify_consistency(
        Hasher(),
        first=early.size,
        first_root=early.root,
        second=late.size,
        second_root=late.root,
        proof=journal.consistency(early.size, late.size),
    )


def test_a_checkpoint_is_signed_at_most_every_minute_and_only_for_something_new(home):
    def notes(minutes):
        journal.seal(at=NINE + timedelta(minutes=minutes))
        return len(list((home / "journal" / "checkpoints").glob("*")))

    assert notes(0) == 0
    journal.append([journal.Entry(event="test.done", at=NINE)])
    assert notes(0) == 1
    journal.append([journal.Entry(event="test.done", at=NINE)])
    assert [notes(0.5), notes(2), notes(4)] == [1, 2, 2]


def test_what_is_rolled_back_was_never_recorded(home):
    with pytest.raises(KeyError), transaction.atomic():
        journal.record("test.done", subject="SY2", actor="li", at=NINE)
        raise KeyError
    journal.seal(at=NINE)

    assert journal.entries(subject="SY2") == []


def test_an_entry_waits_visibly_and_is_sealed_once(home):
    journal.record("test.done", subject="SY3", actor="li", at=NINE)
    [waiting] = journal.entries(subject="SY3")
    [row] = Outbox.objects.all()

    journal.seal(at=NINE)
    Outbox.objects.create(
        id=row.id, at=row.at, event=row.event, subject=row.subject, actor=row.actor, body=row.body
    )  # as after a crash between the log and the outbox
    assert journal.seal(at=NINE) == 0

    [sealed] = journal.entries(subject="SY3")
    assert (waiting.number, sealed.number) == (None, 0)
    assert sealed.id == waiting.id
    assert not Outbox.objects.exists()


def test_a_citizen_number_never_reaches_the_journal(home):
    journal.record(
        "file.opened",
        subject=WANG_NUMBER,
        actor="li",
        at=NINE,
        purpose=f"核对 {WANG_NUMBER} 的津贴",
        facts={"who": WANG_NUMBER.lower()},
    )
    journal.append([journal.Entry(event="gate.answered", subject=WANG_NUMBER, at=NINE)])
    journal.seal(at=NINE)

    assert [entry.subject for entry in journal.entries(subject=WANG_NUMBER)] == [
        journal.pseudonym(WANG_NUMBER)
    ] * 2
    for path in (home / "journal").rglob("*"):
        assert not path.is_file() or WANG_NUMBER.encode() not in path.read_bytes(), path


def _algorithm(exported):
    return (exported / "algorithm").read_text().strip()


@pytest.mark.parametrize(("kind", "file"), [("ed25519", "journal-ed25519"), ("sm2", "journal.pem")])
def test_a_signed_log_whose_key_is_gone_is_given_no_other_key(home, settings, kind, file):
    settings.JOURNAL_SIGNATURE = kind
    journal.append([journal.Entry(event="test.done", subject="SY1", at=NINE)])
    journal.sign_checkpoint(at=NINE)
    handed_out = journal.public_key()
    (home / "keys" / file).unlink()

    with pytest.raises(actions.SigningKeyMissing, match="签名密钥"):
        journal.public_key()
    assert not (home / "keys" / file).exists()
    assert (home / "keys" / "journal.pub").read_text().strip() == handed_out
