"""A backup of a running installation restores to equal counts and roots, or is refused."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from cast import NINE

from yiwang.apps.catalog import public as catalog
from yiwang.apps.journal import public as journal
from yiwang.boot.backups import manifest, restoring, taking
from yiwang.boot.backups.keeping import thin_out
from yiwang.boot.backups.objects import BackupDamaged
from yiwang.boot.database import database
from yiwang.kernel.errors import YiwangError
from yiwang.lake import Lake


@pytest.fixture
def home(settings, tmp_path) -> Path:
    """A small installation: a store, a lake of two snapshots, a log, a file of evidence, keys."""
    settings.HOME = home = tmp_path / "home"
    home.mkdir()
    with sqlite3.connect(home / "yiwang.sqlite") as store:
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, text)")
        store.executemany("INSERT INTO thing (text) VALUES (?)", [(f"事 {n}",) for n in range(500)])
    store.close()
    lake = catalog.lake()
    for rows in (3, 5):
        lake.write("base.thing", [{"n": n} for n in range(rows)], columns={"n": "integer"}, at=NINE)
    journal.append([journal.Entry(event="tests.done", subject=str(n), at=NINE) for n in range(40)])
    (home / "evidence" / "ab").mkdir(parents=True)
    (home / "evidence" / "ab" / "abcd").write_bytes(b"photo")
    (home / "sources.yaml").write_text("{}")
    return home


def _taken(home, to, after=0):
    return taking.take_backup(
        home,
        to=to,
        store=database("", home=home),
        place="siyang",
        at=NINE + timedelta(seconds=after),
    )


def test_what_was_backed_up_comes_out_again_elsewhere(home, tmp_path):
    taken = _taken(home, tmp_path / "kept")
    there = tmp_path / "elsewhere"

    done = restoring.restore(tmp_path / "kept", to=there, store=None)

    assert done.holds, [one for one in done.proofs if not one.holds]
    assert (taken.proof.tables["thing"], taken.proof.journal_size) == (500, 40)
    assert (there / "evidence" / "ab" / "abcd").read_bytes() == b"photo"
    assert (there / "keys" / "journal.pub").exists()
    lake = Lake(there / "lake")
    lake.write("base.thing", [{"n": 9}], columns={"n": "integer"}, at=NINE)
    assert [one.rows for one in lake.snapshots("base.thing")] == [3, 5, 1]
    lake.close()


def test_a_moved_folder_reads_and_writes_where_it_lies_now(home, tmp_path):
    catalog.lake().close()
    home.rename(tmp_path / "moved")

    lake = Lake(tmp_path / "moved" / "lake")
    assert lake.rows("SELECT count(*) AS n FROM base.thing") == [{"n": 5}]
    lake.write("base.thing", [{"n": 9}], columns={"n": "integer"}, at=NINE)
    assert lake.count("base.thing") == 1
    assert not home.exists()
    lake.close()


def test_a_second_backup_writes_only_what_changed(home, tmp_path):
    first = _taken(home, tmp_path / "kept")
    (home / "evidence" / "ab" / "abce").write_bytes(b"another")

    second = _taken(home, tmp_path / "kept", after=5)

    assert second.size > first.size
    assert second.new_bytes < first.new_bytes / 5
    assert manifest.names(tmp_path / "kept") == [first.id, second.id]


def test_a_truncated_backup_is_refused_saying_what_is_missing(home, tmp_path):
    taken = _taken(home, tmp_path / "kept")
    photo = next(one for one in taken.files if one.path.startswith("evidence/"))
    (tmp_path / "kept" / "objects" / photo.pieces[0][:2] / photo.pieces[0]).unlink()

    with pytest.raises(BackupDamaged, match="evidence/ab/abcd"):
        restoring.restore(tmp_path / "kept", to=tmp_path / "elsewhere", store=None)
    assert not (tmp_path / "elsewhere").exists()


def test_a_truncated_manifest_and_an_altered_piece_are_refused(home, tmp_path):
    taken = _taken(home, tmp_path / "kept")
    store = next(one for one in taken.files if one.path == "yiwang.sqlite")
    piece = tmp_path / "kept" / "objects" / store.pieces[0][:2] / store.pieces[0]
    content = piece.read_bytes()
    piece.write_bytes(content[:-1] + b"x")
    with pytest.raises(BackupDamaged, match=r"yiwang\.sqlite"):
        restoring.restore(tmp_path / "kept", to=tmp_path / "elsewhere", store=None)

    path = tmp_path / "kept" / "backups" / f"{taken.id}.json"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BackupDamaged, match="清单不完整"):
        manifest.read(tmp_path / "kept")


def test_a_restore_writes_over_nothing(home, tmp_path):
    _taken(home, tmp_path / "kept")

    with pytest.raises(restoring.FolderNotEmpty):
        restoring.restore(tmp_path / "kept", to=home, store=None)


def test_a_drill_proves_and_leaves_nothing_behind(home, tmp_path):
    _taken(home, tmp_path / "kept")

    assert restoring.drill(tmp_path / "kept", work=tmp_path / "work", store=None).holds
    assert not list((tmp_path / "work").glob("*"))


def test_a_changed_entry_of_the_log_does_not_pass_the_drill(home, tmp_path):
    files = [path for path in (home / "journal").iterdir() if path.is_file()]
    segment = next(path for path in files if b"tests.done" in path.read_bytes())
    taken = _taken(home, tmp_path / "kept")
    there = tmp_path / "elsewhere"
    restoring.restore(tmp_path / "kept", to=there, store=None)
    log = there / "journal" / segment.name
    log.write_bytes(log.read_bytes().replace(b"tests.done", b"tests.gone", 1))

    assert taken.proof.journal_root
    with pytest.raises(YiwangError):
        restoring.proofs_of_journal(taken, there)


def test_old_backups_go_and_the_pieces_of_those_kept_stay(home, tmp_path):
    kept = tmp_path / "kept"
    _taken(home, kept)
    (home / "sources.yaml").write_text("{a: 1}")
    _taken(home, kept, after=5)

    assert thin_out(kept, keep=1) == 1
    assert restoring.restore(kept, to=tmp_path / "elsewhere", store=None).holds
