"""Organs, posts and roles of a place, as its packs declare them; and who holds a post."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import transaction

from yiwang.apps.identity.access import require
from yiwang.apps.identity.actor import Officer
from yiwang.apps.identity.duties import RESERVED
from yiwang.apps.identity.limits import check_limit
from yiwang.apps.identity.models import Account, Holding, LimitValue, Organ, Post, Role, RoleRight
from yiwang.apps.identity.queries import AccountUnknown
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.packkit.kinds.pack import Place
from yiwang.packkit.kinds.work import Role as DeclaredRole


class RoleBringsReservedRight(Invalid):
    """A pack's role claims a right that belongs to system, security or audit administration."""

    code = "identity.role_brings_reserved_right"


class RoleUndefined(Invalid):
    """A post of the place names a role that no installed pack defines."""

    code = "identity.role_undefined"


class PostUnknown(NotFound):
    """The organ has no post with this title."""

    code = "identity.post_unknown"


class PostNotHeld(Conflict):
    """The account does not hold the post now."""

    code = "identity.post_not_held"


class Pack(Protocol):
    """What identity needs of a pack."""

    @property
    def id(self) -> str:
        """Its folder's name."""

    @property
    def roles(self) -> Mapping[str, DeclaredRole]:
        """Its roles by file name."""


class Library(Protocol):
    """What identity needs of the packs of a place (``packkit.Library`` has it)."""

    @property
    def place(self) -> Place:
        """The place's choice."""

    @property
    def packs(self) -> Mapping[str, Pack]:
        """Its packs by id."""


@dataclass(frozen=True, slots=True)
class Installed:
    """How much of a place was installed."""

    organs: int
    posts: int
    roles: int


@transaction.atomic
def install(library: Library, *, at: datetime) -> Installed:
    """Take over organs, posts and roles from a place and its packs, whole or not at all.

    What is no longer declared goes out of use; accounts keep their history.
    """
    roles = _install_roles(library)
    organs = library.place.organs
    Organ.objects.exclude(id__in=organs).update(is_active=False)
    posts = 0
    for organ_id, declared in organs.items():
        inside = declared.superior in organs
        organ, _ = Organ.objects.update_or_create(
            id=organ_id,
            defaults={
                "title": declared.title,
                "division": declared.division,
                "kind": declared.kind,
                "superior": declared.superior if inside else "",
                "line_superior": "" if inside else declared.superior,
                "is_active": True,
            },
        )
        posts += _install_posts(organ, declared.roles, roles)
    facts: dict[str, str | int] = {"organs": len(organs), "posts": posts, "roles": len(roles)}
    journal.record("identity.installed", subject="place", actor="system", at=at, facts=facts)
    return Installed(len(organs), posts, len(roles))


@transaction.atomic
def assign_post(
    *,
    username: str,
    organ: str,
    post: str,
    divisions: Sequence[str] = (),
    officer: Officer,
    at: datetime,
) -> None:
    """任职: let an account hold a post (security administration)."""
    require(officer, "identity.post.assign")
    hold_post(_account(username), organ, post, divisions=divisions, at=at, by=officer.username)


@transaction.atomic
def end_post(*, username: str, organ: str, post: str, officer: Officer, at: datetime) -> None:
    """免职: end the holding of a post; its rights end at once."""
    require(officer, "identity.post.assign")
    ended = Holding.objects.filter(
        account=_account(username), post__organ=organ, post__title=post, active_until=None
    ).update(active_until=at)
    if not ended:
        raise PostNotHeld(f"账户 {username} 现在不任“{post}”。", hint="请刷新任职列表。")
    facts: dict[str, str | int] = {"organ": organ, "post": post}
    journal.record(
        "identity.post_ended", subject=username, actor=officer.username, at=at, facts=facts
    )


def hold_post(
    account: Account, organ: str, post: str, *, divisions: Sequence[str], at: datetime, by: str
) -> None:
    """Let an account hold a post; inside the caller's transaction and right check."""
    found = Post.objects.filter(organ=organ, title=post).first()
    if found is None:
        raise PostUnknown(f"机构“{organ}”没有岗位“{post}”。", hint="岗位在 place.yaml 中登记。")
    Holding.objects.update_or_create(
        account=account,
        post=found,
        active_until=None,
        defaults={"divisions": list(divisions), "active_from": at, "assigned_by": by},
    )
    facts: dict[str, str | int] = {
        "organ": organ,
        "post": post,
        "divisions": " ".join(divisions),
    }
    journal.record("identity.post_assigned", subject=account.username, actor=by, at=at, facts=facts)


@transaction.atomic
def set_limit(*, name: str, value: int, officer: Officer, at: datetime) -> None:
    """Set a security limit from today on (security administration)."""
    require(officer, "identity.limit.set")
    check_limit(name, value)
    LimitValue.objects.update_or_create(
        name=name,
        active_from=local_date(at),
        defaults={"value": value, "set_at": at, "set_by": officer.username},
    )
    facts: dict[str, str | int] = {"value": value}
    journal.record("identity.limit_set", subject=name, actor=officer.username, at=at, facts=facts)


def _install_roles(library: Library) -> dict[str, Role]:
    installed = {}
    for pack in library.packs.values():
        for name, declared in pack.roles.items():
            role_id = f"{pack.id}.{name}"
            if claimed := RESERVED.intersection(declared.rights):
                raise RoleBringsReservedRight(
                    f"角色 {role_id} 带有三员专属的权利：{'、'.join(sorted(claimed))}。",
                    hint=f"请从 {pack.id}/roles/{name}.yaml 中删去。",
                    role=role_id,
                )
            role, _ = Role.objects.update_or_create(
                id=role_id,
                defaults={
                    "title": declared.title,
                    "description": declared.description,
                    "is_active": True,
                },
            )
            role.rights.all().delete()
            rights = dict.fromkeys(declared.rights)
            RoleRight.objects.bulk_create(RoleRight(role=role, right=right) for right in rights)
            installed[role_id] = role
    Role.objects.exclude(id__in=installed).update(is_active=False)
    return installed


def _install_posts(
    organ: Organ, declared: dict[str, tuple[str, ...]], roles: dict[str, Role]
) -> int:
    for title, wanted in declared.items():
        if missing := [role for role in wanted if role not in roles]:
            raise RoleUndefined(
                f"机构“{organ.title}”的岗位“{title}”用到未定义的角色：{'、'.join(missing)}。",
                hint="请在 pack 的 roles/ 中定义，或改正 place.yaml。",
                organ=organ.id,
            )
        post, _ = Post.objects.get_or_create(organ=organ, title=title)
        post.roles.set([roles[role] for role in wanted])
    organ.posts.exclude(title__in=declared).filter(holdings=None).delete()
    for gone in organ.posts.exclude(title__in=declared):
        gone.roles.clear()
    return len(declared)


def _account(username: str) -> Account:
    found = Account.objects.filter(username=username).first()
    if found is None:
        raise AccountUnknown("没有这个账户。", hint="请核对账户名。")
    return found
