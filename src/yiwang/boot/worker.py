"""Background work beside the web process: jobs, the timetable, sealing the journal, devices.

One process, killed and restarted at will: jobs are leased, everything else is idempotent and
keeps its progress in the database. Several workers share the jobs of one store.
"""

import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import close_old_connections

from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.apps.sensing import public as sensing
from yiwang.boot.running.probing import Prober
from yiwang.boot.work import register_work
from yiwang.kernel.clock import Clock, system_clock
from yiwang.packkit import Library
from yiwang.packkit.current import current_library

log = logging.getLogger("yiwang.worker")

Task = Callable[[datetime], object]
HANDS = 2
"""Jobs that one worker runs at once."""
FIELD_HOST = os.environ.get("YIWANG_FIELD_HOST", "127.0.0.1")
"""The address on which stations of field protocols are let in."""
GRACE = 8.0
"""Seconds that running jobs have to hand back when the worker is told to end."""


def run_worker(
    *,
    stop: threading.Event,
    mqtt: str = "",
    field: Mapping[str, int] | None = None,
    clock: Clock = system_clock,
    every: float = 1.0,
) -> None:
    """Run jobs and the periodic tasks until ``stop`` is set; a failing task is tried again.

    ``mqtt`` is the broker that devices publish to; ``field`` gives field protocols their ports.
    """
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    identity.register_divisions(library.divisions)
    register_work()
    _open_doors(mqtt, field or {}, library, stop, clock)
    worker = jobs.Worker(clock=clock)
    hands = [
        threading.Thread(target=_run_jobs, args=(worker, stop, every), daemon=True)
        for _ in range(HANDS)
    ]
    for hand in hands:
        hand.start()
    tasks: dict[str, Task] = {
        "leases": lambda at: worker.keep_leases(),
        "timetable": lambda at: jobs.ask_for_what_is_due(at=at),
        "seal": lambda at: journal.seal(at=at),
        "probe": Prober(),
        "alerts": lambda at: sensing.watch_clock(library=library, at=at),
    }
    while not stop.wait(every):
        for name, task in tasks.items():
            try:
                task(clock())
            except Exception:
                log.exception("task %s failed; it is tried again in %s s", name, every)
    worker.is_ending = True
    for hand in hands:
        hand.join(GRACE)


def _open_doors(
    mqtt: str, field: Mapping[str, int], library: Library, stop: threading.Event, clock: Clock
) -> None:
    """Let devices in: from the broker, and over each field protocol."""
    if mqtt:
        reader = (mqtt, library, stop, clock)
        threading.Thread(target=_read_devices, args=reader, daemon=True).start()
    for protocol, port in field.items():
        station = (protocol, port, library, stop, clock)
        threading.Thread(target=_read_stations, args=station, daemon=True).start()


def _run_jobs(worker: jobs.Worker, stop: threading.Event, every: float) -> None:
    """Run one job after another; when none is due, look again a little later."""
    while not stop.is_set():
        try:
            worker.free_the_dead()
            while not stop.is_set() and worker.run_next():
                pass
        except Exception:
            log.exception("jobs cannot be read; it is tried again in 5 s")
            stop.wait(5)
        close_old_connections()
        stop.wait(every)


def _read_devices(mqtt: str, library: Library, stop: threading.Event, clock: Clock) -> None:
    """Take in what the broker has, and come back after whatever ended the connection."""

    def take(batch: Sequence[sensing.Message]) -> None:
        sensing.intake(batch, library=library, at=clock())

    while not stop.is_set():
        try:
            sensing.BrokerIntake(
                url=mqtt,
                name=f"yiwang-{settings.PLACE}-{settings.WORKER}",
                take=take,
            ).run(stop=stop)
        except sensing.BrokerSilent as silent:
            log.warning("the device intake stopped: %s It begins again in 5 s", silent)
            stop.wait(5)
        except Exception:
            log.exception("the device intake stopped; it begins again in 5 s")
            stop.wait(5)


def _read_stations(
    protocol: str, port: int, library: Library, stop: threading.Event, clock: Clock
) -> None:
    """Listen for stations of a field protocol."""

    def take(batch: Sequence[sensing.Message | sensing.Sample]) -> None:
        sensing.intake(batch, library=library, at=clock())

    while not stop.is_set():
        try:
            sensing.FieldServer(
                protocol=protocol, host=FIELD_HOST, port=port, take=take, library=library
            ).run(stop=stop)
        except Exception:
            log.exception("the door of %s closed; it opens again in 5 s", protocol)
            stop.wait(5)
