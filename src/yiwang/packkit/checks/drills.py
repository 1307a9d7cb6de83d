"""Drills: the streams they play and the alerts they expect exist, and what they say can be read."""

from collections.abc import Mapping

from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.kinds.drills import Drill, Wave
from yiwang.packkit.kinds.shared import Type
from yiwang.packkit.watching import device_types


def look(looking: Looking) -> None:
    """drills/."""
    for name, drill in looking.pack.drills.items():
        _drill(looking, f"drills/{name}.yaml", drill)


def _drill(looking: Looking, path: str, drill: Drill) -> None:
    looking.basis(drill.basis, path, "basis")
    looking.limit(drill.lasts, "演练", path, "lasts")
    if not drill.waves:
        looking.tell("演练没有过程", "写 waves", path, "waves")
    for n, wave in enumerate(drill.waves):
        _wave(looking, path, n, wave, among=drill.among)
    for ref, text in drill.expects.items():
        alert = looking.ref(("alerts",), ref, path, "expects", ref)
        columns = _columns(looking, alert.stream) if alert else None
        if columns is not None:
            columns = {**columns, "value": "decimal"}
            looking.expression(text, path, "expects", ref, columns=columns)


def _wave(looking: Looking, path: str, n: int, wave: Wave, *, among: str) -> None:
    for part in ("begins", "rises", "stays", "falls"):
        looking.limit(getattr(wave, part), "过程", path, "waves", n, part)
    if looking.ref(("streams",), wave.stream, path, "waves", n, "stream") is None:
        return
    columns = _columns(looking, wave.stream)
    if columns is None:
        return
    for part in ("rest", "peak"):
        text = getattr(wave, part)
        looking.expression(text, path, "waves", n, part, columns=columns, want="decimal")
    if wave.where:
        looking.expression(wave.where, path, "waves", n, "where", columns=columns)
    if among:
        looking.expression(among, path, "among", columns=columns)
    if wave.behind:
        looking.limit(wave.delay, "推迟", path, "waves", n, "delay")
        named = f"device.{wave.behind}"
        looking.choice(named, columns, "列", path, "waves", n, "behind")


def _columns(looking: Looking, stream: str) -> Mapping[str, Type] | None:
    found = looking.shelf.streams().get(stream)
    register = looking.shelf.registers().get(found.devices) if found else None
    return device_types(register) if register else None
