"""The whole demo remembers in PostgreSQL as it does in SQLite, and the how-to's lines run on it."""

import re
import subprocess
import sys
from urllib.parse import urlsplit

import demo_runs
import psycopg


def test_the_demo_and_a_collection_by_hand_run_on_postgresql(postgres, tmp_path, repository):
    on_postgresql = {**demo_runs.NO_SERVERS, "YIWANG_DATABASE": postgres}
    home = tmp_path / "var/siyang"
    ran = demo_runs.run(home, **on_postgresql)

    assert ran.returncode == 0, ran.stderr[-2000:]
    assert not (home / "yiwang.sqlite").exists()
    with psycopg.connect(postgres, dbname=urlsplit(postgres).path[1:]) as connection:
        cases = connection.execute("SELECT count(*) FROM casework_case").fetchone()
    assert cases is not None and cases[0] > 10

    page = (repository / "docs/how-to/connect-a-department.md").read_text("utf-8")
    (lines,) = re.findall(r"```python\n(.*?)```", page, re.S)
    by_hand = subprocess.run(
        [sys.executable, "-c", lines],
        cwd=tmp_path,
        env=demo_runs.surroundings(**on_postgresql),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert by_hand.returncode == 0, by_hand.stderr[-2000:]
    read, accepted, rejected = map(int, re.findall(r"\d+", by_hand.stdout))
    assert read == accepted + rejected > 0
