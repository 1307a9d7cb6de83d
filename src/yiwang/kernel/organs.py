"""Organs: who acts. One division each and, for vertically led ones, a superior outside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from yiwang.kernel.errors import Invalid


class OrganCycle(Invalid):
    """Following the superiors of an organ leads back to itself."""

    code = "kernel.organ_cycle"


@dataclass(frozen=True, kw_only=True)
class Organ:
    """机构: a body with duties in exactly one division.

    ``superior`` is the organ that leads it; ``line_superior`` one of the same profession outside
    the division (tax, weather, customs: 垂直管理). Both are ids, empty if there is none.
    """

    id: str
    title: str
    division: str
    superior: str = ""
    line_superior: str = ""
    uscc: str = ""
    active_from: date | None = None
    active_until: date | None = None

    def is_active(self, on: date) -> bool:
        """Whether the organ exists on a day (``active_until`` is the first day without it)."""
        begun = self.active_from is None or self.active_from <= on
        return begun and (self.active_until is None or on < self.active_until)


def superiors(organ: Organ, organs: Mapping[str, Organ]) -> tuple[Organ, ...]:
    """All organs above ``organ`` by leadership or line, nearest first, each once."""
    found: dict[str, Organ] = {}
    waiting = [organ.superior, organ.line_superior]
    while waiting:
        above = organs.get(waiting.pop(0))
        if above is None or above.id in found:
            continue
        if above.id == organ.id:
            raise OrganCycle(
                f"机构“{organ.title}”的上级关系成环。",
                hint="检查 organs 中的 superior 与 line_superior。",
                organ=organ.id,
            )
        found[above.id] = above
        waiting += [above.superior, above.line_superior]
    return tuple(found.values())


def by_id(organs: Iterable[Organ]) -> dict[str, Organ]:
    """Organs by id."""
    return {organ.id: organ for organ in organs}
