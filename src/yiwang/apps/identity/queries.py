"""Reading identity: organs, officers, applicants, accounts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from django.db.models import Q

from yiwang.apps.identity.actor import Actor, Applicant, Officer
from yiwang.apps.identity.duties import DUTY_RIGHTS, TITLES
from yiwang.apps.identity.models import (
    Absence,
    Account,
    Holding,
    Organ,
    Post,
    Role,
    RoleLoan,
    RoleRight,
)
from yiwang.kernel.clock import local_date, system_clock
from yiwang.kernel.errors import NotFound


class AccountUnknown(NotFound):
    """No account in use has this name or subject."""

    code = "identity.account_unknown"


class OrganUnknown(NotFound):
    """The place has no organ with this id."""

    code = "identity.organ_unknown"


@dataclass(frozen=True, slots=True)
class OrganView:
    """An organ as others see it; ``line_superior`` lies outside the place."""

    id: str
    title: str
    division: str
    kind: str
    superior: str
    line_superior: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as its own page shows it."""

    username: str
    name: str
    kind: str
    duty: str
    organs: tuple[tuple[str, str], ...]
    """Organs in which a post is held: id and title."""
    posts: tuple[tuple[str, str], ...]
    """Posts held: organ id and title."""
    has_totp: bool
    is_active: bool
    is_locked: bool
    password_set_at: datetime
    created_at: datetime


def organs() -> list[OrganView]:
    """The place's organs in use."""
    rows = Organ.objects.filter(is_active=True).values_list(*OrganView.__match_args__)
    return [OrganView(*row) for row in rows]


def organ(organ_id: str) -> OrganView:
    """One organ, or ``OrganUnknown``."""
    found = Organ.objects.filter(id=organ_id).first()
    if found is None:
        raise OrganUnknown(f"没有机构“{organ_id}”。", hint="机构在 place.yaml 中登记。")
    return _organ_view(found)


def officer(
    username: str, *, organ: str = "", assurance: int = 1, at: datetime | None = None
) -> Officer:
    """The officer of an account, acting in ``organ`` (empty: where they held a post first)."""
    account = _account(username=username, kind=Account.Kind.OFFICER)
    return officer_of(account, organ=organ, assurance=assurance, at=at)


def officer_of(
    account: Account, *, organ: str = "", assurance: int = 1, at: datetime | None = None
) -> Officer:
    """The officer of an account row; see ``officer``."""
    now = at or system_clock()
    found = _alone(account, organ=organ, assurance=assurance, at=now)
    away = Absence.objects.filter(absent_on(now), deputy=account, organ=found.organ)
    absent = [one.account for one in away.select_related("account").order_by("pk")]
    colleagues = [
        _alone(one, organ=found.organ, assurance=assurance, at=now)
        for one in absent
        if one.is_active
    ]
    return replace(found, stands_for=tuple(colleagues)) if colleagues else found


def absent_on(at: datetime) -> Q:
    """The absences that last at an instant; each ends by itself with its last day."""
    day = local_date(at)
    lasts = Q(ended_at=None) | Q(ended_at__gt=at)
    return lasts & Q(first_on__lte=day, last_on__gte=day)


def _alone(account: Account, *, organ: str, assurance: int, at: datetime) -> Officer:
    """The officer with what their own posts bring, whoever else may be away."""
    holdings = holdings_of(account, at=at)
    acting = organ or (holdings[0].post.organ_id if holdings else "")
    here = [holding for holding in holdings if holding.post.organ_id == acting]
    roles = sorted(
        {role.id for holding in here for role in holding.post.roles.all() if role.is_active}
    )
    roles = sorted({*roles, *_lent(roles, at)})
    rights = set(RoleRight.objects.filter(role__in=roles).values_list("right", flat=True))
    covered = [
        code for held in here for code in (held.divisions or [held.post.organ.division]) if code
    ]
    posts = [holding.post.title for holding in here]
    if account.duty:
        rights |= DUTY_RIGHTS[account.duty]
        posts.append(TITLES[account.duty])
    return Officer(
        username=account.username,
        name=account.name,
        organ=acting,
        posts=tuple(posts),
        roles=tuple(roles),
        rights=frozenset(rights),
        divisions=tuple(dict.fromkeys(covered)),
        assurance=assurance,
    )


def _lent(roles: list[str], at: datetime) -> set[str]:
    """The roles that come with others for a time."""
    loans = RoleLoan.objects.filter(role__in=roles, since__lte=at)
    loans = loans.filter(Q(until=None) | Q(until__gt=at)).values_list("lent", flat=True)
    return set(Role.objects.filter(id__in=loans, is_active=True).values_list("id", flat=True))


def applicant(subject: str, *, assurance: int = 1) -> Applicant:
    """The citizen or firm with an account, by id number or uscc."""
    account = Account.objects.filter(subject=subject.upper(), is_active=True).first()
    if account is None:
        raise AccountUnknown("此主体还没有账户。", hint="请本人先注册，或到窗口办理。")
    return applicant_of(account, assurance=assurance)


def applicant_of(account: Account, *, assurance: int = 1) -> Applicant:
    """The applicant of an account row."""
    return Applicant(
        subject=account.subject,
        kind="firm" if account.kind == Account.Kind.FIRM else "person",
        name=account.name,
        assurance=assurance,
        username=account.username,
    )


def actor_from(account: Account, *, organ: str, assurance: int, at: datetime) -> Actor:
    """The officer or applicant of an account row."""
    if account.kind == Account.Kind.OFFICER:
        return officer_of(account, organ=organ, assurance=assurance, at=at)
    return applicant_of(account, assurance=assurance)


def account(username: str, *, at: datetime) -> AccountView:
    """An account as its own page shows it."""
    return _account_view(_account(username=username), at)


def account_names(usernames: Iterable[str]) -> dict[str, str]:
    """What people call these accounts; a name that is no account stands for itself."""
    wanted = set(usernames)
    rows = Account.objects.filter(username__in=wanted)
    return {one: one for one in wanted} | dict(rows.values_list("username", "name"))


def _account_view(row: Account, at: datetime) -> AccountView:
    held = holdings_of(row, at=at)
    return AccountView(
        username=row.username,
        name=row.name,
        kind=row.get_kind_display(),
        duty=row.get_duty_display() if row.duty else "",
        organs=tuple(dict.fromkeys((one.post.organ_id, one.post.organ.title) for one in held)),
        has_totp=row.totp_since is not None,
        posts=tuple((one.post.organ_id, one.post.title) for one in held),
        is_active=row.is_active,
        is_locked=row.locked_until is not None and at < row.locked_until,
        password_set_at=row.password_set_at,
        created_at=row.created_at,
    )


def accounts(
    *, query: str = "", offset: int = 0, limit: int = 50, at: datetime
) -> list[AccountView]:
    """Accounts by name, for administration: stopped and locked ones as well."""
    rows = Account.objects.order_by("username")
    if query:
        rows = rows.filter(Q(username__icontains=query) | Q(name__icontains=query))
    return [_account_view(row, at) for row in rows[offset : offset + limit]]


def posts(organ: str = "") -> list[tuple[str, str]]:
    """Posts that can be held: organ id and title."""
    rows = Post.objects.filter(organ__is_active=True, **({"organ": organ} if organ else {}))
    return list(rows.order_by("organ_id", "title").values_list("organ_id", "title"))


def officers_with(right: str, *, organ: str = "", at: datetime | None = None) -> list[Officer]:
    """Officers who hold a right (in an organ): whom to ask, whom to assign."""
    now = at or system_clock()
    holding = _current(now).filter(post__roles__rights__right=right)
    if organ:
        holding = holding.filter(post__organ=organ)
    pairs = holding.values_list("account_id", "post__organ_id").distinct()
    rows = Account.objects.in_bulk([account_id for account_id, _ in pairs])
    return [
        officer_of(rows[account_id], organ=organ_id, at=now)
        for account_id, organ_id in pairs
        if rows[account_id].is_active
    ]


def holdings_of(account: Account, *, at: datetime) -> list[Holding]:
    """What an account holds at an instant, oldest first."""
    rows = (
        _current(at)
        .filter(account=account)
        .select_related("post__organ")
        .prefetch_related("post__roles")
    )
    return list(rows.order_by("active_from", "id"))


def _current(at: datetime):
    in_force = Q(active_until=None) | Q(active_until__gt=at)
    return Holding.objects.filter(in_force, active_from__lte=at)


def _account(**where: object) -> Account:
    found = cast(
        Account | None,
        Account.objects.filter(is_active=True, **where).first(),
    )
    if found is None:
        raise AccountUnknown("没有这个账户，或它已停用。", hint="请核对账户名。")
    return found


def _organ_view(row: Organ) -> OrganView:
    return OrganView(row.id, row.title, row.division, row.kind, row.superior, row.line_superior)
