"""A score tree: weights, leaves between two values, what cannot be compared left out; pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from yiwang.kernel.errors import Invalid
from yiwang.packkit.kinds.sight import Part

HUNDRED = Decimal(100)
PLACES = Decimal("0.01")


class TreeCircular(Invalid):
    """A part of a score tree stands, over others, under itself."""

    code = "boards.tree_circular"


@dataclass(frozen=True)
class Scored:
    """One part for one organ; ``score`` None: nothing to compare, its weight goes to the others."""

    id: str
    title: str
    depth: int
    weight: int
    """Among its siblings, as this organ is weighed."""
    score: Decimal | None
    indicator: str = ""
    value: Decimal | None = None


def points(part: Part, value: Decimal | None) -> Decimal | None:
    """The points of a leaf: 0 at ``zero``, 100 at ``full``, in proportion between."""
    if value is None:
        return None
    zero, full = Decimal(part.zero), Decimal(part.full)
    share = (value - zero) / (full - zero)
    return (min(max(share, Decimal(0)), Decimal(1)) * HUNDRED).quantize(PLACES)


def weight_of(part: Part, *, organ: str, kind: str) -> int:
    """The weight of a part for an organ: its own, that of its kind, or the usual one."""
    return part.weights.get(organ, part.weights.get(kind, part.weight))


def children(parts: Mapping[str, Part], above: str) -> list[str]:
    """The parts right under one (under nothing: the dimensions), in their order."""
    return [name for name, part in parts.items() if part.under == above]


def require_tree(parts: Mapping[str, Part]) -> None:
    """``TreeCircular`` unless every part leads up to the top."""
    for name in parts:
        seen, now = [name], parts[name].under
        while now:
            if now in seen or now not in parts:
                raise TreeCircular(
                    f"评分树不成树：“{parts[name].title}”的上级“{now}”"
                    f"{'又在它下面' if now in seen else '不存在'}。",
                    hint="改 under，使每一项最终归到一个顶层维度。",
                    part=name,
                )
            seen.append(now)
            now = parts[now].under


def scored(
    parts: Mapping[str, Part],
    leaves: Mapping[str, tuple[Decimal | None, Decimal | None]],
    *,
    organ: str,
    kind: str,
) -> tuple[Decimal | None, list[Scored]]:
    """The total of an organ and every part in order of the tree.

    ``leaves`` holds for each leaf the value of its indicator and its points, either unknown.
    """
    require_tree(parts)

    def walk(above: str, depth: int) -> tuple[Decimal | None, list[Scored]]:
        lines: list[Scored] = []
        summed = weights = Decimal(0)
        for name in children(parts, above):
            part, weight = parts[name], weight_of(parts[name], organ=organ, kind=kind)
            value, own = leaves.get(name, (None, None))
            below: list[Scored] = []
            if not part.indicator:
                own, below = walk(name, depth + 1)
            lines.append(Scored(name, part.title, depth, weight, own, part.indicator, value))
            lines += below
            if own is not None:
                summed, weights = summed + own * weight, weights + weight
        return ((summed / weights).quantize(PLACES) if weights else None), lines

    return walk("", 0)


LEAST_COVERED = Decimal("0.5")
"""An organ scored on less of the leaf weight has a total and no rank."""


def covered(parts: Mapping[str, Part], known: Collection[str], *, organ: str, kind: str) -> Decimal:
    """Which share of an organ's leaf weight lies on leaves that have points (``known``)."""

    def share(above: str) -> Decimal:
        weights = {
            name: weight_of(parts[name], organ=organ, kind=kind) for name in children(parts, above)
        }
        whole = sum(weights.values())
        if not whole:
            return Decimal(0)
        below = (
            weight * (Decimal(name in known) if parts[name].indicator else share(name))
            for name, weight in weights.items()
        )
        return sum(below, Decimal(0)) / whole

    return share("")


def ranked(totals: Mapping[str, Decimal | None]) -> dict[str, int]:
    """Rank by total, the same for equal totals; who has no total has no rank."""
    counted = sorted((one for one in totals.values() if one is not None), reverse=True)
    return {organ: counted.index(one) + 1 for organ, one in totals.items() if one is not None}
