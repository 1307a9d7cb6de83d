"""The gate as a process of its own: the how-to's examples, callers at the same moment, a kill."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest

TESTS = Path(__file__).parents[1]
GUIDE = TESTS.parent / "docs" / "how-to" / "call-the-gate.md"
QUOTA = 40
SERVE = """
import begun_at
begun_at.shift("2026-11-23T10:00")  # after the key was issued
import sys
from yiwang.boot.gate import serve
serve(int(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def served(county_home):
    """Environment of a caller: GATE, KEY, ID_NUMBER, PURPOSE, CASE."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port)],
        cwd=TESTS, env=county_home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    gate = f"http://127.0.0.1:{port}"
    _wait_for(gate)
    yield {**county_home, "GATE": gate}
    server.kill()
    server.wait()


def _wait_for(gate: str) -> None:
    for _ in range(300):
        try:
            urlopen(f"{gate}/gate/v2/")
        except HTTPError:
            return
        except URLError:
            time.sleep(0.1)
    raise AssertionError("the gate did not start")


def _example(language: str) -> str:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text("utf-8"), re.S)[0]


def test_the_curl_example_of_the_guide_works(served):
    if not shutil.which("curl"):
        pytest.skip("curl is not there")
    done = subprocess.run(
        ["sh", "-c", _example("sh")], env=served, capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    assert answer["rows"][0]["name"] == "王秀英"
    assert answer["masked"] == ["address"]


def test_the_python_example_of_the_guide_works(served):
    done = subprocess.run(
        [sys.executable, "-c", _example("python")], env=served, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    phone, receipt = done.stdout.split()
    assert phone == "13812345678"
    assert len(receipt) == 26


def test_every_reason_of_a_refusal_stands_in_the_guide():
    gate = (TESTS.parent / "src/yiwang/apps/exchange/gate/questions.py").read_text("utf-8")
    codes = set(re.findall(r'Question\(\s*"(\w+)"', gate))
    assert codes
    assert not [code for code in codes if f"`{code}`" not in GUIDE.read_text("utf-8")]


def test_callers_at_the_same_moment_share_one_exact_quota(served):
    """Last in this file: it uses the quota up."""
    query = urlencode({"id_number": served["ID_NUMBER"], "columns": "name"})
    headers = {
        "Authorization": f"Bearer {served['KEY']}",
        "X-Purpose": quote(served["PURPOSE"]),
        "X-Case": served["CASE"],
    }

    def call(_: int) -> int:
        try:
            with urlopen(
                Request(f"{served['GATE']}/gate/v1/base.resident?{query}", headers=headers)
            ) as reply:
                return reply.status
        except HTTPError as error:
            return error.code

    with ThreadPoolExecutor(16) as callers:
        statuses = list(callers.map(call, range(100)))
    answered_before = 2 if shutil.which("curl") else 1
    assert statuses.count(200) <= QUOTA
    assert statuses.count(200) >= QUOTA - answered_before
    assert set(statuses) == {200, 429}
