"""Trees of vital signs: each sign with its tone, trend, owner, and how old its value is."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from yiwang.apps.boards.models import IndicatorSnapshot, SignAlert
from yiwang.apps.boards.queries.indicators import IndicatorView, indicators
from yiwang.kernel.errors import NotFound
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Vitals, VitalSign

CYCLE = timedelta(hours=26)
"""Values are taken every night; one that is older than a day and the time of taking is stale."""
TREND = timedelta(days=31)
WORST = ("red", "yellow", "green", "grey")
"""What a branch takes from its signs, the worst that is known first; grey: nobody can judge."""


class VitalsUnknown(NotFound):
    """The packs of the place declare no such tree."""

    code = "boards.vitals_unknown"


@dataclass(frozen=True)
class Past:
    """An earlier value of a sign."""

    at: datetime
    value: Decimal | None
    tone: str


@dataclass(frozen=True)
class SignView:
    """A branch or a leaf of the tree."""

    id: str
    title: str
    depth: int
    tone: str
    """green, yellow or red by target and band; grey: cannot be judged; "": no target."""
    indicator: IndicatorView | None
    """The value of a leaf; None where it was never taken."""
    past: tuple[Past, ...]
    is_stale: bool
    since: datetime | None
    """Since when it has been red without a break."""
    signs: tuple["SignView", ...]

    @property
    def leaves(self) -> Iterator["SignView"]:
        """The signs themselves, without branches."""
        if not self.signs:
            yield self
        for one in self.signs:
            yield from one.leaves

    @property
    def trend(self) -> tuple[float | None, ...]:
        """The values over time, oldest first."""
        return trend_of(self.past)

    @property
    def change(self) -> Decimal | None:
        """By how much the value differs from the one before."""
        known = [one.value for one in self.past if one.value is not None]
        return known[-1] - known[-2] if len(known) > 1 else None


@dataclass(frozen=True)
class VitalsView:
    """A tree as it stands now."""

    ref: str
    title: str
    owner: str
    signs: tuple[SignView, ...]

    @property
    def leaves(self) -> list[SignView]:
        """Every sign of the tree."""
        return [leaf for one in self.signs for leaf in one.leaves]

    @property
    def taken_at(self) -> datetime | None:
        """As of when the signs stand: the oldest of their values; None where none was taken."""
        taken = [one.indicator.taken_at for one in self.leaves if one.indicator]
        return min(taken, default=None)

    @property
    def counts(self) -> Counter[str]:
        """How many signs have each tone, and how many are ``stale``."""
        found = Counter(one.tone for one in self.leaves)
        found["stale"] = sum(one.is_stale for one in self.leaves)
        return found


def is_stale(view: IndicatorView, *, at: datetime) -> bool:
    """Whether the value is older than its cycle."""
    return at - view.taken_at > CYCLE


def vitals(
    ref: str,
    *,
    library: Library,
    at: datetime,
    values: Mapping[str, IndicatorView] | None = None,
    past: Mapping[str, list[Past]] | None = None,
) -> VitalsView:
    """体征: the tree with the newest values, the values of a month, and what is out of its band.

    ``values`` and ``past`` are given by who has read them already.
    """
    tree = library.vitals().get(ref)
    if tree is None:
        raise VitalsUnknown(f"没有体征体系“{ref}”。", hint="请从运行体征页面进入。", vitals=ref)
    if values is None:
        values = {one.ref: one for one in indicators()}
    growing = _Growing(tree, library, values, pasts(at=at) if past is None else past, at)
    return VitalsView(ref, tree.title, tree.owner, growing.under("", 0))


def pasts(*, at: datetime) -> dict[str, list[Past]]:
    """The values of a month, oldest first, by indicator."""
    found: dict[str, list[Past]] = {}
    rows = IndicatorSnapshot.objects.filter(taken_at__gt=at - TREND).order_by("taken_at")
    for ref, taken_at, value, is_met, is_near in rows.values_list(
        "indicator", "taken_at", "value", "is_met", "is_near"
    ):
        tone = {True: "green", False: "yellow" if is_near else "red", None: ""}[is_met]
        found.setdefault(ref, []).append(Past(taken_at, value, tone))
    return found


def sign_cases() -> dict[str, str]:
    """Indicator → the case by which its owner was told that it is out of its band."""
    rows = SignAlert.objects.filter(ended_at=None)
    return dict(rows.values_list("indicator", "case"))


def trend_of(past: Sequence[Past]) -> tuple[float | None, ...]:
    """The values as a line is drawn from them."""
    return tuple(None if one.value is None else float(one.value) for one in past)


@dataclass(frozen=True)
class _Growing:
    """The tree while it is put together."""

    tree: Vitals
    library: Library
    values: Mapping[str, IndicatorView]
    past: Mapping[str, list[Past]]
    at: datetime

    def under(self, branch: str, depth: int) -> tuple[SignView, ...]:
        return tuple(
            self._leaf(name, sign, depth) if sign.indicator else self._branch(name, sign, depth)
            for name, sign in self.tree.signs.items()
            if sign.under == branch
        )

    def _branch(self, name: str, sign: VitalSign, depth: int) -> SignView:
        signs = self.under(name, depth + 1)
        tones = {one.tone for one in signs}
        tone = next((one for one in WORST if one in tones), "")
        is_stale = any(one.is_stale for one in signs)
        return SignView(name, sign.title, depth, tone, None, (), is_stale, None, signs)

    def _leaf(self, name: str, sign: VitalSign, depth: int) -> SignView:
        view = self.values.get(sign.indicator)
        title = sign.title or self.library.indicator(sign.indicator).title
        if view is None:
            return SignView(name, title, depth, "grey", None, (), False, None, ())
        past = tuple(self.past.get(sign.indicator, ()))
        stale = is_stale(view, at=self.at)
        tone = "grey" if view.unknown else view.tone
        since = _since(past) if tone == "red" else None
        return SignView(name, title, depth, tone, view, past, stale, since, ())


def _since(past: Sequence[Past]) -> datetime | None:
    since = None
    for one in reversed(past):
        if one.tone != "red":
            break
        since = one.at
    return since
