"""The demo on days whose deadlines reach into a year that nobody has announced."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import stores

from yiwang.boot.demo.stages import STAGES
from yiwang.kernel.identifiers import gbt11643

TESTS = Path(__file__).parents[1]
NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
PHONE = re.compile(r"(?<![\d.])1[3-9]\d{9}(?!\d)")
SIGN_IN = """
import sys, begun_at
begun_at.shift(sys.argv[1])
from pathlib import Path
from yiwang.boot.starting import start_django
start_django(home=Path(sys.argv[2]), place="siyang")
from django.test import Client
from yiwang.boot.demo.cast import demo_password
browser = Client()
browser.post("/sign-in/", {"username": "shuju", "password": demo_password(Path(sys.argv[2]))})
print("pages", *[browser.get(page).status_code for page in sys.argv[3:]])
"""


def run(*words: str, home: Path) -> str:
    own = {
        **os.environ,
        **stores.store_of(home),
        "YIWANG_HOME": str(home),
        "YIWANG_LOG": "DEBUG",
        "YIWANG_DEMO_POSTGRES": "off",
        "YIWANG_DEMO_MARIADB": "off",
        "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings",
    }
    done = subprocess.run(
        [sys.executable, *words], cwd=TESTS, env=own, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout + done.stderr


def personal_numbers(police: Path) -> set[str]:
    """Every id and telephone number of the county; a snapshot's id may have 18 digits too."""
    with closing(sqlite3.connect(police)) as database:
        rows = database.execute("SELECT GMSFHM, LXDH FROM HK_RYXX").fetchall()
    return {number.upper() for row in rows for number in row if number}


def test_the_demo_is_told_in_a_year_not_announced_and_its_log_names_nobody(tmp_path):
    told = run(
        "begun_at.py", "2027-03-01T09:00", "demo", "--data", str(tmp_path), "--once",
        "--people", "1200", home=tmp_path,
    )  # fmt: skip

    assert f"[{len(STAGES)}/{len(STAGES)}]" in told
    residents = personal_numbers(tmp_path / "departments" / "police.sqlite")
    assert not NUMBER.findall(told)
    assert not PHONE.findall(told)
    journal = "".join(one.read_text("utf-8") for one in tmp_path.glob("journal/*.jsonl"))
    kept = {one.upper() for one in NUMBER.findall(journal)}
    assert not [one for one in kept if one in residents or gbt11643.is_valid(one)]
    assert not residents & {*PHONE.findall(journal)}
    pages = ("/", "/steward/", "/steward/datasets/", "/steward/runs/", "/oversight/")
    seen = run("-c", SIGN_IN, "2027-03-01T09:30", str(tmp_path), *pages, home=tmp_path)
    assert "pages 200 200 200 200 200" in seen, "the password of a demo account is of today"
