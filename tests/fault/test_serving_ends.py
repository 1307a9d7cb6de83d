"""A server that is told to end takes its worker along."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import stores


def workers_of(home: Path) -> list[str]:
    """The processes of this machine that work on ``home``."""
    lines = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True).stdout
    return [one for one in lines.splitlines() if " worker " in one and str(home) in one]


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as page:
            return page.status == 200
    except (urllib.error.URLError, ConnectionError):
        return False


def test_a_server_that_is_terminated_takes_its_worker_along(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {**os.environ, **stores.store_of(tmp_path)}
    own |= {"DJANGO_SETTINGS_MODULE": "yiwang.boot.settings"}
    words = ["serve", "--data", str(tmp_path), "--port", str(port)]
    server = subprocess.Popen(
        [sys.executable, "-m", "yiwang.boot.cli", *words],
        env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not answers(port) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert len(workers_of(tmp_path)) == 1

    server.send_signal(signal.SIGTERM)
    server.wait(30)

    assert not workers_of(tmp_path)
