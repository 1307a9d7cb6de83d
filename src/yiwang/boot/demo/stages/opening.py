"""Opening data: what the packs offer is measured, decided, asked for, used, withdrawn."""

from collections import Counter
from datetime import timedelta

from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told

WITHDRAWN, ASKED_FOR, LIKED = (
    "elder_allowance-old_people",
    "open_data-resident_bands",
    "open_data-elder_homes",
)


def releases(journey: Journey) -> Told:
    """开放: every release of the packs is proposed by its organ and decided by the bureau."""
    at = journey.begun_at + timedelta(hours=8)
    wanted = journey.library.releases()
    known = {one.name: one for one in exchange.releases(actor=_bureau(journey), limit=1000)}
    for ref, release in wanted.items():
        name = ref.replace(".", "-")
        made = known.get(name) or exchange.release_from_pack(
            release,
            name=name,
            officer=_owner(journey, release.table),
            at=at,
            division=journey.library.place.division,
        )
        if made.state == "waiting":
            exchange.decide_release(
                name,
                agree=True,
                reason="来源清楚，已按阈值测量，同意开放。",
                officer=_bureau(journey),
                at=at + timedelta(hours=2),
            )
    _society(journey)
    states = Counter(one.state for one in exchange.releases(actor=_bureau(journey), limit=1000))
    shown = exchange.search_releases(exchange.Asked(limit=1000), at=journey.told_at)
    return Told(
        counts={
            "开放数据集": states["published"],
            "其中有条件": sum(one.terms == "conditional" for one in shown.releases),
            "未过 k-匿名检查": states["blocked"],
            "已撤下": states["withdrawn"],
        },
        balances=[
            Balance("包里提出的开放都有结果", sum(states.values()), len(wanted)),
            Balance("公众看到的都已审定", shown.total, states["published"]),
        ],
        page=("portal:open_home",),
    )


def _society(journey: Journey) -> None:
    """A request, a question, a re-use, stars, and one release that is withdrawn."""
    resident = identity.applicant(cast.resident(journey)["id_number"])
    open_now = {
        name
        for name in (ASKED_FOR, LIKED, WITHDRAWN)  # of few people, a table may stay blocked
        if exchange.release(name, actor=_bureau(journey)).state == "published"
    }
    if ASKED_FOR in open_now and not exchange.own_requests(ASKED_FOR, actor=resident):
        _asked_for(journey, resident)
    if LIKED in open_now and not exchange.questions_of(LIKED):
        _spoken_of(journey, resident)
    if WITHDRAWN in open_now:
        exchange.withdraw_release(
            WITHDRAWN,
            reason="统计口径调整，改由“各乡镇人口”提供。",
            officer=_bureau(journey),
            at=journey.begun_at + timedelta(hours=30),
        )


def _asked_for(journey: Journey, resident: identity.Applicant) -> None:
    at = journey.begun_at + timedelta(hours=20)
    asked = exchange.request_release(
        ASKED_FOR,
        purpose="用于县域老龄化课题研究，只作汇总分析，成果注明来源。",
        has_agreed=True,
        actor=resident,
        at=at,
    )
    exchange.decide_open_request(
        asked.number,
        agree=True,
        reason="用途明确，同意提供一年。",
        officer=_owner(journey, "open_data.resident_profile"),
        at=at + timedelta(hours=3),
    )


def _spoken_of(journey: Journey, resident: identity.Applicant) -> None:
    at, owner = journey.begun_at + timedelta(hours=20), _owner(journey, "open_data.elder_home_list")
    exchange.ask_about(LIKED, text="护理型床位的口径是什么？", actor=resident, at=at)
    exchange.send_reuse(
        LIKED,
        title="就近养老地图",
        text="把养老机构的床位画在地图上，按乡镇查找。",
        link="",
        actor=resident,
        at=at,
    )
    exchange.rate_release(LIKED, stars=5, actor=resident, at=at)
    later = at + timedelta(hours=4)
    for question in exchange.questions_waiting(actor=owner):
        exchange.answer_question(
            question.id,
            answer="指登记为护理型的床位所在机构，按月随名录更新。",
            officer=owner,
            at=later,
        )
    for reuse in exchange.reuses_waiting(actor=_bureau(journey)):
        exchange.decide_reuse(reuse.id, agree=True, officer=_bureau(journey), at=later)


def _bureau(journey: Journey) -> identity.Officer:
    return cast.officer(journey, "shuju")


def _owner(journey: Journey, table: str) -> identity.Officer:
    """A data officer of the organ that owns the table, other than who decides."""
    organ = journey.library.table(table).owner
    found = identity.officers_with("exchange.release", organ=organ, at=journey.begun_at)
    others = [one for one in found if one.username != "shuju"]
    return others[0]
