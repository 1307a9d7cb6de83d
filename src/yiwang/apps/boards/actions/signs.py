"""体征预警: a sign that leaves its band is told to its owner once, and ends when it is back.

Between the target and the band lies the hysteresis: a red sign opens a case at the owner of its
indicator; yellow changes nothing either way; a sign that meets its target again ends the case. A
value that nobody could take changes nothing.
"""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from yiwang.apps.boards.measuring import shown, target_shown
from yiwang.apps.boards.models import IndicatorSnapshot, SignAlert
from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Indicator

FLOW = "base.sign_alert"


def watch_signs(*, library: Library, at: datetime) -> tuple[int, int]:
    """Judge the newest value of every sign of every tree; how many left their band, came back."""
    signs = {one.indicator for tree in library.vitals().values() for one in tree.signs.values()}
    known = library.indicators()
    left = back = 0
    for ref in sorted(signs & known.keys()):
        newest = IndicatorSnapshot.objects.filter(indicator=ref).order_by("-taken_at").first()
        if newest is None or newest.is_met is None:
            continue
        if newest.is_met:
            back += _ended(ref, known[ref], newest, at)
        elif not newest.is_near:
            left += _raised(ref, known[ref], newest, at)
    return left, back


@transaction.atomic
def _raised(ref: str, one: Indicator, newest: IndicatorSnapshot, at: datetime) -> bool:
    """Open a case at the owner, unless they know; a place without that organ or flow has none."""
    organs = {organ.id: organ for organ in identity.organs()}
    is_known = SignAlert.objects.select_for_update().filter(indicator=ref, ended_at=None).exists()
    if is_known or one.owner not in organs:
        return False
    value, target = shown(newest.value, unit=one.unit), target_shown(one.target, unit=one.unit)
    try:
        case = casework.open_case(
            flow=FLOW,
            subject=ref,
            title=f"体征越界：{one.title} {value}（目标 {target}）"[:200],
            organ=one.owner,
            division=organs[one.owner].division,
            facts={"indicator": ref, "指标值": value, "目标": target},
            actor="boards",
            at=at,
        )
    except casework.FlowUnknown:
        return False
    SignAlert.objects.create(indicator=ref, owner=one.owner, case=case.number, raised_at=at)
    journal.record("sign.left_band", subject=ref, actor="boards", at=at, case=case.number)
    return True


@transaction.atomic
def _ended(ref: str, one: Indicator, newest: IndicatorSnapshot, at: datetime) -> bool:
    """The sign meets its target again: its case ends by itself, unless somebody has ended it."""
    alert = SignAlert.objects.select_for_update().filter(indicator=ref, ended_at=None).first()
    if alert is None:
        return False
    alert.ended_at = at
    alert.save(update_fields=["ended_at"])
    reason = f"{one.title}为 {shown(newest.value, unit=one.unit)}，已恢复到目标以内，自动办结。"
    with suppress(casework.MoveNotOpen):  # its owner has ended it before
        casework.act(number=alert.case, verb="close", officer="boards", at=at, reason=reason)
    journal.record("sign.came_back", subject=ref, actor="boards", at=at, case=alert.case)
    return True
