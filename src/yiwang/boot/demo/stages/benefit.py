"""A benefit that finds its people: judged by rule, confirmed in the village, put on record."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.services import public as services
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told
from yiwang.boot.demo.serving import site

POLICY = "elder_allowance.elder_allowance"
LEFT = 3
"""Cases left waiting at each desk at most, for whoever wants to do one by hand."""
FLOW, CLAUSE = "elder_allowance.confirmation", "县高龄津贴发放办法（示例）第三条"


def judge(journey: Journey) -> Told:
    """名单: judge every resident, each with the reason of a no and what is missing."""
    at = journey.begun_at + timedelta(days=1)
    officer = cast.officer(journey, "minzheng")
    earlier = services.policy_runs(POLICY, officer=officer)  # of a run that was killed
    run = next((one for one in earlier if one.as_of == at.date()), None) or services.run_policy(
        POLICY, as_of=at.date(), at=at, officer=officer
    )
    services.list_candidates(run.id, officer=officer, at=at)  # if it was killed before its list
    journey.keep(run=run.id)
    return Told(
        counts={
            "判定": run.judged,
            "符合": run.yes,
            "不符合": run.no,
            "缺信息": run.unknown,
            "月金额（元）": f"{run.amount:,}",
        },
        balances=[
            Balance("判定 = 符合 + 不符合 + 缺信息", run.judged, run.yes + run.no + run.unknown),
            Balance("全部居民都判定了", run.judged, journey.lake.count("base.resident")),
        ],
        page=("office:policy_run", str(run.id)),
    )


def confirm(journey: Journey) -> Told:
    """核实: a case in each village with a working-day clock; the first villages go through it."""
    at = journey.begun_at + timedelta(days=1, hours=1)
    officer = cast.officer(journey, "minzheng")
    run = int(str(journey.kept["run"]))
    services.open_confirmations(run, officer=officer, at=at)
    opened = services.policy_run(run, officer=officer)
    clerk = cast.officer(journey, cast.VILLAGE_CLERK)
    listed = _most(_cases_of_the_villages(journey, run))
    waiting = {one.number for one in casework.cases_waiting(officer=clerk, at=at, limit=10_000)}
    denied = 0 if len(listed) > 1 else -1
    for number, case in enumerate(listed):
        if case not in waiting:
            continue  # done by a run that was killed
        services.act_on_case(
            number=case,
            verb="deny" if number == denied else "confirm",
            reason="已随子女迁居外省，本人不在村。" if number == denied else "",
            officer=clerk,
            at=at + timedelta(hours=2, minutes=number),
        )
    return Told(
        counts={
            "核实办件": opened.confirmations,
            "已核实": len(listed),
            "村（居）": len(cast.story_villages(journey)),
        },
        balances=[Balance("每个符合的人一个办件", opened.confirmations, opened.yes)],
        page=("office:cases",),
    )


def _cases_of_the_villages(journey: Journey, run: int) -> list[str]:
    """The cases of the story's villages in the order they were opened, the resident's second.

    The first is denied and the last are left: the resident is always granted, also alone.
    """
    villages = {one.code for one in cast.story_villages(journey)}
    resident = cast.resident(journey)["id_number"]
    found = services.candidates(
        run, officer=cast.officer(journey, "minzheng"), verdict="yes", limit=1_000_000
    )
    here = [one for one in found if one.division in villages]
    own = [one.case for one in here if one.subject == resident]
    others = sorted(one.case for one in here if one.subject != resident)
    return [*others[:1], *own, *others[1:]]


def _most(cases: Sequence[str]) -> Sequence[str]:
    """All but the few that are left on the desk."""
    return cases[: len(cases) - min(LEFT, len(cases) // 4)]


def decide(journey: Journey) -> Told:
    """认定: civil affairs decide; each decision is a signed, verifiable record."""
    at = journey.begun_at + timedelta(days=2)
    officer = cast.officer(journey, "minzheng")
    run = int(str(journey.kept["run"]))
    due = _most(_most(_cases_of_the_villages(journey, run)))
    found = casework.cases_waiting(officer=officer, flow=FLOW, at=at, limit=10_000)
    waiting = {one.number for one in found}
    for number, case in enumerate(due):
        if case not in waiting:
            continue  # done by a run that was killed
        is_denied = "deny" in {line.verb for line in casework.trail(case, actor=officer)}
        services.act_on_case(
            number=case,
            verb="refuse" if is_denied else "approve",
            reason="村级核实情况不符。" if is_denied else "",
            evidence={"clause": CLAUSE} if is_denied else {},
            officer=officer,
            at=at + timedelta(minutes=number),
        )
    listed = services.payments(POLICY, officer=officer)
    token = credentials.license_of(listed[0]["license"], actor=officer, at=at).token
    with site() as at_work:
        good = at_work.get(f"/verify/{token}/")
        bad = at_work.get(f"/verify/{_altered(token)}/")
    states = _states(journey)
    return Told(
        counts={
            "认定": states["granted"],
            "不予认定": states["denied"],
            "尚在核实": states["waiting"],
        },
        balances=[
            Balance("每个认定一份凭证、一行发放清单", len(listed), states["granted"]),
            Balance("凭证核验通过", good.status, 200),
            Balance("改动一位即核验不通过", int(bad.status >= 400), 1),
        ],
        page=("portal:verification", token),
    )


def _altered(token: str) -> str:
    return token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]


def _states(journey: Journey) -> Counter[str]:
    """How the confirmations of the run stand."""
    found = services.candidates(
        int(str(journey.kept["run"])),
        officer=cast.officer(journey, "minzheng"),
        verdict="yes",
        limit=1_000_000,
    )
    return Counter(one.state for one in found)
