"""The worker asks the web process every minute whether it answers, as a visitor would."""

import json
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path

from django.conf import settings

from yiwang.apps.jobs import public as jobs

NOTE = "serving.json"
"""In the data folder: where the web process listens."""
PATIENCE = 10


def note_serving(home: Path, *, port: int) -> None:
    """Remember where this installation is served, for the probe."""
    (home / NOTE).write_text(json.dumps({"port": port}), encoding="utf-8")


class Prober:
    """Probes once a minute, however often it is called."""

    def __init__(self) -> None:
        self._last: datetime | None = None

    def __call__(self, at: datetime) -> None:
        """Probe if this minute was not probed yet."""
        minute = at.replace(second=0, microsecond=0)
        if minute == self._last:
            return
        self._last = minute
        began = time.monotonic()
        is_up, note = answers(Path(settings.HOME))
        millis = round((time.monotonic() - began) * 1000)
        jobs.record_probe(at=at, is_up=is_up, millis=millis, note=note)


def answers(home: Path) -> tuple[bool, str]:
    """Whether the web process says that it is ready, and what it says if not."""
    try:
        port = int(json.loads((home / NOTE).read_text(encoding="utf-8"))["port"])
    except (OSError, ValueError, KeyError):
        return False, "还没有启动网页进程"
    address = f"http://127.0.0.1:{port}/health/ready"
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE):
            return True, ""
    except urllib.error.HTTPError as error:
        failing = json.loads(error.read() or b"{}").get("failing", [])
        return False, f"未就绪：{'、'.join(failing)}" if failing else f"应答 {error.code}"
    except OSError as error:
        return False, f"没有应答：{type(error).__name__}"
