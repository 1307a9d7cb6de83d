"""The policy library and the answers: loaded, searched in both scripts, drafted, asked."""

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import prepared
import pytest
from benefit_county import CHECKER, CLERK, MAKER, STRANGER
from cast import NINE

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.apps.services.clauses import clauses_of
from yiwang.apps.services.highlighting import pieces
from yiwang.apps.services.models import AskedQuestion, PolicyAnswer, PolicyDocument
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit import Library

BESIDE = Path(__file__).parents[5].parent / "shared/plans"
PLANS = sorted(Path(os.environ.get("YIWANG_PLANS", BESIDE)).glob("*.txt"))
OWN = """某縣加快數字政府建設實施方案

一、總體要求

（一）推動數據共享。各部門應當
共享數據，不再要求居民重復提交。

第二條　本方案自發布之日起施行。
"""


@pytest.fixture(scope="module")
def library() -> Library:
    return prepared.library()


@pytest.fixture
def installed(db):
    prepared.install(identity, casework, services, at=NINE)


def test_a_wrapped_text_becomes_clauses_with_labels():
    found = clauses_of(OWN)

    assert [(one.key, one.label, one.level) for one in found] == [
        ("p1", "", 0),
        ("p2", "一、", 1),
        ("p3", "（一）", 2),
        ("p4", "第二條", 2),
    ]
    assert found[2].text.endswith("各部門應當共享數據，不再要求居民重復提交。")


def test_a_search_marks_what_it_found_whatever_the_script():
    assert pieces("推動數據共享", ["数据"]) == (("推動", False), ("數據", True), ("共享", False))
    around = pieces("甲" * 50 + "共享" + "乙" * 50, ["共享"], around=5)
    assert [text for text, _ in around] == ["…", "甲" * 5, "共享", "乙" * 8, "…"]


def test_a_text_in_traditional_script_is_loaded_once_and_found_in_simplified(installed, tmp_path):
    file = tmp_path / "county.txt"
    file.write_text(OWN, "utf-8")
    ref, clauses, damaged = services.load_document(file, at=NINE, organ="data-bureau")
    assert services.load_document(file, at=NINE, organ="data-bureau") == (ref, clauses, damaged)

    (hit,) = [one for one in services.search_documents("数据共享") if one.document.ref == ref]
    assert hit.clauses[0].label == "（一）"
    assert ("數據共享", True) in hit.clauses[0].pieces
    file.write_text(OWN.replace("重復", "再次"), "utf-8")
    services.load_document(file, at=NINE, organ="data-bureau")
    found = services.document(ref)
    assert (found.version, [state for _, state, _ in found.versions]) == (
        2,
        ["已发布", "已被新版本取代"],
    )


@pytest.mark.skipif(len(PLANS) < 5, reason="the five plans are not on this machine")
def test_the_five_plans_load_and_are_found_in_either_script(installed):
    refs = {services.load_document(one, at=NINE, organ="data-bureau")[0] for one in PLANS}

    for query in ("数字政府", "數字政府", "政务服务 数据", "政務服務 數據"):
        assert {hit.document.ref for hit in services.search_documents(query)} >= refs
    (hit,) = services.search_documents("25类补贴")
    assert hit.document.ref == "library.liangshan"


def test_the_pack_s_documents_know_each_other_and_the_repealed_is_marked(installed):
    found = services.document("benefits.measures")
    old = services.document("benefits.interim_measures")

    assert found.is_valid(date(2026, 11, 2))
    assert not old.is_valid(date(2026, 11, 2))
    assert old.repealed_because == "被《县惠民补贴办法（示例）》废止"
    assert ("废止", "县惠民补贴暂行办法（示例）") in {
        (one.kind, one.title) for one in found.relations
    }
    assert "细化见" in {one.kind for one in found.relations}
    clause = next(one for one in found.clauses if one.key == "a4")
    assert clause.policies == (("benefits.elder_hardship", "经济困难老年人补贴"),)
    assert not [
        one for one in services.search_documents("六十五周岁") if one.document.ref == old.ref
    ]
    assert services.search_documents("六十五周岁", include_void=True)


def test_a_document_is_drafted_by_one_published_by_another_and_repealed(installed):
    draft = services.Draft(title="县某办法", text="第一条　示例。\n第二条　示例。")
    number = services.draft_document(ref="", draft=draft, officer=MAKER, at=NINE)
    with pytest.raises(services.DocumentNotInState):
        services.publish_document(number, officer=CHECKER, at=NINE)
    services.send_to_review(number, officer=MAKER, at=NINE)
    both = type(MAKER)(
        **{name: getattr(MAKER, name) for name in ("username", "name", "organ", "divisions")},
        rights=MAKER.rights | CHECKER.rights,
    )
    with pytest.raises(services.OwnDocument):
        services.publish_document(number, officer=both, at=NINE)
    for stranger in (STRANGER, CLERK):
        with pytest.raises(NotAllowed):
            services.publish_document(number, officer=stranger, at=NINE)
        with pytest.raises(NotAllowed):
            services.document_by_id(number, officer=stranger)
    assert not services.search_documents("县某办法")
    services.publish_document(number, officer=CHECKER, at=NINE)
    assert services.search_documents("县某办法")
    services.repeal_document(number, reason="被取代", on=NINE.date(), officer=CHECKER, at=NINE)
    assert PolicyDocument.objects.get(pk=number).state == "repealed"


def test_who_only_reads_sees_what_the_organ_published_and_no_draft(installed):
    reader = replace(MAKER, username="reader", rights=frozenset({"services.see"}))
    draft = services.Draft(title="县某办法", text="第一条　示例。")
    number = services.draft_document(ref="", draft=draft, officer=MAKER, at=NINE)
    assert number in [one.id for one in services.documents_of(officer=MAKER)]
    assert number not in [one.id for one in services.documents_of(officer=reader)]
    with pytest.raises(NotAllowed):
        services.document_by_id(number, officer=reader)
    services.send_to_review(number, officer=MAKER, at=NINE)
    services.publish_document(number, officer=CHECKER, at=NINE)

    assert number in [one.id for one in services.documents_of(officer=reader)]
    assert services.document_by_id(number, officer=reader).title == "县某办法"
    stranger = replace(reader, organ="market")
    assert services.documents_of(officer=stranger) == []
    with pytest.raises(NotAllowed):
        services.document_by_id(number, officer=stranger)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("经济困难老年人补贴怎么领？", "经济困难老年人补贴怎么领"),
        ("低保老人有补贴吗", "经济困难老年人补贴怎么领"),
        ("二级残疾有没有护理补贴", "重度残疾人护理补贴给谁"),
        ("老人去世了补贴还发不发", "老人去世后补贴还发吗"),
        ("生二孩有补贴吗", "生孩子有补贴吗"),
        ("怎样才能不再收到提醒", "怎样不再收到政策提醒"),
        ("認定高新技術企業有獎勵嗎", "认定高新技术企业奖励多少"),
    ],
)
def test_a_question_gets_the_stored_answer_with_its_clause(installed, asked, expected):
    told = services.ask_policy(asked, at=NINE).told

    assert told.answer is not None
    assert told.answer.question == expected
    assert told.answer.cited
    assert not AskedQuestion.objects.exists()


@pytest.mark.parametrize(
    "asked",
    ["怎么办护照", "今天天气怎么样", "公积金贷款利率是多少", "孩子入学划片范围在哪查", "我要投诉"],
)
def test_what_nobody_wrote_down_is_not_made_up_but_goes_to_an_owner_once(installed, asked):
    first = services.ask_policy(f"{asked}，我的号码32132319600101001X", at=NINE)
    again = services.ask_policy(f"{asked}，我的号码32132319600101001X", at=NINE)

    assert first.told.answer is None
    assert first.passed_to == again.passed_to
    row = AskedQuestion.objects.get()
    assert (row.times, row.case != "") == (2, True)
    assert "3213" not in row.text


def test_an_owner_answers_reviews_and_a_stranger_does_not(installed):
    asked = services.ask_policy("孤儿补贴什么时候调标", at=NINE)
    row = AskedQuestion.objects.first()
    owner = type(MAKER)(**{**_fields(MAKER), "organ": row.owner}) if row else MAKER
    wanted = {
        "question": "孤儿补贴什么时候调标", "answer": "每年随上级标准调整。",
        "document": "benefits.measures",
        "review_on": NINE.date() + timedelta(days=1), "at": NINE,
    }  # fmt: skip
    with pytest.raises(services.AnswerMalformed):
        services.save_answer(**wanted, clauses=["a99"], officer=owner)
    with pytest.raises(NotAllowed):
        services.save_answer(**wanted, clauses=["a10"], officer=CLERK)
    number = services.save_answer(
        **wanted, clauses=["a10"], officer=owner, asked=row.pk if row else None
    )
    assert asked.told.answer is None or asked.told.answer.id != number
    told = services.ask_policy("孤儿补贴什么时候调标？", at=NINE).told
    assert told.answer is not None
    assert told.answer.cited[0].label == "第十条"
    (mine,) = [one for one in services.answers_of(officer=owner) if one.id == number]
    assert mine.is_overdue(NINE.date() + timedelta(days=2))
    with pytest.raises(NotAllowed):
        services.confirm_answer(number, review_on=date(2028, 1, 1), officer=STRANGER, at=NINE)
    services.confirm_answer(number, review_on=date(2028, 1, 1), officer=owner, at=NINE)
    assert PolicyAnswer.objects.get(pk=number).review_on == date(2028, 1, 1)


def _fields(officer):
    return {name: getattr(officer, name) for name in officer.__dataclass_fields__}
