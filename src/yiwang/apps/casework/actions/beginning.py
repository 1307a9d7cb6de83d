"""发起办件: an officer begins a case by hand, of a flow whose pack says which role may."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yiwang.apps.casework import place
from yiwang.apps.casework.actions.joining import link_cases
from yiwang.apps.casework.actions.opening import FlowUnknown, open_case
from yiwang.apps.casework.models import CaseLink, FlowVersion
from yiwang.apps.casework.queries.cases import CaseView, cases_of_flow, frozen_flow
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import Invalid, NotAllowed
from yiwang.packkit.kinds.work import Flow

NAMES = ("title", "name")
"""The columns of a register by which people know an entry, the first that it has."""


class NotToBegin(NotAllowed):
    """The flow is not begun by hand, or by another role."""

    code = "casework.not_to_begin"


class BeginningMalformed(Invalid):
    """What the case is about is not in the list, or nobody said what it is for."""

    code = "casework.beginning_malformed"


@dataclass(frozen=True)
class Beginning:
    """A case that the officer may begin; ``about`` is what it may be about, key and title."""

    flow: str
    title: str
    about_title: str
    about: tuple[tuple[str, str], ...]
    parties: tuple[tuple[str, str], ...]
    """The parties that are asked for, name and title; the others follow from what it is about."""


def beginnings(*, officer: identity.Officer) -> list[tuple[str, str]]:
    """The flows that the officer begins by hand, each with its title."""
    if "case.open" not in officer.rights:
        return []
    found = ((one.ref, frozen_flow(one)) for one in FlowVersion.objects.filter(is_current=True))
    mine = [(ref, one.title) for ref, one in found if one.begun_by in officer.roles]
    return sorted(mine, key=lambda one: one[0])


def beginning(flow: str, *, officer: identity.Officer, at: datetime) -> Beginning:
    """What is asked of who begins a case of this flow."""
    content = _content(flow, officer)
    known, columns = _about(content, officer, at)
    return Beginning(
        flow=flow,
        title=content.title,
        about_title=_about_title(content.about),
        about=tuple((key, title) for key, (title, _) in known.items()),
        parties=tuple(one for one in content.parties.items() if one[0] not in columns),
    )


@transaction.atomic
def begin_case(
    *,
    flow: str,
    about: str,
    purpose: str,
    parties: Mapping[str, str],
    officer: identity.Officer,
    at: datetime,
) -> CaseView:
    """发起: begin a case of the officer's organ; a case that it is about is linked with it."""
    content = _content(flow, officer)
    known, columns = _about(content, officer, at)
    purpose, (title, named) = purpose.strip(), known.get(about, ("", {}))
    if not purpose or (content.about and about not in known):
        raise BeginningMalformed(
            "要写明事由，并选一个对象。" if content.about else "要写明事由。",
            hint="对象从列表中选择；没有的，先登记。",
        )
    shown = title if title == about else f"{title}（{about}）"
    told = {_about_title(content.about): shown} if content.about else {}
    opened = open_case(
        flow=flow,
        subject=about if content.about else "",
        title=f"{content.title}：{title or purpose}"[:200],
        organ=officer.organ,
        division=place.organ_divisions()[officer.organ],
        facts={**told, "事由": purpose[:500]},
        parties={**parties, **{name: named[name] for name in content.parties if name in columns}},
        actor=officer,
        at=at,
    )
    if place.has_flow(content.about):
        relation = CaseLink.Relation.RELATED
        link_cases(number=opened.number, other=about, relation=relation, officer=officer, at=at)
    return opened


def _content(flow: str, officer: identity.Officer) -> Flow:
    version = FlowVersion.objects.filter(ref=flow, is_current=True).first()
    if version is None:
        raise FlowUnknown(f"没有流程 {flow}。", hint="先安装包含该流程的场景包。", flow=flow)
    content = frozen_flow(version)
    if not content.begun_by or content.begun_by not in officer.roles:
        raise NotToBegin(
            f"您的岗位不能发起“{content.title}”。", hint="由场景包写明的岗位发起，或由平台立案。"
        )
    return content


Known = dict[str, tuple[str, Mapping[str, str]]]


def _about(content: Flow, officer: identity.Officer, at: datetime) -> tuple[Known, frozenset[str]]:
    """Key to title and organs of what a case may be about; the parties that follow from it."""
    if not content.about:
        return {}, frozenset()
    if place.has_flow(content.about):
        cases = cases_of_flow(content.about, officer=officer, at=at)
        return {one.number: (one.title, {}) for one in cases}, frozenset()
    key, columns = place.key_of(content.about), place.columns_of(content.about)
    name = next((one for one in NAMES if one in columns), key)
    named = frozenset(content.parties.keys() & columns)
    return {
        str(one[key]): (str(one[name]), {party: str(one[party]) for party in named})
        for one in place.entries(content.about)
    }, named


def _about_title(about: str) -> str:
    if not about:
        return ""
    return place.flow_title(about) if place.has_flow(about) else place.register_title(about)
