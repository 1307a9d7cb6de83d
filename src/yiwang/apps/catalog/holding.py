"""When a load waits for a decision: pure rules over its counts and those of the load before."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from yiwang.lake import Collection, Verdict

DROP_LIMIT, REJECTED_LIMIT = Decimal("0.5"), Decimal("0.3")
"""Examples, set per feed: a load may be so much smaller; so much of it may be wrong."""
_AHEAD_SHARE = 100
"""One row in so many may carry a time of the future before a load is held."""


@dataclass(frozen=True, kw_only=True)
class Before:
    """What stands, and the limits for what comes."""

    rows: int = 0
    newest: str = ""
    at: datetime | None = None
    rejected_mark: str = ""
    drop_limit: Decimal = DROP_LIMIT
    rejected_limit: Decimal = REJECTED_LIMIT
    is_whole: bool = True


def verdict(found: Collection, before: Before) -> Verdict:
    """Commit, skip because nothing differs, or hold with reasons in sentences."""
    reasons = tuple(_reasons(found, before))
    if reasons:
        return reasons
    if not found.read and not before.is_whole:
        return "skip"
    is_same = found.changes is not None and found.changes.is_nothing and before.at is not None
    return "skip" if is_same and found.rejected_mark == before.rejected_mark else "commit"


def _reasons(found: Collection, before: Before) -> list[str]:
    reasons = []
    if before.at is not None and found.at < before.at:
        reasons.append("本机时钟早于上一批的时间，请先校准时钟")
    if before.rows and before.is_whole and not found.read:
        reasons.append(f"来源是空的，而现有数据 {before.rows:,} 行")
    elif found.read and not found.accepted:
        reasons.append(f"读到 {found.read:,} 行，全部未通过质量规则")
    else:
        reasons += _shares(found, before)
    if before.newest and found.newest and before.is_whole and found.newest < before.newest:
        reasons.append(f"来源的最新数据是 {found.newest[:19]}，早于已入库的 {before.newest[:19]}")
    if found.ahead * _AHEAD_SHARE > found.accepted:
        reasons.append(f"{found.ahead:,} 行的时间在未来，来源的时钟可能不准")
    return reasons


def _shares(found: Collection, before: Before) -> list[str]:
    reasons = []
    if before.rows and before.is_whole:
        drop = 1 - Decimal(found.accepted) / before.rows
        if drop > before.drop_limit:
            reasons.append(
                f"比现有数据少 {drop:.1%}（{before.rows:,} → {found.accepted:,} 行），"
                f"超过上限 {before.drop_limit:.0%}"
            )
    if found.read:
        share = Decimal(found.rejected) / found.read
        if share > before.rejected_limit:
            reasons.append(
                f"隔离 {share:.1%}（{found.rejected:,} / {found.read:,} 行），"
                f"超过上限 {before.rejected_limit:.0%}"
            )
    return reasons
