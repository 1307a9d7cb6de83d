"""One cast for all tests: 申请人 Wang and her company, 窗口 Li, colleague Zhao, stranger Sun.

Sun works for another organ and must never see anything. The people behind these names are
made by ``identity`` fixtures; what stands here is their facts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace

from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import CHINA
from yiwang.kernel.identifiers import gbt11643, uscc
from yiwang.packkit.kinds.pack import Organ, Place
from yiwang.packkit.kinds.work import Role


def _person(prefix: str, birth: str, sequence: str) -> str:
    first17 = f"{prefix}{birth}{sequence}"
    return first17 + gbt11643.check_digit(first17)


def _firm(division: str, organization: str) -> str:
    first17 = f"91{division}{organization}{uscc.organization_check(organization)}"
    return first17 + uscc.check_digit(first17)


NINE = datetime(2026, 11, 2, 9, 0, tzinfo=CHINA)
"""A Monday morning on which the tests live."""

WANG_NUMBER = _person("320825", "19560314", "002")
"""申请人王秀英, born in 泗阳 when its code was 320825; 70 years old at NINE."""

WANG_COMPANY = _firm("321323", "MA1TE8T0")
"""王秀英's firm."""

OFFICE, OTHER_OFFICE = "civil-affairs", "market"
"""Li and Zhao work at OFFICE, Sun at OTHER_OFFICE."""


PASSWORD = "Tests-only-2026"
"""The password of every account of the cast."""


@dataclass(frozen=True)
class Cast:
    """The people of the tests, with accounts. ``sun`` must never see anything."""

    wang: identity.Applicant
    company: identity.Applicant
    li: identity.Officer
    zhao: identity.Officer
    sun: identity.Officer
    system: identity.Officer
    security: identity.Officer
    audit: identity.Officer


def place(roles: Mapping[str, Sequence[str]] | None = None) -> SimpleNamespace:
    """A place with OFFICE and OTHER_OFFICE; both have the posts 窗口 and 科长 with all ``roles``.

    ``roles`` maps a role's id (``pack.role``) to its rights.
    """
    wanted = roles or {"tests.clerk": ("tests.work",)}
    packs: dict[str, SimpleNamespace] = {}
    for ref, rights in wanted.items():
        pack, name = ref.split(".")
        held = packs.setdefault(pack, SimpleNamespace(id=pack, roles={}))
        held.roles[name] = Role(title=f"角色{name}", rights=tuple(rights))
    posts = {"窗口": tuple(wanted), "科长": tuple(wanted)}
    organs = {
        OFFICE: Organ(title="县民政局", division="321323000000", roles=posts),
        OTHER_OFFICE: Organ(
            title="县市场监督管理局",
            division="321323000000",
            superior="宿迁市市场监督管理局",
            roles=posts,
        ),
    }
    chosen = Place(
        title="泗阳县",
        brand="一网泗阳",
        division="321323000000",
        packs=tuple(packs),
        organs=organs,
        number_prefix="SY",
    )
    return SimpleNamespace(place=chosen, packs=packs, roles=wanted)


def make_cast(roles: Mapping[str, Sequence[str]] | None = None) -> Cast:
    """Install ``place(roles)`` and give everybody an account; needs the database.

    Li and Zhao hold 窗口 at OFFICE, Sun at OTHER_OFFICE: the same roles, another organ.
    """
    identity.install(place(roles), at=NINE)

    def account(username: str, name: str, **more: object) -> None:
        identity.create_account(username=username, name=name, password=PASSWORD, at=NINE, **more)

    account("wang", "王秀英", kind="person", subject=WANG_NUMBER)
    account("wang-company", "泗阳秀英家政服务部", kind="firm", subject=WANG_COMPANY)
    account("li", "李明", organ=OFFICE, posts=["窗口"])
    account("zhao", "赵静", organ=OFFICE, posts=["窗口"])
    account("sun", "孙伟", organ=OTHER_OFFICE, posts=["窗口"])
    for duty in ("system", "security", "audit"):
        account(f"{duty}-admin", f"{duty} 管理员", duty=duty)
    return Cast(
        wang=identity.applicant(WANG_NUMBER),
        company=identity.applicant(WANG_COMPANY),
        li=identity.officer("li", at=NINE),
        zhao=identity.officer("zhao", at=NINE),
        sun=identity.officer("sun", at=NINE),
        system=identity.officer("system-admin", at=NINE),
        security=identity.officer("security-admin", at=NINE),
        audit=identity.officer("audit-admin", at=NINE),
    )
