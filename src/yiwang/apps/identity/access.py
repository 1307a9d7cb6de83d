"""The one gate per right: may an actor do this, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from yiwang.apps.identity.actor import Actor, Applicant, Officer, is_within
from yiwang.apps.identity.duties import DUTY_RIGHTS, TITLES
from yiwang.apps.identity.models import Account, Organ, Post, Role
from yiwang.kernel.errors import NotAllowed

_titles: dict[str, str] = {}


class RightMissing(NotAllowed):
    """The actor does not hold the right, or not in this organ or division."""

    code = "identity.right_missing"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an actor may or may not, in sentences a person can check."""

    allowed: bool
    sentences: tuple[str, ...]


def register_rights(rights: Mapping[str, str]) -> None:
    """Make known what rights are called in Chinese; each app's door has its ``RIGHTS``."""
    _titles.update(rights)


def known_rights() -> dict[str, str]:
    """Every right that was registered, with its title."""
    return dict(_titles)


def may(actor: Actor | None, right: str, *, organ: str = "", division: str = "") -> bool:
    """Whether ``actor`` holds ``right`` in the organ and division (empty: anywhere)."""
    if not isinstance(actor, Officer) or right not in actor.rights:
        return False
    if organ and organ != actor.organ:
        return False
    return not division or any(is_within(division, cover) for cover in actor.divisions)


def require(actor: Actor | None, right: str, *, organ: str = "", division: str = "") -> None:
    """Return if ``actor`` may; else raise ``RightMissing`` saying what is missing."""
    if may(actor, right, organ=organ, division=division):
        return
    raise RightMissing(
        _refusal(actor, right, organ, division),
        hint="在“权限说明”页可查看缺少什么、由谁授予。",
        right=right,
        organ=organ,
        division=division,
    )


def explain(actor: Actor | None, right: str, *, organ: str = "", division: str = "") -> Explanation:
    """Why ``actor`` may or may not do this: posts, roles, organ, divisions."""
    if not isinstance(actor, Officer):
        return Explanation(False, (_refusal(actor, right, organ, division),))
    sentences = _sources(actor, right)
    if not sentences:
        held = "、".join(actor.posts) or "无"
        sentences.append(f"{actor.name}在“{_organ_title(actor.organ)}”的岗位：{held}。")
        sentences.append(f"这些岗位都不带权利“{_title(right)}”。")
        sentences += _who_gives(right)
        return Explanation(False, tuple(sentences))
    if organ and organ != actor.organ:
        sentences.append(
            f"但此事属于“{_organ_title(organ)}”，而{actor.name}在“{_organ_title(actor.organ)}”。"
        )
    if division and not any(is_within(division, cover) for cover in actor.divisions):
        covered = "、".join(actor.divisions) or "无"
        sentences.append(f"但区划 {division} 不在{actor.name}覆盖的区划之内（{covered}）。")
    allowed = may(actor, right, organ=organ, division=division)
    sentences.append("因此可以办理。" if allowed else "因此不能办理。")
    return Explanation(allowed, tuple(sentences))


def _refusal(actor: Actor | None, right: str, organ: str, division: str) -> str:
    if actor is None:
        return f"尚未登录，不能“{_title(right)}”。"
    if isinstance(actor, Applicant):
        return f"“{_title(right)}”是工作人员的权利，申请人账户不能使用。"
    if right not in actor.rights:
        return f"账户 {actor.username} 没有权利“{_title(right)}”。"
    if organ and organ != actor.organ:
        return f"账户 {actor.username} 只能在本机构行使权利“{_title(right)}”。"
    return f"账户 {actor.username} 的权利“{_title(right)}”不覆盖区划 {division}。"


def _sources(officer: Officer, right: str) -> list[str]:
    """One sentence for each post and role that brings the right, or the duty that does."""
    if right not in officer.rights:
        return []
    title = _title(right)
    duty = Account.objects.filter(username=officer.username).values_list("duty", flat=True).first()
    if duty and right in DUTY_RIGHTS[duty]:
        return [f"{officer.name}是{TITLES[duty]}，此职责带有权利“{title}”。"]
    posts = Post.objects.filter(
        organ=officer.organ, title__in=officer.posts, roles__rights__right=right
    )
    pairs = posts.values_list("title", "roles__title").distinct()
    return [
        f"{officer.name}在“{_organ_title(officer.organ)}”任“{post}”，其角色“{role}”带有权利“{title}”。"
        for post, role in pairs
    ]


def _who_gives(right: str) -> list[str]:
    for duty, rights in DUTY_RIGHTS.items():
        if right in rights:
            return [f"此权利只属于{TITLES[duty]}，角色不能带有。"]
    roles = Role.objects.filter(rights__right=right, is_active=True).distinct()[:10]
    titles = "、".join(f"“{role.title}”" for role in roles)
    if not titles:
        return ["目前没有角色带有此权利。"]
    return [f"带有此权利的角色：{titles}；由安全管理员授予岗位。"]


def _organ_title(organ: str) -> str:
    found = Organ.objects.filter(id=organ).values_list("title", flat=True).first()
    return found or organ or "未任职"


def _title(right: str) -> str:
    return _titles.get(right, right)
