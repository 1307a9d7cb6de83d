"""A step may belong to a party of the case: its officers act, the party looks, nobody else."""

import pytest
from cast import NINE, OFFICE, OTHER_OFFICE
from workshop import COUNTY, DISPATCHER, LI, SUN, library

from yiwang.apps.casework import public as casework
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit.kinds.work import Flow, Move, Step

ASKING = Flow(
    title="征求意见",
    start="ask",
    limit="10wd",
    parties={"asked": "被征求意见的部门"},
    steps={
        "ask": Step(
            title="对方答复",
            role="work.checker",
            organ="asked",
            limit="5wd",
            moves=(Move(verb="handle", to="read"),),
        ),
        "read": Step(
            title="本部门研究",
            role="work.checker",
            limit="3wd",
            moves=(Move(verb="close", to="done"), Move(verb="return", to="ask")),
        ),
    },
    ends={"done": "已答复"},
)


@pytest.fixture
def flows(db) -> None:
    casework.install(library(flows={"asking": ASKING}, incidents={}), at=NINE)


def asked(**more: object) -> str:
    given = {"parties": {"asked": OTHER_OFFICE}} | more
    return casework.open_case(
        flow="work.asking", subject="doc-1", title="征求意见", organ=OFFICE, division=COUNTY,
        facts={}, actor="services", at=NINE, **given,
    ).number  # fmt: skip


def test_the_step_of_a_party_is_its_officers_and_not_the_case_s_own_organ_s(flows):
    number = asked()

    assert casework.parties_of(number) == {"asked": OTHER_OFFICE}
    assert [one.number for one in casework.cases_waiting(officer=SUN, at=NINE)] == [number]
    assert casework.cases_waiting(officer=LI, at=NINE) == []
    with pytest.raises(NotAllowed):
        casework.act(number=number, verb="handle", officer=LI, at=NINE)

    casework.act(number=number, verb="handle", officer=SUN, at=NINE)

    assert casework.cases_waiting(officer=SUN, at=NINE) == []
    with pytest.raises(NotAllowed):
        casework.act(number=number, verb="close", officer=SUN, at=NINE)
    assert casework.act(number=number, verb="close", officer=LI, at=NINE).state == "ended"


def test_a_party_looks_at_the_case_before_and_after_its_step_and_a_third_organ_never(flows):
    number = asked()
    casework.act(number=number, verb="handle", officer=SUN, at=NINE)

    assert casework.case(number, actor=SUN, at=NINE).moves == ()
    with pytest.raises(NotAllowed):
        casework.case(number, actor=DISPATCHER, at=NINE)


def test_many_cases_have_their_parties_each(flows):
    news = [
        casework.NewCase(
            subject=f"doc-{organ}", title="征求意见", organ=OFFICE, division=COUNTY,
            parties={"asked": organ},
        )
        for organ in (OTHER_OFFICE, OFFICE)
    ]  # fmt: skip

    first, second = casework.open_cases(flow="work.asking", cases=news, actor="services", at=NINE)

    assert [one.number for one in casework.cases_waiting(officer=SUN, at=NINE)] == [first]
    assert [one.number for one in casework.cases_waiting(officer=LI, at=NINE)] == [second]


@pytest.mark.parametrize(
    ("parties", "said"),
    [
        ({}, "还需写明：被征求意见的部门"),
        ({"asked": OTHER_OFFICE, "gone": OFFICE}, "没有参与部门 gone"),
        ({"asked": "no-such-organ"}, "没有机构 no-such-organ"),
    ],
)
def test_a_case_whose_parties_are_not_those_of_its_flow_is_not_opened(flows, parties, said):
    with pytest.raises(casework.PartyMissing, match=said):
        asked(parties=parties)


def test_a_flow_whose_step_belongs_to_nobody_it_declares_is_not_installed(db):
    broken = Flow(
        **{name: getattr(ASKING, name) for name in ASKING.__struct_fields__} | {"parties": {}}
    )

    with pytest.raises(casework.FlowBroken, match="没有参与部门“asked”"):
        casework.install(library(flows={"asking": broken}, incidents={}), at=NINE)
