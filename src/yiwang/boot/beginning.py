"""The first hour of an installation: its store, its packs, its three administrators."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from yiwang.apps.identity import public as identity
from yiwang.boot.installing import renew
from yiwang.boot.running.upgrading import demand_store_of_this_version
from yiwang.boot.work import register_work
from yiwang.packkit.current import current_library

DUTIES = (
    ("system-admin", "系统管理员", "system"),
    ("security-admin", "安全管理员", "security"),
    ("audit-admin", "审计管理员", "audit"),
)
LONG_AGO = timedelta(days=3650)
"""A first password counts as set so long ago, so that it is due at once."""


@dataclass(frozen=True)
class Begun:
    """What was installed; ``accounts`` are new ones: name, title, first password."""

    packs: int
    organs: int
    refused: dict[str, Exception]
    accounts: tuple[tuple[str, str, str], ...]


def begin(*, at: datetime) -> Begun:
    """Make or renew the installation under the settings' home folder."""
    demand_store_of_this_version(Path(settings.HOME))
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    identity.register_divisions(library.divisions)
    register_work()
    renew(library, home=Path(settings.HOME), at=at)
    made = [one for one in (_account(*duty, at=at) for duty in DUTIES) if one]
    return Begun(len(library.packs), len(identity.organs()), dict(library.refused), tuple(made))


def _account(username: str, title: str, duty: str, *, at: datetime) -> tuple[str, str, str] | None:
    """The account of a duty with its first password, unless somebody holds the duty."""
    if any(one.duty == title for one in identity.accounts(at=at)):
        return None
    password = f"Yw-{secrets.token_urlsafe(9)}-7a"
    identity.create_account(
        username=username,
        name=title,
        password=password,
        password_at=at - LONG_AGO,
        at=at,
        duty=duty,
    )
    return username, title, password
