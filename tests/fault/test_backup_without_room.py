"""A backup that meets a full disk leaves no backup that looks finished."""

import os
import sqlite3
import subprocess
import sys

from yiwang.boot.backups import manifest


def test_a_full_disk_leaves_no_finished_backup_and_says_what_to_do(tmp_path):
    home, kept = tmp_path / "home", tmp_path / "kept"
    (home / "evidence").mkdir(parents=True)
    (home / "evidence" / "large").write_bytes(os.urandom(3 << 20))
    store = sqlite3.connect(home / "yiwang.sqlite")
    store.execute("CREATE TABLE thing (id INTEGER)")
    store.close()
    backup = f"backup {kept} --place siyang --data {home}"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("YIWANG_")}
    environment["DJANGO_SETTINGS_MODULE"] = "yiwang.boot.settings"

    def typed(words, limit="unlimited"):
        command = f"{sys.executable} -m yiwang.boot.cli {words}"
        return subprocess.run(
            ["bash", "-c", f"trap '' XFSZ; ulimit -f {limit}; {command}"],
            env=environment,
            capture_output=True,
            text=True,
        )

    full = typed(backup, 1000)  # files of at most a megabyte

    assert full.returncode == 1
    assert "磁盘已满" in full.stderr
    assert manifest.names(kept) == []
    assert not [path for path in kept.rglob("*") if path.suffix == ".new"]
    assert typed(backup).returncode == 0
    assert len(manifest.names(kept)) == 1
    assert "证明成立" in typed(f"restore {kept} --drill --data {home}").stdout
    assert "证明成立" in typed(f"restore {kept} --to {tmp_path / 'elsewhere'}").stdout
    assert "不是空的" in typed(f"restore {kept} --to {home}").stderr
