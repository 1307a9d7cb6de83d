"""Sharing: another organ's demand, the provider's decision, and calls through the gate."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity.public import Officer
from yiwang.boot.demo import cast
from yiwang.boot.demo.departments.servers import INTAKE
from yiwang.boot.demo.journey import Balance, Journey, Told
from yiwang.boot.demo.serving import site

CREMATION = "base.cremation"
GRANT = "elder_allowance.resident_contact"
MOVES = "base.move"


def demand(journey: Journey) -> Told:
    """需求与授权: civil affairs ask, public security agree; every step is clocked."""
    wanted = journey.library.grant(GRANT)
    asking = cast.officer(journey, "minzheng")
    earlier = [one for one in exchange.demands(actor=asking) if one.purpose == wanted.purpose]
    asked = (
        earlier[0]  # of a run that was killed
        if earlier
        else exchange.demand_from_pack(
            wanted,
            basis=_basis(journey),
            officer=asking,
            at=journey.begun_at + timedelta(hours=1),
        )
    )
    journey.keep(demand=asked.number)
    if asked.state == "waiting":
        exchange.decide_demand(
            number=asked.number,
            agree=True,
            reason="符合数据共享条例，用途明确，同意按字段共享。",
            officer=cast.officer(journey, "gongan"),
            at=journey.begun_at + timedelta(hours=6),
        )
    granted = exchange.grants(actor=asking)
    journey.keep(grant=granted[0].number)
    return Told(
        counts={"数据需求": 1, "授权": len(granted), "授权字段": len(granted[0].columns)},
        balances=[Balance("一份需求一份授权", 1, len(granted))],
        page=("steward:demands",),
    )


def calls(journey: Journey) -> Told:
    """调用: one answered and masked, three refused, each journalled with purpose and case."""
    at = journey.begun_at + timedelta(hours=7)
    key = exchange.issue_key(
        str(journey.kept["grant"]), officer=cast.officer(journey, "minzheng"), at=at
    )
    person = cast.resident(journey)["id_number"]
    grant = journey.library.grant(GRANT)
    address = f"/gate/v1/{grant.table}?id_number={person}"
    right = {
        "Authorization": f"Bearer {key}",
        "X-Purpose": quote(grant.purpose),
        "X-Case": str(journey.kept["demand"]),
    }
    before = len(exchange.calls(actor=cast.officer(journey, "shuju"), limit=1000))
    with site() as at_work:
        answered = at_work.get(f"{address}&columns=name,phone,address", headers=right)
        refused = [
            at_work.get(address, headers={**right, "Authorization": "Bearer nobody"}),
            at_work.get(address, headers={**right, "X-Purpose": "other"}),
            at_work.get(f"{address}&columns=name,household", headers=right),
        ]
    noted = len(exchange.calls(actor=cast.officer(journey, "shuju"), limit=1000)) - before
    there = _at_source(journey)
    rows = answered.json["rows"] if answered.status == 200 else []
    return Told(
        counts={
            "应答": int(answered.status == 200),
            "拒绝": sum(400 <= one.status < 500 for one in refused),
            "脱敏字段": len(answered.json.get("masked", ())),
            "直连应答": len(there),
        },
        balances=[
            Balance("该答的答了一行", len(rows), 1),
            Balance("该拒的都拒了", sum(400 <= one.status < 500 for one in refused), 3),
            Balance("每次调用都有计量记录", noted, 4),
            Balance("直连的应答与平台的副本一致", there.count(_copied(journey)), 1),
        ],
        page=("steward:calls",),
    )


def _at_source(journey: Journey) -> list[str]:
    """直连数源: the police ask for a cremation, and civil affairs' own database answers."""
    at, bureau = journey.begun_at + timedelta(hours=8), cast.officer(journey, "shuju")
    police = cast.officer(journey, "gongan")
    if not any(one.table == CREMATION for one in exchange.source_routes(actor=bureau)):
        exchange.set_route(
            table=CREMATION, source="civil-records", relation="funeral", officer=bureau, at=at,
            columns={name: name for name in ("register_no", "id_number", "cremated_on")},
        )  # fmt: skip
    grant = _granted(
        journey, CREMATION, ("register_no", "cremated_on"), purpose="户口注销核实",
        bounds=exchange.Bounds(lookup=("register_no",), clear=("register_no",)),
        asking=police, deciding="mzkaifang", reason="核实已故人员，同意按登记号查询。", at=at,
    )  # fmt: skip
    call = exchange.Call(
        key=exchange.issue_key(grant.number, officer=police, at=at), table=CREMATION,
        where={"register_no": _copied(journey)}, purpose=grant.purpose,
        case=grant.demand,
    )  # fmt: skip
    return [str(row["register_no"]) for row in exchange.answer(call, at=at).rows]


def _granted(
    journey: Journey, table: str, columns: Sequence[str], *, purpose: str, reason: str,
    bounds: exchange.Bounds, asking: Officer, deciding: str, at: datetime,
) -> exchange.GrantView:  # fmt: skip
    """The grant of a table to an organ: asked for and agreed to once, however often this runs."""
    earlier = [one for one in exchange.demands(actor=asking) if one.table == table]
    asked = (
        earlier[0]  # of a run that was killed
        if earlier
        else exchange.open_demand(
            table=table,
            columns=columns,
            purpose=purpose,
            basis=_basis(journey),
            officer=asking,
            at=at,
            bounds=bounds,
        )
    )
    if asked.state == "waiting":
        provider = cast.officer(journey, deciding)
        exchange.decide_demand(asked.number, agree=True, reason=reason, officer=provider, at=at)
    return exchange.grants(actor=asking, table=table)[0]


def pushed(journey: Journey) -> Told:
    """推送: civil affairs' own database receives who moved, where the organ has a server."""
    at = journey.begun_at + timedelta(hours=8, minutes=30)
    civil, columns = cast.officer(journey, "minzheng"), ("move_no", "id_number", "kind", "moved_on")
    grant = _granted(
        journey, MOVES, columns, purpose="津贴对象户籍迁移核对",
        bounds=exchange.Bounds(clear=columns), asking=civil, deciding="gongan",
        reason="核对待遇对象是否迁出，同意推送。", at=at,
    )  # fmt: skip
    told = exchange.pushes(grant.number, actor=civil)  # perhaps of a run that was killed in it
    if INTAKE in exchange.targets(civil.organ) and not any(one.total for one in told):
        exchange.set_push(grant.number, name=INTAKE, relation="hk_move", officer=civil, at=at)
        exchange.push_grant(grant.number, at=at + timedelta(minutes=1))
    done = exchange.pushes(grant.number, actor=civil, limit=1)
    return Told(
        counts={
            "授权字段": len(grant.columns),
            "推送行数": done[0].total if done else "无（没有数据库服务器）",
        },
        balances=[Balance("推送都送达了", len(done), sum(not one.fault for one in done))],
        page=("steward:push", grant.number),
    )


def _copied(journey: Journey) -> str:
    """The register number of one cremation, as the platform's copy has it."""
    rows = journey.lake.rows(f"SELECT min(register_no) AS number FROM {CREMATION}")
    return str(rows[0]["number"])


def _basis(journey: Journey) -> str:
    """The title of the legal basis that the grant names by id."""
    pack, _, _ = GRANT.partition(".")
    named = journey.library.grant(GRANT).basis
    return next(one.title for one in journey.library.packs[pack].manifest.basis if one.id == named)
