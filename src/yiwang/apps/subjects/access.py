"""Which field of a file an actor may read in clear, and why: pure, one rule for page and API."""

from dataclasses import dataclass

from yiwang.apps.identity.public import Actor, Applicant, may
from yiwang.kernel import masking


@dataclass(frozen=True)
class Sight:
    """Whether a field is shown in clear, and the reason a reader can check."""

    is_clear: bool
    why: str


def sight(actor: Actor, *, owner: str, grade: int, element: str) -> Sight:
    """How ``actor`` sees a field of this grade in a table that ``owner`` provides."""
    if isinstance(actor, Applicant):
        return Sight(True, "本人查看")
    if not masking.is_masked(element=element, grade=grade):
        return Sight(True, f"{grade} 级字段，凭查档权限可见")
    if actor.organ == owner:
        return Sight(True, "本机构提供的数据")
    if grade <= 3 and may(actor, "subjects.see_clear"):
        return Sight(True, "持有“查看敏感字段原文”权限")
    return Sight(False, f"{grade} 级字段，已脱敏；需要原文请经共享授权调用")
