"""Which field of a file an actor reads in clear, masked or not at all, and why: pure, one rule."""

from collections.abc import Collection
from dataclasses import dataclass

from yiwang.apps.identity.public import Actor, Applicant, may
from yiwang.kernel import masking
from yiwang.packkit.kinds.subjects import Purpose


@dataclass(frozen=True)
class Sight:
    """Whether a field is shown in clear, and the reason a reader can check."""

    is_clear: bool
    why: str
    is_absent: bool = False


ABSENT = Sight(False, "不在本次用途的范围内", is_absent=True)


def sight(
    actor: Actor, *, owner: str, grade: int, element: str, category: str, purpose: Purpose | None
) -> Sight:
    """How ``actor`` sees a field of this grade and category in a table that ``owner`` provides."""
    if isinstance(actor, Applicant):
        return Sight(True, "本人查看")
    if purpose is None or (category and category not in purpose.shows):
        return ABSENT
    if not masking.is_masked(element=element, grade=grade):
        return Sight(True, f"{grade} 级字段，凭查档权限可见")
    if actor.organ == owner:
        return Sight(True, "本机构提供的数据")
    if grade <= 3 and category in purpose.clear:
        return Sight(True, f"用途“{purpose.title}”准予查看原文")
    if grade <= 3 and may(actor, "subjects.see_clear"):
        return Sight(True, "持有“查看敏感字段原文”权限")
    return Sight(False, f"{grade} 级字段，已脱敏；需要原文请经共享授权调用")


def purposes_for(actor: Actor, *, subject: str, purposes: Collection[Purpose]) -> list[Purpose]:
    """The purposes that an officer of these roles may state for such a subject."""
    if isinstance(actor, Applicant):
        return []
    held = set(actor.roles)
    return [one for one in purposes if subject in one.subjects and held & set(one.roles)]
