"""The integrator's tutorial on a served platform: pages, then curl, Python, DuckDB."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import pytest
import yaml
from cast import PASSWORD

TESTS = Path(__file__).parents[1]
PAGES = TESTS.parent / "docs/tutorial"
BLOCK = re.compile(r"^`([\w./]+)`:\n\n```\w+\n(.*?)```", re.M | re.S)
SERVE = """
import begun_at
begun_at.shift("2026-11-23T10:00")  # after the county was settled
from uvicorn.main import main
main()
"""


def blocks(name):
    return dict(BLOCK.findall((PAGES / name).read_text("utf-8")))


class Officer:
    """A browser of somebody who has signed in."""

    def __init__(self, address, username) -> None:
        self.address, self.web = address, build_opener(HTTPCookieProcessor(CookieJar()))
        self.post("/sign-in/", {"username": username, "password": PASSWORD})

    def get(self, path):
        with self.web.open(self.address + path) as page:
            return page.geturl().removeprefix(self.address), page.read().decode()

    def post(self, path, given, *, form=""):
        """Fill the form on the page ``form`` and send it; where one is led, and what it says."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(form or path)[1])
        data = urlencode({**given, "csrfmiddlewaretoken": token[1]}, doseq=True).encode()
        with self.web.open(self.address + path, data) as page:
            return page.geturl().removeprefix(self.address), page.read().decode()


@pytest.fixture(scope="module")
def served(county_home):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, "yiwang.boot.asgi:application", "--port", str(port)],
        cwd=TESTS, env=county_home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(600):
        try:
            urlopen(f"http://127.0.0.1:{port}/").close()
            break
        except URLError:
            time.sleep(0.1)
    yield {**county_home, "GATE": f"http://127.0.0.1:{port}"}
    server.kill()
    server.wait()


def _granted(address, asked):
    """Steps 1 and 2 on pages: asked by Li, agreed by Chen, the key issued to Li."""
    li, chen = Officer(address, "li"), Officer(address, "chen")
    assert "base.resident" in li.get("/steward/shop/")[1]
    demand, _ = li.post("/steward/demands/new/?table=base.resident", asked)
    number = demand.strip("/").rpartition("/")[2]
    grant, page = chen.post(f"{demand}decision/", {"agree": "1", "reason": "同意"}, form=demand)
    assert number in page
    _, page = li.post(f"{grant}keys/", {}, form=grant)
    return re.search(r"yw_[\w-]{40,}", page)[0]


def _run(command, environment, folder):
    return subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, check=True
    ).stdout


def test_from_a_demand_to_a_table_in_duckdb(served, tmp_path):
    steps = blocks("integrator.md")
    asked = yaml.safe_load(steps["demand.yaml"])
    key = _granted(served["GATE"], asked)
    own = {**served, "KEY": key, "PURPOSE": asked["purpose"]}

    if shutil.which("curl"):
        answer = json.loads(_run(["sh", "-c", steps["lookup.sh"]], own, tmp_path))
        assert answer["rows"] == [{"name": "王秀英", "phone": "13812345678"}]
        assert len(answer["receipt"]) == 26
        refused = json.loads(
            _run(["sh", "-c", steps["lookup.sh"]], {**own, "PURPOSE": ""}, tmp_path)
        )
        assert refused["data"]["reason"] == "wrong_purpose"

    told = _run([sys.executable, "-c", steps["batch.py"]], own, tmp_path).split()
    assert told[:3] == ["1", "first", "1"]
    assert len(told[3]) == 26  # the call that the second one repeats

    own["FILE_KEY"] = _granted(served["GATE"], yaml.safe_load(steps["statistics.yaml"]))
    told = _run([sys.executable, "-c", steps["file.py"]], own, tmp_path)
    assert told.startswith("snapshot ")
    assert re.search(r"2\s*│\s*2", told)  # two women


def test_both_languages_show_the_same_steps():
    assert blocks("integrator.md") == blocks("integrator.zh-CN.md")
