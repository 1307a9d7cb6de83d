"""秒批: decide at once what the rules decide, with their reasons; the rest waits for an officer.

A case that comes to a step with ``instant`` is judged as it arrives: when it is filed, or when a
member of a one-thing begins. A rule that is not met, or of which nobody can tell, refuses nothing.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.services.actions import applying, bundling, deciding
from yiwang.apps.services.applications import ApplicationView, Given, application_view
from yiwang.apps.services.bundles import FilingView, filing
from yiwang.apps.services.models import Application, BundlePart
from yiwang.apps.services.requirements import judged
from yiwang.kernel.errors import YiwangError

log = logging.getLogger("yiwang.services")
PLATFORM = "rules"
"""The part of the platform that decides."""


def file_application(
    ref: str, *, token: str, given: Given, actor: identity.Actor | None, at: datetime
) -> ApplicationView:
    """提交申请: as ``applying.file_application``, and decided at once where the rules decide."""
    view = applying.file_application(ref, token=token, given=given, actor=actor, at=at)
    if decide_at_once([view.case], at=at):
        return application_view(Application.objects.get(case=view.case))
    return view


def file_bundle(
    ref: str, *, token: str, given: Given, actor: identity.Actor | None, at: datetime
) -> FilingView:
    """提交一件事: as ``bundling.file_bundle``, its members decided at once where rules decide."""
    view = bundling.file_bundle(ref, token=token, given=given, actor=actor, at=at)
    if actor is not None and decide_at_once([one.case for one in view.parts], at=at):
        return filing(view.number, actor=actor, at=at)
    return view


def act_on_case(**act: Any) -> casework.CaseView:
    """办理: as ``deciding.act_on_case``; members of a one-thing that begin by it are judged."""
    view = deciding.act_on_case(**act)
    if view.state == "ended":
        decide_at_once(_begun_with(view.number), at=act["at"])
    return view


def decide_at_once(numbers: Iterable[str], *, at: datetime) -> list[str]:
    """Decide each waiting case whose rules are met, and what begins by that; the decided ones."""
    waiting, tried, done = [one for one in numbers if one], set[str](), list[str]()
    while waiting:
        number = waiting.pop(0)
        if number in tried:
            continue
        tried.add(number)
        if _decided(number, at):
            done.append(number)
            waiting += _begun_with(number)
    return done


def _decided(number: str, at: datetime) -> bool:
    move = casework.instant_move(number)
    if move is None:
        return False
    try:
        found = judged(move.rules, move.subject, at=at)
        if any(one.result != "yes" for one in found):
            return False
        met = "；".join(reason.title for one in found for reason in one.reasons)
        deciding.act_on_case(
            number=number,
            verb=move.verb,
            to=move.to,
            officer=PLATFORM,
            at=at,
            reason=f"秒批，规则判断：{met}。",
        )
    except YiwangError as refusal:  # the data are not there, or somebody was quicker
        log.warning("%s is not decided at once: %s", number, refusal.code)
        return False
    return True


def _begun_with(number: str) -> list[str]:
    """The waiting cases of the one-thing that a case belongs to."""
    filings = BundlePart.objects.filter(case=number).values("filing")
    parts = BundlePart.objects.filter(filing__in=filings, state="waiting").exclude(case="")
    return list(parts.order_by("id").values_list("case", flat=True))
