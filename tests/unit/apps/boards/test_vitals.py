"""A tree of vital signs: tones by target and band, trends, what is stale, what is unknown."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from cast import NINE

from yiwang.apps.boards import public as boards
from yiwang.apps.boards.models import IndicatorSnapshot
from yiwang.packkit.kinds.sight import Indicator, Vitals, VitalSign

HEARD = Indicator(
    title="站点有读数",
    owner="water",
    target="value >= 0.95",
    band="value >= 0.8",
    numerator="SELECT id FROM tests.a",
    denominator="SELECT id FROM tests.b",
    basis="plan",
)
TREE = Vitals(
    title="体征",
    owner="command-center",
    signs={
        "water": VitalSign(title="水利"),
        "heard": VitalSign(under="water", indicator="tests.heard"),
        "never": VitalSign(under="water", indicator="tests.never"),
        "town": VitalSign(title="治理"),
        "handled": VitalSign(title="办结", under="town", indicator="tests.handled"),
    },
)


@dataclass
class Declared:
    """What a tree needs of a library."""

    def vitals(self):
        return {"tests.tree": TREE}

    def indicator(self, ref):
        return HEARD


def taken(ref: str, days: float, value: str | None) -> None:
    number = None if value is None else Decimal(value)
    IndicatorSnapshot.objects.create(
        indicator=ref,
        taken_at=NINE - timedelta(days=days),
        definition=msgspec.to_builtins(HEARD),
        sources={},
        numerator=0,
        denominator=1,
        value=number,
        is_met=None if number is None else number >= Decimal("0.95"),
        is_near=None if number is None else number >= Decimal("0.8"),
        unknown="" if value else "名录还没有登记条目。",
    )


@pytest.fixture
def signs(db):
    def grown() -> dict[str, boards.SignView]:
        tree = boards.vitals("tests.tree", library=Declared(), at=NINE)
        return {one.id: one for one in (*tree.signs, *tree.leaves)}

    return grown


def test_a_branch_is_as_bad_as_the_worst_sign_that_is_known(signs):
    taken("tests.heard", 0, "0.85")
    taken("tests.handled", 0, None)
    found = signs()

    assert [found[one].tone for one in ("heard", "never", "water")] == ["yellow", "grey", "yellow"]
    assert (found["handled"].tone, found["town"].tone) == ("grey", "grey")
    assert found["heard"].title == "站点有读数"


def test_a_red_sign_says_since_when_without_a_break(signs):
    for days, value in ((9, "0.1"), (7, "0.97"), (5, "0.5"), (3, "0.4"), (1, "0.2")):
        taken("tests.heard", days, value)
    heard = signs()["heard"]

    assert heard.tone == "red"
    assert heard.since == NINE - timedelta(days=5)
    assert heard.change == Decimal("-0.2")
    assert heard.trend == (0.1, 0.97, 0.5, 0.4, 0.2)


def test_a_value_older_than_its_cycle_is_marked_and_its_branch_too(signs):
    taken("tests.heard", 2, "1")
    taken("tests.handled", 0.5, "1")
    found = signs()

    assert (found["heard"].is_stale, found["water"].is_stale) == (True, True)
    assert (found["handled"].is_stale, found["town"].is_stale) == (False, False)


def test_a_tree_that_nobody_declared_is_named(db):
    with pytest.raises(boards.VitalsUnknown, match=r"tests\.nothing"):
        boards.vitals("tests.nothing", library=Declared(), at=NINE)
