"""Five hundred residents who file at once, for minutes: no case lost, none twice, how long it is.

``BENCH_SECONDS`` says for how long (45; the bar is 300), ``BENCH_THINK`` how long one ponders
before each request on average (20). Each opens the form, files it (every fifth time twice at the
same moment, as an impatient thumb does), reads the case, and takes it back, so that it can be
asked for again. The platform is ``yiwang serve`` as it is, on SQLite, with its worker.
"""

import asyncio
import contextlib
import json
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench import gate

APPLICANTS = int(os.environ.get("BENCH_APPLICANTS", "500"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "45"))
THINK = float(os.environ.get("BENCH_THINK", "20"))
FORM = "/items/everyday.residence_note/apply/"
CASE = re.compile(r"SY\d{12}[\dX]")


def run() -> Iterator[str]:
    """Prepare a home, serve it, let everybody file, and count what is there afterwards."""
    with tempfile.TemporaryDirectory() as home:
        own = gate.environment(home)
        known = json.loads(
            gate.output([sys.executable, "tests/filing_home.py", str(APPLICANTS)], own)
        )
        with _served(own, home) as port:
            found = asyncio.run(_crowd(port, known))
        yield from _told(found, Path(home) / "yiwang.sqlite")


class _served:  # noqa: N801 - used as a function is
    """``yiwang serve`` on a free port."""

    def __init__(self, own: dict[str, str], home: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "yiwang.boot.cli", "serve", "--data", home]
        command += ["--port", str(self.port)]
        self.process = subprocess.Popen(
            command, env=own, cwd=gate.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def __enter__(self) -> int:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return self.port
        raise RuntimeError("yiwang serve did not answer")

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


class TimeIsOver(Exception):
    """Nobody begins anything any more; what was sent has been answered."""


class Applicant:
    """One resident with a connection of their own."""

    def __init__(self, port: int, cookie: str, found: dict[str, Any]) -> None:
        self.port, self.cookie, self.found = port, cookie, found
        self.csrf, self.until = "", 0.0

    async def live(self, until: float) -> None:
        """File, read, take back, until the time is over."""
        self.until = until
        await asyncio.sleep(random.uniform(0, min(THINK, SECONDS / 2)))
        with contextlib.suppress(TimeIsOver):
            await self.turns()

    async def turns(self) -> None:
        """One filing after the other."""
        turn = 0
        while time.monotonic() < self.until:
            status, page = await self.ask("form", "GET", FORM)
            token = re.search(r'name="token" value="([^"]+)"', page)
            if status != 200 or token is None:
                self.found["odd"].append((status, "form"))
                continue
            await self.ponder()
            await self.file(token[1], twice=turn % 5 == 4)
            turn += 1
            await self.ponder()

    async def file(self, token: str, *, twice: bool) -> None:
        """Send the form; the numbers that come back for one token must be one."""
        given = {"act": "submit", "token": token, "answer-note_use": "rent"}
        sent = [self.ask("file", "POST", FORM, given) for _ in range(1 + twice)]
        answers = await asyncio.gather(*sent)
        numbers = {one[0] for _, text in answers if (one := CASE.findall(text))}
        self.found["twice"] += twice
        if len(numbers) != 1:
            self.found["odd"].append((answers[0][0], "file"))
            return
        (number,) = numbers
        self.found["filed"][token].add(number)
        await self.ponder()
        status, _ = await self.ask("case", "GET", f"/mine/cases/{number}/")
        back, _ = await self.ask("withdraw", "POST", f"/mine/cases/{number}/withdrawal/")
        if (status, back) != (200, 302):
            self.found["odd"].append((status, back))

    async def ponder(self) -> None:
        """As long as a person takes; raises ``TimeIsOver``."""
        until = time.monotonic() + (random.expovariate(1 / THINK) if THINK else 0)
        await asyncio.sleep(max(0, min(until, self.until) - time.monotonic()))
        if time.monotonic() >= self.until:
            raise TimeIsOver

    async def ask(
        self, what: str, method: str, path: str, given: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """One request; its answer with the address that it leads to."""
        body = urlencode({**(given or {}), "csrfmiddlewaretoken": self.csrf}).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines.append(f"Cookie: {self.cookie}; csrftoken={self.csrf}")
        if method == "POST":
            lines += [f"Content-Length: {len(body)}"]
            lines += ["Content-Type: application/x-www-form-urlencoded"]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        began = time.monotonic()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(head + (body if method == "POST" else b""))
            answer = (await reader.read()).decode("utf-8", "replace")
            writer.close()
        except OSError as error:
            self.found["odd"].append((0, type(error).__name__))
            return 0, ""
        self.found["times"][what].append(time.monotonic() - began)
        for name, value in re.findall(r"(?i)^set-cookie: (\w+)=([^;]*)", answer, re.MULTILINE):
            if name == "csrftoken":
                self.csrf = value
        return int(answer[9:12] or 0), answer


async def _crowd(port: int, known: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "filed": defaultdict(set), "twice": 0, "odd": [], "times": defaultdict(list),
    }  # fmt: skip
    people = [Applicant(port, f"{known['cookie']}={one}", found) for one in known["sessions"]]
    await people[0].ask("first", "GET", FORM)  # the server reads its packs
    until = time.monotonic() + SECONDS
    await asyncio.gather(*(one.live(until) for one in people))
    return found


def _told(found: dict[str, Any], database: Path) -> Iterator[str]:
    filed = found["filed"]
    numbers = [one for each in filed.values() for one in each]
    with sqlite3.connect(database) as rows:
        counts = "SELECT COUNT(*), COUNT(DISTINCT token) FROM services_application"
        applications, tokens = rows.execute(counts).fetchone()
        (cases,) = rows.execute(
            "SELECT COUNT(*) FROM casework_case WHERE applicant <> ''"
        ).fetchone()
    yield (
        f"{APPLICANTS} applicants for {SECONDS:.0f} s, {THINK:.0f} s of thought before each "
        f"request: {len(numbers):,} filed, {found['twice']:,} of them sent twice at once; "
        f"other than expected: {len(found['odd'])} (bar 0) {found['odd'][:3] or ''}"
    )
    yield (
        f"cases {cases:,}, applications {applications:,}, tokens {tokens:,}: "
        f"lost {len(numbers) - applications:,}, double {applications - tokens:,} (bars 0)"
    )
    for what, times in sorted(found["times"].items()):
        times.sort()
        at = [times[min(int(len(times) * part), len(times) - 1)] for part in (0.5, 0.95)]
        yield f"{what}: {len(times):,} answers, p50 {at[0]:.2f} s, p95 {at[1]:.2f} s"
