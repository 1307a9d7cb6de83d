"""巡查: begin the tasks of what is walked, visited or inspected again and again."""

from datetime import datetime

from django.db import transaction

from yiwang.apps.casework import place
from yiwang.apps.casework.actions.opening import NewCase, open_cases
from yiwang.apps.casework.cells import cell_at
from yiwang.apps.casework.models import FlowVersion, RoundMark
from yiwang.apps.jobs import public as jobs
from yiwang.kernel.cycles import read_cycle
from yiwang.packkit.kinds.incidents import Round

PLATFORM = "casework"


def begin_rounds(at: datetime) -> jobs.Result:
    """Open the tasks of every round whose time has come; each due time once, however often asked.

    A round that was never begun before begins with its latest due time.
    """
    begun = {ref: _begin(ref, one, at) for ref, one in place.rounds().items()}
    return jobs.Result({"巡查任务": sum(begun.values())})


@transaction.atomic
def _begin(ref: str, one: Round, at: datetime) -> int:
    due = read_cycle(one.cycle).last(at, place.calendar())
    if due is None or not FlowVersion.objects.filter(ref=one.flow, is_current=True).exists():
        return 0
    mark, is_new = RoundMark.objects.get_or_create(round=ref, due_at=due, defaults={"begun_at": at})
    if not is_new:
        return 0
    numbers = open_cases(flow=one.flow, cases=_tasks(ref, one, at), actor=PLATFORM, at=at)
    mark.count = len(numbers)
    mark.save(update_fields=["count"])
    return len(numbers)


def _tasks(ref: str, one: Round, at: datetime) -> list[NewCase]:
    entries = place.entries(one.register)
    key = place.key_of(one.register)
    return [
        NewCase(
            subject=str(entry.get(one.subject) or ""),
            title=f"{one.title}：{entry[one.label]}"[:200],
            organ=one.organ,
            division=str(entry["division"]),
            facts=_facts(ref, one, entry, str(entry[key]), at),
        )
        for entry in entries
    ]


def _facts(
    ref: str, one: Round, entry: dict[str, object], key: str, at: datetime
) -> dict[str, object]:
    found: dict[str, object] = {"巡查": ref, "对象编号": key, "对象": str(entry[one.label])}
    if one.duty:
        found["职责"] = one.duty
    for name in ("lon", "lat"):
        if entry.get(name) is not None:
            found[name] = str(entry[name])
    if entry.get("lon") is not None and entry.get("lat") is not None:
        cell = cell_at(float(str(entry["lon"])), float(str(entry["lat"])), on=at)
        found["网格"] = cell.code if cell else ""
    return found
