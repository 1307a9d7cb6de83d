"""The demo on days whose deadlines reach into a year that nobody has announced."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

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
print(*[browser.get(page).status_code for page in sys.argv[3:]])
"""


def run(*words: str, home: Path) -> str:
    own = {
        **os.environ,
        "YIWANG_HOME": str(home),
        "YIWANG_LOG": "DEBUG",
        "YIWANG_DEMO_POSTGRES": "off",
        "YIWANG_DEMO_MARIADB": "off",
        "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings",
    }
    done = subprocess.run(
        [sys.executable, *words], cwd=TESTS, env=own, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("day", ["2026-12-30T09:00", "2027-03-01T09:00"])
def test_the_demo_is_told_whatever_day_it_is_and_its_log_names_nobody(day, tmp_path):
    told = run(
        "begun_at.py", day, "demo", "--data", str(tmp_path), "--once", "--people", "1200",
        home=tmp_path,
    )  # fmt: skip

    assert "[16/16]" in told
    assert not NUMBER.findall(told)
    assert not PHONE.findall(told)
    journal = "".join(one.read_text("utf-8") for one in tmp_path.glob("journal/*.jsonl"))
    assert not NUMBER.findall(journal)
    assert not PHONE.findall(journal)
    pages = ("/", "/steward/", "/steward/datasets/", "/steward/runs/", "/oversight/")
    assert run("-c", SIGN_IN, day, str(tmp_path), *pages, home=tmp_path).split()[-5:] == ["200"] * 5
