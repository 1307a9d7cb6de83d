"""A plan becomes a ledger: read, confirmed by a person, proved by records, asked after."""

import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import prepared
import pytest
from cast import NINE, OTHER_OFFICE, Cast, make_cast

from yiwang.apps.boards import public as boards
from yiwang.apps.boards.models import Plan
from yiwang.apps.boards.naming import organ_meant, short_form
from yiwang.apps.boards.proving import Measured, progress, proofs
from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import Case
from yiwang.apps.identity import public as identity
from yiwang.packkit import Library

PLAN = """某县数字政府实施方案
2024年5月6日
一、主要任务
（一）夯实基座
1.深化“一件事”改革。推动办件100%评价。2025年底前，全面建成。（牵头单位：民政局，配合单位：市监局、各乡镇）
2.建设云。推进迁移上云。（牵头单位：不存在局）
"""
AIM = boards.Aim(words="办件评价率达到95%", value=Decimal(95), unit="%", bound="least")
KEEPER = ["boards.see_plan", "boards.keep_plan", "boards.supervise", "case.open", "case.see"]


@pytest.fixture(scope="module")
def library() -> Library:
    return prepared.library()


@pytest.fixture
def people(db) -> Cast:
    return make_cast({"programme.plan_office": KEEPER})


@pytest.fixture
def keeper(people) -> identity.Officer:
    return people.li


@pytest.fixture
def stranger(people) -> identity.Officer:
    identity.end_post(
        username="sun", organ=OTHER_OFFICE, post="窗口", officer=people.security, at=NINE
    )
    return identity.officer("sun", at=NINE)


@pytest.fixture
def kept(db, keeper, library) -> int:
    casework.install(library, at=NINE)
    return boards.keep_plan(
        PLAN, capabilities=boards.capabilities_of(library), officer=keeper, at=NINE
    )


def task(kept: int, library: Library, number: str = "一-1-1") -> boards.PlanTaskView:
    return boards.plan_task(kept, number, library=library, at=NINE)


def test_what_is_read_is_a_proposal_with_the_organ_it_means(kept, library):
    read = task(kept, library)
    assert (read.state, read.due_on) == ("proposed", date(2025, 12, 31))
    assert [(one.words, one.organ) for one in read.leads] == [("民政局", "civil-affairs")]
    assert task(kept, library, "一-1-2").leads[0].organ == ""


def test_the_same_text_is_read_once(kept, keeper):
    with pytest.raises(boards.PlanAlreadyRead):
        boards.keep_plan(PLAN, capabilities=(), officer=keeper, at=NINE)
    assert len(boards.plans()) == 1


def confirm(kept: int, officer: identity.Officer, leads: tuple[str, ...]) -> None:
    boards.confirm_task(
        plan=kept,
        number="一-1-1",
        confirmed=boards.Confirmed(title="一件事", leads=leads, due_on=date(2025, 12, 31)),
        officer=officer,
        at=NINE,
    )


def test_a_confirmed_task_can_be_asked_after_and_is_late(kept, keeper, library):
    confirm(kept, keeper, ("civil-affairs",))
    (number,) = boards.ask_after(
        plan=kept, number="一-1-1", reason="年底未见成效", officer=keeper, at=NINE
    )
    (notice,) = task(kept, library).notices
    assert (notice.case, notice.organ, notice.state) == (number, "civil-affairs", "牵头单位反馈")
    assert [late.number for late in boards.late_tasks(library=library, at=NINE)] == ["一-1-1"]


def test_a_notice_that_the_office_found_true_takes_the_task_off_the_late_list(
    kept, keeper, people, library
):
    confirm(kept, keeper, ("civil-affairs",))
    ask = {"plan": kept, "number": "一-1-1", "reason": "催", "officer": keeper}
    (number,) = boards.ask_after(**ask, at=NINE)
    Case.objects.filter(number=number).update(step="done", state="ended", ended_at=NINE)

    shown = task(kept, library)
    assert (shown.light_title, shown.progress.checked) == ("已督办核实", (number,))
    assert boards.late_tasks(library=library, at=NINE) == []
    boards.ask_after(**ask, at=NINE + timedelta(days=1))
    assert task(kept, library).progress.light == "late", "asked again, it is open again"


def test_a_notice_closed_before_the_day_settles_nothing_after_it(kept, keeper, library):
    confirm(kept, keeper, ("civil-affairs",))
    early = NINE.replace(year=2025)
    (number,) = boards.ask_after(plan=kept, number="一-1-1", reason="催", officer=keeper, at=early)
    Case.objects.filter(number=number).update(step="done", state="ended", ended_at=early)

    assert task(kept, library).progress.light == "late"


def test_the_cases_of_the_packs_that_serve_a_task_are_counted(kept, keeper, library):
    serving = next(p for p, one in library.packs.items() if "M-19" in one.manifest.serves)
    confirm(kept, keeper, ("civil-affairs",))
    boards.ask_after(plan=kept, number="一-1-1", reason="催", officer=keeper, at=NINE)
    (proof,) = [
        one for one in boards.capability_proofs(library=library) if one.capability.id == "M-19"
    ]

    assert serving in proof.packs
    assert (proof.cases, proof.ended, proof.is_recorded) == (1, 0, True)


def test_who_helps_with_every_task_helps_unless_the_task_names_them(kept, keeper, library):
    Plan.objects.update(default_helpers=["各乡镇", "市监局", "水利局"])
    confirm(kept, keeper, ("civil-affairs",))
    boards.ask_after(plan=kept, number="一-1-1", reason="催", officer=keeper, at=NINE)

    shown = task(kept, library)
    assert [one.words for one in shown.helpers] == ["市监局", "各乡镇", "水利局"]
    assert [one.part for one in shown.helpers] == ["help", "help", "default"]
    asked = casework.case(shown.notices[0].case, actor=keeper, at=NINE)
    assert asked.facts["配合单位"] == "市监局、各乡镇、水利局"


def test_a_target_is_confirmed_corrected_dropped_and_added(kept, keeper, library):
    known = boards.capabilities_of(library)
    does = {"plan": kept, "officer": keeper, "at": NINE}
    (read,) = boards.plan_targets(kept, library=library)
    assert (read.state, read.wanted) == ("proposed", "100%")

    right = replace(AIM, capability="T-05", task="一-1-1")
    boards.confirm_target(position=read.position, said=right, capabilities=known, **does)
    added = boards.add_target(said=AIM, capabilities=known, **does)
    boards.drop_target(position=added, reason="重复", **does)

    first, second = boards.plan_targets(kept, library=library)
    assert (first.state, first.wanted, first.capability) == ("confirmed", "≥ 95%", "T-05")
    assert (second.state, second.reason) == ("dropped", "重复")
    for wrong in (
        {"capability": "T-99"},
        {"task": "九-9"},
        {"bound": "about"},
        {"words": " "},
        {"value": Decimal(10**14)},
    ):
        with pytest.raises(boards.TargetMalformed):
            boards.add_target(said=replace(AIM, **wrong), capabilities=known, **does)
    with pytest.raises(boards.TargetMalformed):
        boards.drop_target(position=read.position, reason=" ", **does)


def test_a_task_that_reading_missed_is_added(kept, keeper, library):
    said = boards.Confirmed(title="补的任务", leads=("civil-affairs",))
    does = {"plan": kept, "said": said, "officer": keeper, "at": NINE}
    number = boards.add_task(text="推进补的任务。", **does)

    assert (task(kept, library, number).state, number) == ("confirmed", "补-3")
    with pytest.raises(boards.TaskMalformed):
        boards.add_task(text=" ", **does)


def test_a_task_that_is_confirmed_keeps_the_helpers_that_were_read(kept, keeper, library):
    confirm(kept, keeper, ("civil-affairs",))
    read = [(one.words, one.organ) for one in task(kept, library).helpers]
    assert read == [("市监局", "market"), ("各乡镇", "")]


def test_a_task_is_confirmed_with_organs_of_the_place_only(kept, keeper, library):
    with pytest.raises(boards.TaskMalformed):
        confirm(kept, keeper, ("nobody",))
    with pytest.raises(boards.TaskMalformed):
        confirm(kept, keeper, ())
    assert task(kept, library).state == "proposed"


def test_nobody_is_asked_for_a_task_that_is_not_confirmed(kept, keeper):
    with pytest.raises(boards.TaskWithoutOrgan):
        boards.ask_after(plan=kept, number="一-1-2", reason="催", officer=keeper, at=NINE)


def test_a_stranger_reads_confirms_and_asks_nothing(kept, stranger, library):
    for act in (
        lambda: boards.keep_plan(PLAN, capabilities=(), officer=stranger, at=NINE),
        lambda: confirm(kept, stranger, ("civil-affairs",)),
        lambda: boards.drop_task(
            plan=kept, number="一-1-1", reason="不要", officer=stranger, at=NINE
        ),
        lambda: boards.ask_after(
            plan=kept, number="一-1-1", reason="催", officer=stranger, at=NINE
        ),
        lambda: boards.add_task(
            plan=kept,
            text="补",
            said=boards.Confirmed(title="补", leads=("civil-affairs",)),
            officer=stranger,
            at=NINE,
        ),
        lambda: boards.add_target(plan=kept, said=AIM, capabilities=(), officer=stranger, at=NINE),
        lambda: boards.confirm_target(
            plan=kept, position=1, said=AIM, capabilities=(), officer=stranger, at=NINE
        ),
        lambda: boards.drop_target(plan=kept, position=1, reason="不要", officer=stranger, at=NINE),
    ):
        with pytest.raises(identity.NotAllowed):
            act()
    assert task(kept, library).state == "proposed"


def test_a_task_is_dropped_with_a_reason_that_stays(kept, keeper, library):
    with pytest.raises(boards.TaskMalformed):
        boards.drop_task(plan=kept, number="一-1-2", reason=" ", officer=keeper, at=NINE)
    boards.drop_task(plan=kept, number="一-1-2", reason="重复", officer=keeper, at=NINE)
    assert task(kept, library, "一-1-2").reason == "重复"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("县人社局", "hr"),
        ("人力资源和社会保障局", "hr"),
        ("縣市監局", "market"),
        ("市场监管局", "market"),
        ("卫健局", "health"),
        ("县各有关部门和单位", ""),
        ("双名局", ""),
    ],
)
def test_an_organ_is_meant_by_its_usual_short_form_and_never_by_two(words, meant):
    organs = {
        "hr": "县人力资源和社会保障局",
        "market": "县市场监督管理局",
        "health": "县卫生健康委员会",
        "one": "县双名局",
        "two": "双名局",
    }
    assert organ_meant(words, organs) == meant
    assert short_form("县卫生健康委员会") == short_form("卫健委")


def test_progress_comes_from_records_alone(library):
    capabilities = [one for one in boards.capabilities_of(library) if one.id in ("S-58", "N-27")]
    served = proofs(library, capabilities, {})
    today = NINE.date()
    assert all(proof.is_served for proof in served)
    assert progress(served, due_on=None, today=today).light == "ready"
    begun = [replace(proof, cases=1) for proof in served]
    assert progress(begun, due_on=None, today=today).light == "running"
    assert progress([], due_on=None, today=today).light == "nothing"
    assert progress(served, due_on=today - timedelta(days=1), today=today).light == "late"
    assert progress(served, due_on=today + timedelta(days=3), today=today).light == "soon"


def test_a_measured_target_makes_a_task_met(library):
    (ref,) = [r for r, one in library.indicators().items() if one.serves][:1]
    capability = library.indicators()[ref].serves[0]
    asked = [one for one in boards.capabilities_of(library) if one.id == capability]
    serving = [r for r, one in library.indicators().items() if capability in one.serves]
    measured = {r: Measured(r, r, "100%", True) for r in serving}
    shown = proofs(library, asked, measured)
    assert progress(shown, due_on=date(2020, 1, 1), today=NINE.date()).light == "met"


def test_a_word_document_is_read_with_its_tables():
    from docx import Document

    document = Document()
    for line in PLAN.splitlines():
        document.add_paragraph(line)
    row = document.add_table(rows=1, cols=2).rows[0]
    row.cells[0].text, row.cells[1].text = "指标", "数值"
    packed = io.BytesIO()
    document.save(packed)
    text = boards.plan_text_of("方案.docx", packed.getvalue())
    assert "一、主要任务" in text
    assert "指标\t数值" in text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7 x"),
        ("a.docx", b"PK\x03\x04 broken"),
        ("a.txt", b"\xff\xfe\x00\x80\x81"),
        ("big.txt", b"x" * (10 * 1024 * 1024 + 1)),
    ],
)
def test_a_file_that_holds_no_text_is_refused_with_what_to_do(name, content):
    with pytest.raises(boards.PlanUnreadable) as refused:
        boards.plan_text_of(name, content)
    assert refused.value.hint
