"""Policies that find people: everybody by every policy, a rule tried out, a month paid by two."""

from datetime import timedelta

from yiwang.apps.services import public as services
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told
from yiwang.boot.demo.stages.benefit import POLICY

TRIED, TOLD = "benefits.elder_hardship", "benefits.orphan_living"
SAMPLE = "请问孤儿补贴什么时候调整标准"


def find(journey: Journey) -> Told:
    """全部政策: one pass over people and one over firms, evidence frozen; a change tried out."""
    at = journey.begun_at + timedelta(days=2, hours=2)
    steward, officer = cast.officer(journey, "shuju"), cast.officer(journey, "minzheng")
    if not services.batches(officer=steward, limit=2)[1:]:
        services.run_batch(as_of=at.date(), at=at, officer=steward)
    found = {one.table: one for one in services.batches(officer=steward)}
    tried = services.dry_runs(TRIED, officer=officer) or [
        services.dry_run(
            TRIED, changes={"least_age": "65"}, as_of=at.date(), officer=officer, at=at
        )
    ]
    reach = services.uptake(officer=steward)
    told = _tell(journey)
    services.ask_policy(SAMPLE, at=at)
    return Told(
        counts={
            "政策": sum(one.policies for one in found.values()),
            "符合人次": sum(one.eligible or 0 for one in reach),
            "无法判断人次": sum(one.unknown for one in reach),
            "已提醒": told,
            "试算减少": tried[0].whole.lose,
        },
        balances=[
            Balance(
                "全部居民都有判断证据",
                found["benefits.person"].people,
                journey.lake.count("base.resident"),
            ),
            Balance(
                "全部法人都有判断证据",
                found["enterprise_policies.firm"].people,
                journey.lake.count("base.legal_person"),
            ),
        ],
        page=("office:uptake",),
    )


def _tell(journey: Journey) -> int:
    at = journey.begun_at + timedelta(days=2, hours=2)
    officer = cast.officer(journey, "minzheng")
    run = services.policy_runs(TOLD, officer=officer)[0]
    services.tell_run(run.id, officer=officer, at=at)
    return {one.policy: one.told for one in services.uptake(officer=officer)}[TOLD]


def pay(journey: Journey) -> Told:
    """发放: the month's list, made by one, checked and exported by another, results taken in."""
    at = journey.begun_at + timedelta(days=2, hours=3)
    maker, checker = cast.officer(journey, "minzheng"), cast.officer(journey, "fuhe")
    month = f"{at:%Y-%m}"
    made = services.payment_batches(POLICY, officer=maker) or [
        services.make_batch(POLICY, month=month, officer=maker, at=at)
    ]
    batch = made[0]
    if batch.state == "made":
        batch = services.check_batch(
            batch.id, agree=True, note="人数、金额核对一致", officer=checker, at=at
        )
    if batch.state in ("checked", "exported"):
        _, content = services.export_batch(batch.id, officer=checker, at=at)
        lines = content.decode("utf-8-sig").splitlines()[1:]
        results = "\n".join(
            f"{line.split(',')[0]},{'失败,账户已销户' if place == 0 else '成功,'}"
            for place, line in enumerate(lines)
        )
        batch = services.take_results(
            batch.id, content=f"明细号,结果,说明\n{results}".encode(), officer=maker, at=at
        )
    counted = {state: lines for state, (_, lines, _) in batch.by_state.items()}
    rolled = services.payments(POLICY, officer=maker)
    return Told(
        counts={
            "清单人数": batch.lines,
            "已发放": counted.get("paid", 0),
            "退回": counted.get("failed", 0),
            "金额（元）": f"{batch.amount:,}",
        },
        balances=[Balance("清单人数 = 有效的发放对象", batch.lines, len(rolled))],
        page=("office:payment_batch", str(batch.id)),
    )
