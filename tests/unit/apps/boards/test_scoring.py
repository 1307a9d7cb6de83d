"""A score tree: weights, what cannot be compared, circles, ranks."""

from decimal import Decimal

import pytest

from yiwang.apps.boards.scoring import TreeCircular, covered, points, ranked, require_tree, scored
from yiwang.packkit.kinds.sight import Part

TREE = {
    "sharing": Part(title="数据共享", weight=60, weights={"乡镇": 100}),
    "catalogue": Part(title="编目", under="sharing", weight=50, indicator="a.catalogue"),
    "answers": Part(title="答复", under="sharing", weight=50, indicator="a.answers"),
    "building": Part(title="建设", weight=40, weights={"乡镇": 0}),
    "cloud": Part(title="上云", under="building", weight=100, indicator="a.cloud"),
}


def of(**values: str | None) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    return {
        name: (None, None) if text is None else (Decimal(text), points(TREE[name], Decimal(text)))
        for name, text in values.items()
    }


def test_a_total_weighs_its_parts_level_by_level():
    total, lines = scored(
        TREE, of(catalogue="1", answers="0.5", cloud="0"), organ="water", kind="局"
    )

    assert total == Decimal("45.00")
    assert [(one.id, one.depth, one.score) for one in lines][:2] == [
        ("sharing", 0, Decimal("75.00")),
        ("catalogue", 1, Decimal("100.00")),
    ]


def test_what_cannot_be_compared_costs_nothing_and_its_weight_goes_to_the_others():
    total, lines = scored(TREE, of(catalogue="1", cloud="0.5"), organ="water", kind="局")

    assert total == Decimal("80.00")
    assert {one.id: one.score for one in lines}["answers"] is None


def test_nobody_is_scored_on_nothing():
    assert scored(TREE, {}, organ="water", kind="局")[0] is None


def test_a_kind_of_organ_or_one_organ_has_its_own_weights():
    assert scored(TREE, of(catalogue="1", cloud="0"), organ="town", kind="乡镇")[0] == 100


@pytest.mark.parametrize(
    ("zero", "full", "value", "wanted"),
    [
        ("0.5", "1", "0.4", "0.00"),
        ("0.5", "1", "0.75", "50.00"),
        ("0", "0.3", "0.9", "100.00"),
        ("10", "5", "5", "100.00"),
        ("10", "5", "12", "0.00"),
    ],
)
def test_points_lie_between_zero_and_full_also_where_less_is_better(zero, full, value, wanted):
    part = Part(title="项", weight=1, indicator="a.b", zero=zero, full=full)

    assert points(part, Decimal(value)) == Decimal(wanted)


def test_a_circular_tree_is_refused_and_names_the_part():
    tree = {
        "a": Part(title="甲", under="b", weight=1),
        "b": Part(title="乙", under="a", weight=1),
    }
    with pytest.raises(TreeCircular, match="甲"):
        require_tree(tree)


def test_equal_totals_share_a_rank_and_who_has_none_has_no_rank():
    totals = {"a": Decimal(90), "b": Decimal(80), "c": Decimal(90), "d": None}

    assert ranked(totals) == {"a": 1, "c": 1, "b": 3}


@pytest.mark.parametrize(
    ("known", "kind", "share"),
    [
        (("catalogue",), "局", "0.3"),
        ((), "局", "0"),
        (("catalogue", "answers", "cloud"), "局", "1"),
    ],
)
def test_what_share_of_the_leaf_weight_was_scored(known, kind, share):
    assert covered(TREE, known, organ="water", kind=kind) == Decimal(share)
