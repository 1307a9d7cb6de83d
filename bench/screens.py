"""Two hundred screens open with live updates: the server's CPU while values and incidents change.

Ten screens of the packs, each watched by eighteen officers who see alike and two who see their own;
every five seconds an indicator is taken anew and an incident is reported. ``BENCH_SECONDS`` says
for how long (60).
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import gate

SECONDS = float(os.environ.get("BENCH_SECONDS", "60"))
SCREENS, ALIKE, OWN = 10, 18, 2


def run() -> Iterator[str]:
    """Fill a home, serve it, watch it while it changes."""
    with tempfile.TemporaryDirectory() as home:
        own = gate.environment(home)
        filled = subprocess.run(
            [sys.executable, "-m", "bench.screens", "fill"],
            env=own, cwd=gate.ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        known = json.loads(filled.stdout.splitlines()[-1])
        program = "import sys\nfrom yiwang.boot import asgi, gate\ngate.app = asgi.application\n"
        with gate.served(own, audited=True, program=program) as (port, process):
            command = [sys.executable, "-m", "bench.screens", "change"]
            changing = subprocess.Popen(command, env=own, cwd=gate.ROOT)
            found = asyncio.run(_watch(port, process, known))
            changing.terminate()
            changing.wait()
    yield (
        f"{found['streams']} streams of {len(known['screens'])} screens, {SECONDS:.0f} s: "
        f"{found['cpu'] / SECONDS:.2f} cores of the server (bar 1), "
        f"{found['events']:,} events, {found['bytes'] / 1e6:.1f} MB, refused {found['refused']}"
    )


async def _watch(port: int, process: int, known: dict[str, list[str]]) -> dict[str, float]:
    tally = {"events": 0, "bytes": 0, "refused": 0, "streams": 0}
    streams = [
        asyncio.create_task(_stream(port, screen, cookie, tally))
        for screen in known["screens"][:SCREENS]
        for cookie in known["cookies"]
    ]
    await asyncio.sleep(20)  # everybody is connected and has the first picture
    tally["events"] = tally["bytes"] = 0
    before = _cpu(process)
    await asyncio.sleep(SECONDS)
    spent = _cpu(process) - before
    for one in streams:
        one.cancel()
    return {**tally, "cpu": spent}


async def _stream(port: int, screen: str, cookie: str, tally: dict[str, int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    asked = f"GET /oversight/screens/{screen}/live/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    writer.write(f"{asked}Cookie: yiwang_session={cookie}\r\n\r\n".encode())
    status = await reader.readline()
    tally["refused" if b" 200 " not in status else "streams"] += 1
    while line := await reader.readline():
        tally["bytes"] += len(line)
        tally["events"] += line.startswith(b"event: parts")


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _fill() -> dict[str, list[str]]:
    """A county with its devices, indicators taken, incidents open, and officers signed in."""
    from importlib import import_module

    from cast import PASSWORD
    from county import settle
    from django.conf import settings
    from django.core.management import call_command

    from yiwang.apps.boards import public as boards
    from yiwang.apps.catalog import public as catalog
    from yiwang.apps.identity import public as identity
    from yiwang.apps.identity.models import Account
    from yiwang.apps.sensing import public as sensing
    from yiwang.kernel.clock import system_clock

    call_command("migrate", verbosity=0)
    library, at = settle().library, system_clock()
    sensing.install(library, at=at)
    names = [(f"leader{n}", "command-center", "分管领导") for n in range(ALIKE)]
    names += [("duty", "command-center", "指挥中心值班员")]
    names += [(f"water{n}", "water", "水利值班员") for n in range(OWN)]
    for name, organ, post in names:
        identity.create_account(
            username=name, name=name, password=PASSWORD, at=at, organ=organ, posts=[post]
        )
    Account.objects.update(password_set_at=at)
    for number in range(20):
        _report(number, at)
    boards.publish_platform(catalog.lake(), at=at)
    boards.take_snapshots(catalog.lake(), library=library, at=at)
    cookies = []
    for name, _organ, _post in names:
        if name == "duty":
            continue  # reports only
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session.create()
        identity.sign_in(session=session, username=name, password=PASSWORD, at=at)
        session.save()
        cookies.append(session.session_key)
    return {"screens": list(library.screens()), "cookies": cookies}


def _change() -> None:
    """An indicator taken anew and an incident reported, every five seconds."""
    from prepared import library

    from yiwang.apps.boards.actions.indicators import take_snapshot
    from yiwang.apps.catalog import public as catalog
    from yiwang.kernel.clock import system_clock

    refs = list(library().indicators().items())
    for turn in range(100_000):
        at = system_clock()
        ref, indicator = refs[turn % len(refs)]
        take_snapshot(ref, indicator, lake=catalog.lake(), at=at, library=library())
        _report(1000 + turn, at)
        time.sleep(5)


def _report(number: int, at: Any) -> None:
    """One more incident, at a place of its own so that it joins no other."""
    from yiwang.apps.casework import public as casework
    from yiwang.apps.identity import public as identity

    casework.report_signal(
        kind="city_management.exposed_garbage",
        source="worker",
        summary=f"垃圾桶满溢 {number}",
        object=f"bin-{number}",
        lon=118.60 + number % 40 * 0.005,
        lat=33.60 + number // 40 % 40 * 0.005,
        actor=identity.officer("duty", at=at),
        at=at,
    )


if __name__ == "__main__":
    import django

    django.setup()
    if sys.argv[1] == "fill":
        print(json.dumps(_fill()))
    else:
        _change()
