"""Who watches the officers: the same materials asked for again and again become cards."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from yiwang.apps.casework import public as casework
from yiwang.apps.services import public as services
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told

ASKED_AGAIN = (
    ("everyday.residence_note", ("租房合同", "房东身份证复印件", "近三个月水电费单")),
    ("everyday.appraisal", ("户型图", "购房发票", "契税完税证明", "物业证明", "户型图原件")),
)
"""What was filed, and what more its reviewer asks for, each time anew."""


def conduct(journey: Journey) -> Told:
    """行为监察: two reviewers ask again and again; cards by rule, one of them looked into."""
    at, supervisor = journey.begun_at + timedelta(days=2, hours=6), cast.officer(journey, "shenhe")
    for ref, wanted in ASKED_AGAIN:
        if number := _waiting(journey, ref):
            _ask_again(journey, number, journey.library.item(ref).organ, wanted, at)
    casework.watch_conduct(at + timedelta(hours=1), library=journey.library)
    cards = casework.conduct_alerts(actor=supervisor)
    for card in cards:
        if not card.is_grave and not card.outcome:
            casework.act(
                number=card.case,
                verb="handle",
                officer=supervisor,
                at=at + timedelta(hours=2),
                reason="应当一次告知而未一次告知，情况属实，当面提醒。",
            )
    red = sum(one.is_grave for one in cards)
    looked_into = [one for one in casework.conduct_alerts(actor=supervisor) if one.outcome]
    return Told(
        counts={"黄牌": len(cards) - red, "红牌": red, "已核查": len(looked_into)},
        balances=[Balance("每张牌一件核查", len(cards), len({one.case for one in cards}))],
        page=("office:conduct",),
    )


def _waiting(journey: Journey, ref: str) -> str:
    """The last of what was filed: it is left at its first step."""
    numbers = [one for name, one in journey.kept.items() if name.startswith(f"filed {ref} ")]
    return str(numbers[-1]) if numbers else ""


def _ask_again(
    journey: Journey, number: str, organ: str, wanted: Sequence[str], at: datetime
) -> None:
    officer = cast.item_officer(journey, organ, casework.standing(number).step)
    if officer is None:
        return
    done = [one.verb for one in casework.trail(number, actor=officer)]
    for turn, what in enumerate(wanted):
        for verb, minutes, words in (
            ("pause", 0, {"reason": f"请补交{what}。", "pause": "supplement"}),
            ("resume", 5, {"reason": f"已补交{what}。"}),
        ):
            if done.count(verb) <= turn:
                services.act_on_case(
                    number=number,
                    verb=verb,
                    officer=officer,
                    at=at + timedelta(minutes=10 * turn + minutes),
                    **words,
                )
