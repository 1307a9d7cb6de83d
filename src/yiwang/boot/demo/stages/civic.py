"""Licences in people's hands, and what people say: issued, shown, stopped; rated and put right."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told

CARD, TRADE, FOOD = (
    "common_licenses.elder_card",
    "common_licenses.business_license",
    "common_licenses.food_permit",
)
DISCOUNT, WINDOW = "common_licenses.elder_discount", "base.window"
CARDS, FIRMS = 300, 60
WORDS = {1: "跑了三趟才办成，窗口说法不一。", 2: "等得太久。", 4: "总体不错。"}
SAID = (5, 5, 4, 5, 3, 5, 1, 5, 5, 2)
"""What people say, in turn; after each ten of them four say nothing."""


def licenses(journey: Journey) -> Told:
    """证照: issued by the hundred, one changed, one revoked; codes shown once and replayed."""
    at = journey.begun_at + timedelta(days=2, hours=4)
    civil, market = cast.officer(journey, "minzheng"), cast.officer(journey, "zhengzhao")
    firms = _firms(journey)
    if not credentials.licenses_issued(officer=market, at=at).lines:
        _issue(journey, firms, civil=civil, market=market, at=at)
    resident, shop = _resident(journey), _firm(firms[0])
    told, replays = _shown(journey, resident, shop, at + timedelta(minutes=20))
    stopped = credentials.licenses_issued(officer=market, at=at, state="revoked").lines
    ranking = credentials.use_ranking(since=journey.begun_at, until=at + timedelta(days=2))
    return Told(
        counts={
            "颁发": sum(one.issued for one in ranking),
            "使用": sum(one.total for one in ranking),
            "亮码被读": told,
            "重放被拒": replays,
        },
        balances=[
            Balance("每个码只读出一次", told, replays),
            Balance("撤销的证照核验不通过", _failing(stopped, at), len(stopped)),
        ],
        page=("office:licenses",),
    )


def _issue(
    journey: Journey,
    firms: Sequence[Mapping[str, str]],
    *,
    civil: identity.Officer,
    market: identity.Officer,
    at: datetime,
) -> None:
    elders = journey.lake.rows(
        "SELECT id_number, name, CAST(birth_on AS VARCHAR) AS birth_on FROM base.resident "
        "WHERE is_alive AND birth_on < $born "
        "ORDER BY id_number <> $resident, birth_on, id_number LIMIT $most",
        values={
            "born": at.date() - timedelta(days=366 * 65),
            "resident": _resident(journey).subject,
            "most": CARDS,
        },
    )
    credentials.issue_many(
        kind=CARD,
        licenses=[credentials.NewLicense(holder=one["id_number"], fields=one) for one in elders],
        officer=civil,
        at=at,
    )
    for kind in (TRADE, FOOD):
        numbers = credentials.issue_many(
            kind=kind,
            licenses=[_license(kind, one) for one in firms],
            officer=market,
            at=at,
        )
    _change_and_revoke(numbers, firms[1], market=market, at=at)


def _change_and_revoke(
    numbers: Sequence[str], firm: Mapping[str, str], *, market: identity.Officer, at: datetime
) -> None:
    changed, stopped = numbers[1], numbers[2]
    credentials.change(
        number=changed,
        fields={**_license(FOOD, firm).fields, "scope": "热食类食品制售、冷食类食品制售"},
        reason="增加经营项目",
        officer=market,
        at=at + timedelta(minutes=5),
    )
    credentials.revoke(
        number=stopped, reason="提供虚假材料取得许可", officer=market, at=at + timedelta(minutes=6)
    )


def _license(kind: str, firm: Mapping[str, str]) -> credentials.NewLicense:
    fields = {name: firm[name] for name in ("name", "uscc", "address")}
    if kind == TRADE:
        fields |= {"legal_person": firm["representative"], "scope": firm["industry_title"]}
    else:
        fields |= {"scope": "热食类食品制售"}
    return credentials.NewLicense(holder=firm["uscc"], fields=fields)


def _firms(journey: Journey) -> list[dict[str, str]]:
    return journey.lake.rows(
        "SELECT uscc, name, representative, address, industry_title FROM base.legal_person "
        "WHERE is_active AND name IS NOT NULL AND representative IS NOT NULL "
        "AND address IS NOT NULL AND industry_title IS NOT NULL ORDER BY uscc LIMIT $most",
        values={"most": FIRMS},
    )


def _resident(journey: Journey) -> identity.Applicant:
    found = cast.resident(journey)
    return identity.Applicant(subject=found["id_number"], kind="person", name=found["name"])


def _firm(firm: Mapping[str, str]) -> identity.Applicant:
    return identity.Applicant(subject=firm["uscc"], kind="firm", name=firm["name"])


def _shown(
    journey: Journey, resident: identity.Applicant, shop: identity.Applicant, at: datetime
) -> tuple[int, int]:
    """Two codes of the resident, each read once and tried again; told, refused."""
    clerk, told, replays = cast.officer(journey, "chuangkou"), 0, 0
    readers: tuple[tuple[str, str, identity.Actor], ...] = (
        (WINDOW, clerk.organ, clerk),
        (DISCOUNT, shop.subject, shop),
    )
    for purpose, name, reader in readers:
        code = credentials.make_code(purpose=purpose, verifier=name, actor=resident, at=at)
        for seconds in (15, 25):
            try:
                credentials.read_code(
                    code.token,
                    purpose=purpose,
                    verifier=reader,
                    at=at + timedelta(seconds=seconds),
                )
                told += 1
            except credentials.CodeReplayed:
                replays += 1
        at += timedelta(minutes=3)
    return told, replays


def _failing(stopped: Sequence[credentials.IssuedView], at: datetime) -> int:
    found = credentials.states_of([one.number for one in stopped], at=at)
    return sum(state != "valid" for state in found.values())


def ratings(journey: Journey) -> Told:
    """好差评: people rate what was decided; bad words are looked into, one is put right."""
    at = journey.begun_at + timedelta(days=2, hours=8)
    steward, civil = cast.officer(journey, "jiandu"), cast.officer(journey, "minzheng")
    ended = casework.case_list(
        officer=civil,
        at=at,
        asked=casework.Asked(flow="elder_allowance.confirmation", state="ended"),
        limit=400,
    )
    for place, one in enumerate(reversed(ended.lines)):
        if place % 14 < len(SAID):
            _rate(one.number, SAID[place % 14], civil, at + timedelta(seconds=place))
    bad = casework.ratings(officer=steward, only_bad=True)
    if bad and bad[-1].rectification:
        _put_right(journey, bad[-1].rectification, at + timedelta(hours=1))
    found = casework.scores(since=journey.begun_at, until=at + timedelta(days=1), at=at)
    whole = [one for one in found if one.ended]
    return Told(
        counts={
            "办结": sum(one.ended for one in whole),
            "主动评价": sum(one.said + one.excluded for one in whole),
            "差评": len(bad),
            "已整改": sum(one.outcomes.get("已整改", 0) for one in whole),
        },
        balances=[
            Balance(
                "办结 = 计入 + 不计入 + 默认 + 待评",
                sum(one.ended for one in whole),
                sum(one.said + one.excluded + one.defaults + one.waiting for one in whole),
            ),
            Balance("每个差评一件整改", len(bad), sum(bool(one.rectification) for one in bad)),
        ],
        page=("office:ratings",),
    )


def _rate(number: str, score: int, asker: identity.Officer, at: datetime) -> None:
    """One word, by the code on the receipt; a run that was killed said some before."""
    try:
        casework.rate_invited(
            invitation=casework.invitation(number, actor=asker),
            score=score,
            comment=WORDS.get(score, ""),
            at=at,
            device=number,
        )
    except casework.AlreadyRated:
        return


def _put_right(journey: Journey, number: str, at: datetime) -> None:
    steps = (
        ("verify", "jiandu", "dispatch", "电话核实，情况属实。"),
        ("rectify", "mzkaifang", "handle", "已统一窗口口径，补充一次性告知单，并向本人致歉。"),
        ("callback", "jiandu", "confirm", "本人表示认可。"),
        ("review", "shenhe", "close", ""),
    )
    for place, (step, who, verb, reason) in enumerate(steps):
        if casework.standing(number).step == step:
            casework.act(
                number=number,
                verb=verb,
                officer=cast.officer(journey, who),
                at=at + timedelta(minutes=10 * place),
                reason=reason,
            )
