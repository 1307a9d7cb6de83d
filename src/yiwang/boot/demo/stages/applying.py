"""What residents ask for: one-things and items, at the portal or with a clerk's help; decided."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.boot.demo import cast, picture
from yiwang.boot.demo.filling import filled_in
from yiwang.boot.demo.journey import Balance, Journey, Told

EACH = 6
"""Who files each one-thing; of each two are left to whoever wants to do one by hand."""
REFUSED = {
    ("retirement.retirement", 1): ("pension", "累计缴费年限不足，可补缴后再申请。"),
    ("business_start.start", 2): ("registration", "企业名称与他人已登记的近似，请换名称再申请。"),
    ("everyday.residence_note", 1): ("", "查询结果与申请的住址不一致。"),
}
"""What is not granted, by what was filed and by whom in turn: the member, and why."""
ROUNDS, CLAUSE = 12, "《中华人民共和国行政许可法》第三十八条"

PEOPLE = {
    "birth.newborn": "SELECT n.mother_id AS id_number, r.name FROM birth.newborn AS n "
    "JOIN base.resident AS r ON r.id_number = n.mother_id "
    "WHERE r.is_alive AND n.born_on <= $on ORDER BY n.born_on DESC, n.mother_id LIMIT $most",
    "disability_help.disability_help": "SELECT w.id_number, r.name FROM base.welfare AS w "
    "JOIN base.resident AS r ON r.id_number = w.id_number "
    "JOIN base.account AS a ON a.id_number = w.id_number "
    "WHERE r.is_alive AND w.disability_degree IS NOT NULL AND $on > r.birth_on "
    "ORDER BY w.assistance IS NULL, w.id_number LIMIT $most",
    "retirement.retirement": "SELECT r.id_number, r.name FROM base.social_insurance AS s "
    "JOIN base.resident AS r ON r.id_number = s.id_number "
    "JOIN base.medical_insurance AS m ON m.id_number = s.id_number "
    "JOIN base.account AS a ON a.id_number = s.id_number "
    "WHERE r.is_alive AND s.employer IS NOT NULL AND r.birth_on < $on - INTERVAL 55 YEAR "
    "ORDER BY r.birth_on DESC, r.id_number LIMIT $most",
    "business_start.start": "SELECT r.id_number, r.name FROM base.resident AS r "
    "JOIN base.account AS a ON a.id_number = r.id_number "
    "WHERE r.is_alive AND r.birth_on BETWEEN $on - INTERVAL 45 YEAR AND $on - INTERVAL 25 YEAR "
    "ORDER BY r.id_number LIMIT $most",
    "flexible_employment.flexible_employment": "SELECT r.id_number, r.name "
    "FROM base.resident AS r JOIN base.account AS a ON a.id_number = r.id_number "
    "WHERE r.is_alive AND r.birth_on BETWEEN $on - INTERVAL 40 YEAR AND $on - INTERVAL 22 YEAR "
    "ORDER BY r.id_number DESC LIMIT $most",
    "marriage.marriage": "SELECT r.id_number, r.name FROM base.resident AS r "
    "LEFT JOIN base.wedding AS w ON w.id_number = r.id_number "
    "WHERE r.is_alive AND w.id_number IS NULL "
    "AND r.birth_on BETWEEN $on - INTERVAL 32 YEAR AND $on - INTERVAL 23 YEAR "
    "ORDER BY r.id_number LIMIT $most",
    "everyday.elder_card": "SELECT id_number, name FROM base.resident "
    "WHERE is_alive AND birth_on < $on - INTERVAL 60 YEAR "
    "ORDER BY birth_on DESC, id_number LIMIT $most",
    "everyday.appraisal": "SELECT DISTINCT r.id_number, r.name FROM base.held_license AS h "
    "JOIN base.resident AS r ON r.id_number = h.id_number "
    "WHERE r.is_alive AND h.kind = '不动产权证书' AND r.birth_on < $on "
    "ORDER BY r.id_number LIMIT $most",
    "everyday.residence_note": "SELECT id_number, name FROM base.resident "
    "WHERE is_alive AND birth_on BETWEEN $on - INTERVAL 60 YEAR AND $on - INTERVAL 46 YEAR "
    "ORDER BY id_number LIMIT $most",
}
"""Who files what; the first of the residents with an account does it at the portal."""


@dataclass(frozen=True)
class Filed:
    """One filing: of a one-thing, or of an item by the number of its case."""

    ref: str
    turn: int
    number: str
    applicant: identity.Applicant
    after: int
    """How many file the same after them: the last two are left."""


def applied(journey: Journey) -> Told:
    """一件事与事项: residents file at the portal, others at the window with a clerk's help."""
    filed = list(_filings(journey))
    things = [one for one in filed if one.ref in journey.library.bundles()]
    parts = [part for one in things for part in _parts(one, journey.told_at)]
    held = sum(one.state in ("held", "waiting", "pending", *DECIDED) for one in parts)
    return Told(
        counts={
            "一件事": len(things),
            "单个事项": len(filed) - len(things),
            "窗口代办": sum(bool(one.applicant.assisted_by) for one in filed),
            "联办事项": len(parts),
        },
        balances=[
            Balance("每人一份申请", len({(one.ref, one.number) for one in filed}), len(filed)),
            Balance("每个联办事项都有着落", held, len(parts)),
        ],
        page=("office:filings",),
    )


def decided(journey: Journey) -> Told:
    """受理与决定: member by member; one is refused, and what was granted with it is taken back."""
    filed = list(_filings(journey))
    for one in filed:
        if one.after >= 2:
            _decide(journey, one, rounds=ROUNDS)
        elif one.after == 1:
            _decide(journey, one, rounds=1)
    things = [one for one in filed if one.ref in journey.library.bundles()]
    parts = [part for one in things for part in _parts(one, journey.told_at)]
    states = [one.state for one in parts]
    undone = [one.license for one in parts if one.state == "undone" and one.license]
    saved = [one for one in services.savings() if one.item]
    total = services.savings()[-1]
    return Told(
        counts={
            "办成": states.count("granted"),
            "未办成": states.count("denied"),
            "随之撤回": states.count("undone") + states.count("dropped"),
            "在办": states.count("waiting") + states.count("pending"),
            "免填字段": f"{total.field_share:.0%}",
            "免交材料": f"{total.material_share:.0%}",
            "达标事项": f"{sum(one.is_met for one in saved)} / {len(saved)}",
        },
        balances=[
            Balance(
                "联办事项 = 办成 + 未办成 + 撤回 + 在办",
                len(parts),
                sum(state in (*DECIDED, "waiting", "pending", "held") for state in states),
            ),
            Balance("撤回的结果，证照核验不通过", _failing(undone, journey.told_at), len(undone)),
            Balance("七成字段、六成材料不用申请人提供", int(total.is_met), 1),
        ],
        page=("office:item_results",),
    )


DECIDED = ("granted", "denied", "dropped", "undone", "withdrawn", "undoing")


def _failing(licenses: Sequence[str], at: datetime) -> int:
    found = credentials.states_of(licenses, at=at)
    return sum(state != "valid" for state in found.values())


def _filings(journey: Journey) -> Iterator[Filed]:
    """Everything that is filed, each once however often this runs."""
    begun = journey.begun_at + timedelta(days=2, hours=1)
    offered = {*journey.library.bundles(), *journey.library.items()}
    for ref, query in PEOPLE.items():
        if ref not in offered:
            continue  # another place has fewer packs
        people = journey.lake.rows(query, values={"on": journey.begun_at.date(), "most": EACH})
        for turn, person in enumerate(people):
            at = begun + timedelta(minutes=4 * turn)
            applicant = _applicant(journey, ref, turn, person, at)
            number = _filed(journey, ref, turn, applicant, at)
            yield Filed(ref, turn, number, applicant, len(people) - turn - 1)


def _applicant(
    journey: Journey, ref: str, turn: int, person: Mapping[str, str], at: datetime
) -> identity.Applicant:
    """The first has an account and files alone; the others come to the window."""
    if turn == 0 and ref in cast.RESIDENTS:
        cast.create_resident(journey, person, username=cast.RESIDENTS[ref][0])
        return identity.applicant(person["id_number"])
    return services.begin_visit(
        number=person["id_number"],
        name=person["name"],
        purpose="apply",
        has_consented=True,
        officer=cast.officer(journey, "chuangkou"),
        at=at,
    ).applicant


def _filed(
    journey: Journey, ref: str, turn: int, applicant: identity.Applicant, at: datetime
) -> str:
    """The number of what this person files, once."""
    if known := _known(journey, ref, turn):
        return known
    given = filled_in(ref, turn, applicant, at=at, evidence=picture.evidence())
    file: dict[str, Any] = {
        "token": f"demo-{ref}-{turn}"[:36],
        "given": given,
        "actor": applicant,
        "at": at,
    }
    if ref in journey.library.bundles():
        number = services.file_bundle(ref, **file).number
    else:
        number = services.file_application(ref, **file).case
    journey.keep(**{f"filed {ref} {turn}": number})
    return number


def _known(journey: Journey, ref: str, turn: int) -> str:
    return str(journey.kept.get(f"filed {ref} {turn}", ""))


def _parts(filed: Filed, at: datetime) -> Sequence[services.PartView]:
    return services.filing(filed.number, actor=filed.applicant, at=at).parts


def _decide(journey: Journey, filed: Filed, *, rounds: int) -> None:
    """One act on each of its cases in each round, until nothing is left to do."""
    begun = journey.begun_at + timedelta(days=2, hours=3, minutes=4 * filed.turn)
    member, why = REFUSED.get((filed.ref, filed.turn), ("-", ""))
    for turn in range(rounds):
        at = begun + timedelta(minutes=35 * turn)
        if filed.ref not in journey.library.bundles():
            organ = casework.case(filed.number, actor=filed.applicant, at=at).organ
            _act(journey, filed.number, organ, why, at)
            continue
        parts = _parts(filed, at)
        others = [one.state for one in parts if one.member != member]
        for part in parts:
            # What is refused is refused last, when others have been granted already.
            is_last = part.member == member and "granted" not in others
            if part.state == "waiting" and not (is_last and filed.ref in TAKEN_BACK):
                _act(journey, part.case, part.organ, why if part.member == member else "", at)
            elif part.state == "undoing":
                _act(journey, part.undo_case, part.organ, part.because, at)


TAKEN_BACK = {"retirement.retirement"}
"""Where a refusal comes after another member was granted, so that that is taken back."""

MOVES = {"review": "accept", "decide": "approve", "undo": "confirm"}


def _act(journey: Journey, number: str, organ: str, why: str, at: datetime) -> None:
    """The move of the step it stands at, by the officer of its organ; ``why`` at the end: no."""
    standing = casework.standing(number)
    officer = cast.item_officer(journey, organ, standing.step)
    if standing.is_ended or officer is None:
        return
    verb = "refuse" if why and standing.step == "decide" else MOVES[standing.step]
    reason = why if verb in ("refuse", "confirm") else ""
    try:
        services.act_on_case(
            number=number,
            verb=verb,
            officer=officer,
            at=at,
            reason=reason,
            evidence={"clause": CLAUSE} if verb == "refuse" else {},
        )
    except casework.ActBeforeLast:
        return  # of a run that was killed: the rounds it has made are passed over
