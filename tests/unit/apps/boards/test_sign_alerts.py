"""体征预警: its owner is told once when a sign leaves its band, and it ends when it is back."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from cast import NINE, OFFICE
from workshop import COUNTY, LI, PLACE, SUN

from yiwang.apps.boards import public as boards
from yiwang.apps.boards.models import IndicatorSnapshot, SignAlert
from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import Case
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit import Library, Pack
from yiwang.packkit.kinds.pack import Manifest, Organ
from yiwang.packkit.kinds.sight import Indicator, Vitals, VitalSign
from yiwang.packkit.kinds.work import Flow, Move, Role, Step

HEARD = Indicator(
    title="站点有读数",
    owner=OFFICE,
    target="value >= 0.95",
    band="value >= 0.8",
    numerator="SELECT id FROM tests.a",
    denominator="SELECT id FROM tests.b",
    basis="plan",
)
FLOW = Flow(
    title="体征越界处置",
    start="look",
    limit="10wd",
    steps={
        "look": Step(
            title="责任单位处置",
            role="base.checker",
            limit="5wd",
            moves=(
                Move(verb="handle", to="settled", needs=("reason",)),
                Move(verb="close", to="back", needs=("reason",)),
            ),
        )
    },
    ends={"settled": "已采取措施", "back": "指标已恢复"},
)
CHECKER = Role(title="经办", rights=("case.see", "case.handle"))
OWNER, STRANGER = (replace(one, roles=("base.checker",)) for one in (LI, SUN))
TREE = Vitals(title="体征", owner=OFFICE, signs={"heard": VitalSign(indicator="base.heard")})


@pytest.fixture
def library(db) -> Library:
    pack = Pack(
        id="base", folder=Path("base"), manifest=Manifest(title="基础", owner=OFFICE), digest="0",
        roles={"checker": CHECKER}, flows={"sign_alert": FLOW},
        indicators={"heard": HEARD}, vitals={"tree": TREE},
    )  # fmt: skip
    posts = {"窗口": ("base.checker",)}
    organs = {OFFICE: Organ(title="县民政局", division=COUNTY, roles=posts)}
    place = msgspec.structs.replace(PLACE, packs=("base",), organs=organs)
    made = Library("siyang", place, {"base": pack})
    identity.install(made, at=NINE)
    casework.install(made, at=NINE)
    return made


def taken(library: Library, day: int, value: str | None) -> tuple[int, int]:
    """The value of a night, and what came of it."""
    number, at = None if value is None else Decimal(value), NINE + timedelta(days=day)
    IndicatorSnapshot.objects.create(
        indicator="base.heard",
        taken_at=at,
        definition=msgspec.to_builtins(HEARD),
        sources={},
        numerator=0,
        denominator=1,
        value=number,
        is_met=None if number is None else number >= Decimal("0.95"),
        is_near=None if number is None else number >= Decimal("0.8"),
        unknown="" if value else "名录还没有登记条目。",
    )
    return boards.watch_signs(library=library, at=at)


def test_its_owner_is_told_once_and_it_ends_when_it_is_back(library):
    assert taken(library, 0, "0.90") == (0, 0), "near the target is no alert"
    assert taken(library, 1, "0.40") == (1, 0)
    case = Case.objects.get(subject="base.heard")
    assert (case.organ, case.title) == (OFFICE, "体征越界：站点有读数 40.0%（目标 ≥ 95.0%）")
    for day, value in ((2, "0.30"), (3, "0.85"), (4, "0.79"), (5, None)):
        assert taken(library, day, value) == (0, 0), "between target and band nothing changes"
    assert boards.sign_cases() == {"base.heard": case.number}

    assert taken(library, 6, "0.96") == (0, 1)
    case.refresh_from_db()
    assert case.state == Case.State.ENDED
    assert boards.sign_cases() == {}
    assert taken(library, 7, "0.10") == (1, 0), "another time is another case"
    assert SignAlert.objects.count() == 2


def test_what_its_owner_has_settled_is_not_told_again_until_it_was_back(library):
    taken(library, 1, "0.40")
    number = Case.objects.get(subject="base.heard").number
    casework.act(
        number=number, verb="handle", officer=OWNER, at=NINE + timedelta(days=1, hours=1),
        reason="站点在检修",
    )  # fmt: skip

    assert taken(library, 2, "0.40") == (0, 0)
    assert taken(library, 3, "0.97") == (0, 1)
    assert Case.objects.filter(subject="base.heard").count() == 1


def test_a_stranger_settles_nothing(library):
    taken(library, 1, "0.40")
    number = Case.objects.get(subject="base.heard").number

    with pytest.raises(NotAllowed):
        casework.act(number=number, verb="handle", officer=STRANGER, at=NINE, reason="已处理")
