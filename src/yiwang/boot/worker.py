"""Background work beside the web process: seal the journal, read devices from the broker.

One process, restarted at will: every task is idempotent and keeps its progress in the database.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings

from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.sensing import public as sensing
from yiwang.kernel.clock import Clock, system_clock
from yiwang.packkit import Library
from yiwang.packkit.current import current_library

log = logging.getLogger("yiwang.worker")

Task = Callable[[datetime], object]


def run_worker(
    *, stop: threading.Event, mqtt: str = "", clock: Clock = system_clock, every: float = 1.0
) -> None:
    """Run the periodic tasks until ``stop`` is set; a failing task is logged and tried again."""
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    identity.register_divisions(library.divisions)
    if mqtt:
        reader = (mqtt, library, stop, clock)
        threading.Thread(target=_read_devices, args=reader, daemon=True).start()
    tasks: dict[str, Task] = {"seal": lambda at: journal.seal(at=at)}
    while not stop.wait(every):
        for name, task in tasks.items():
            try:
                task(clock())
            except Exception:
                log.exception("task %s failed; it is tried again in %s s", name, every)


def _read_devices(mqtt: str, library: Library, stop: threading.Event, clock: Clock) -> None:
    """Take in what the broker has, and come back after whatever ended the connection."""

    def take(batch: Sequence[sensing.Message]) -> None:
        sensing.intake(batch, library=library, at=clock())

    while not stop.is_set():
        try:
            sensing.BrokerIntake(url=mqtt, name=f"yiwang-{settings.PLACE}", take=take).run(
                stop=stop
            )
        except Exception:
            log.exception("the device intake stopped; it begins again in 5 s")
            stop.wait(5)
