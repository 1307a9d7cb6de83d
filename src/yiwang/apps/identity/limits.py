"""Security limits: each with a default and its basis; a place sets other values from a day on."""

from dataclasses import dataclass
from datetime import date

from yiwang.apps.identity.models import LimitValue
from yiwang.kernel.errors import Invalid

_LEVEL_3 = "GB/T 22239-2019 8.1.4.1 身份鉴别"


class LimitUnknown(Invalid):
    """No security limit has this name, or the value lies outside its range."""

    code = "identity.limit_unknown"


@dataclass(frozen=True, slots=True)
class LimitKind:
    """What a limit means and within which values a place may set it."""

    title: str
    default: int
    low: int
    high: int
    basis: str = _LEVEL_3


LIMITS: dict[str, LimitKind] = {
    "password_length": LimitKind("口令最短长度（字符）", 10, 8, 64),
    "password_classes": LimitKind("口令至少含几类字符（大写、小写、数字、符号）", 3, 1, 4),
    "password_days": LimitKind("口令有效天数（0 为不限）", 90, 0, 365),
    "password_history": LimitKind("不得重复最近几次口令", 5, 0, 20),
    "lock_after": LimitKind("连续失败几次后锁定", 5, 3, 20),
    "lock_minutes": LimitKind("锁定多少分钟", 15, 1, 1440),
    "idle_minutes": LimitKind("会话闲置多少分钟后退出", 30, 1, 480),
    "session_hours": LimitKind("会话最长多少小时", 10, 1, 24),
    "sessions_at_once": LimitKind("同一账户最多几个会话", 3, 1, 20),
}


def limit(name: str, *, on: date) -> int:
    """The value in force on a day."""
    _demand_known(name)
    found = (
        LimitValue.objects.filter(name=name, active_from__lte=on)
        .order_by("-active_from")
        .values_list("value", flat=True)
        .first()
    )
    return LIMITS[name].default if found is None else found


@dataclass(frozen=True, slots=True)
class LimitView:
    """A limit with the value in force on a day."""

    name: str
    kind: LimitKind
    value: int


def limits(*, on: date) -> list[LimitView]:
    """Every limit with its value on a day."""
    return [LimitView(name, kind, limit(name, on=on)) for name, kind in LIMITS.items()]


def check_limit(name: str, value: int) -> None:
    """Return if a place may set ``name`` to ``value``."""
    _demand_known(name)
    kind = LIMITS[name]
    if not kind.low <= value <= kind.high:
        raise LimitUnknown(
            f"“{kind.title}”不能设为 {value}。", hint=f"请取 {kind.low} 到 {kind.high} 之间的值。"
        )


def _demand_known(name: str) -> None:
    if name not in LIMITS:
        raise LimitUnknown(f"没有名为“{name}”的安全限值。", hint=f"可设：{'、'.join(LIMITS)}。")
