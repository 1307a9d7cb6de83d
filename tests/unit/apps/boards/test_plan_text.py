"""A published plan is read into tasks, leaders and targets, measured against a key made by hand.

The five plans lie beside the checkout and are read there (YIWANG_PLANS); where they are not, what
is measured on them is skipped and the small plans written here still hold the rules of reading.
"""

import os
import random
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from yiwang.apps.boards.plan_text import PlanText, PlanUnreadable, read_plan

HERE = Path(__file__).parent
PLANS = Path(os.environ.get("YIWANG_PLANS", HERE.parents[4].parent / "shared/plans"))
NAMES = ("siyang", "suqian", "shuyang", "liangshan", "luoyang")

needs_plans = pytest.mark.skipif(
    not PLANS.is_dir(), reason="the published plans are not beside this checkout (YIWANG_PLANS)"
)

SMALL = """某县人民政府文件
某政发〔2024〕3 号
某县数字政府实施方案
2024年5月6日
一、总体要求
到2026年，系统上云率达到100%。
二、主要任务
（一）夯实基座
1.建设云平台。推进上云。2025年底前，上云率达到90%以上；不超过3个机房。（牵头单位：县数据局，
配合单位：各乡镇（街道）、县公安局等部门和单位）
2.汇聚视频。接入视频。〔牵头单位：县公安局〕管好物联网。（县住建局、县数据局等按职责分工负责）
三、保障措施
（一）加强领导
各单位要重视。
"""


@pytest.fixture(scope="module")
def small() -> PlanText:
    return read_plan(SMALL)


def test_a_plan_is_read_into_tasks_with_who_leads_and_who_helps(small):
    assert [(t.number, t.title, t.leads, t.helpers) for t in small.tasks] == [
        ("二-1-1", "建设云平台", ("县数据局",), ("各乡镇（街道）", "县公安局")),
        ("二-1-2a", "汇聚视频", ("县公安局",), ()),
        ("二-1-2b", "管好物联网", ("县住建局", "县数据局"), ()),
        ("三-1", "加强领导", (), ()),
    ]


def test_its_number_title_and_day_are_found(small):
    assert (small.title, small.number, small.issued_on) == (
        "某县数字政府实施方案",
        "某政发〔2024〕3 号",
        date(2024, 5, 6),
    )


def test_targets_carry_their_bound_and_their_year(small):
    assert [(t.value, t.unit, t.bound, t.by, t.task) for t in small.targets] == [
        (Decimal(100), "%", "equal", date(2026, 12, 31), ""),
        (Decimal(90), "%", "least", date(2025, 12, 31), "二-1-1"),
        (Decimal(3), "个", "most", date(2025, 12, 31), "二-1-1"),
    ]


def test_a_stage_is_a_sentence_that_names_its_year(small):
    (stage, *_) = small.tasks[0].milestones
    assert stage.by == date(2025, 12, 31)


def test_a_text_without_headings_is_refused_and_says_what_to_do():
    with pytest.raises(PlanUnreadable) as refused:
        read_plan("今天天气很好。" * 50)
    assert "找不到" in str(refused.value)
    assert refused.value.hint


def test_a_heading_whose_bytes_slipped_is_put_right_and_doubted():
    slipped = "一、任务\n?。ㄒ唬┩怀黾s共建,健全支撐體系\n1.建云。上云。\n"
    plan = read_plan(slipped)
    assert plan.tasks[0].section.startswith("突出")
    assert "健全支撐體系" in plan.tasks[0].section
    assert any("受损" in doubt for doubt in plan.doubts)


def _key(name: str) -> tuple[dict[str, tuple[str, tuple[str, ...]]], list[tuple[str, str, str]]]:
    """Tasks by number (first words, leaders) and targets (value, unit, words) of the key."""
    tasks, targets = {}, []
    for line in (HERE / f"plan_key/{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("= "):
            value, unit, words = line[2:].split(" ", 2)
            targets.append((value, unit, words))
        elif line and not line.startswith("#"):
            head, leads = line.split(" | ")
            number, words = head.split(" ", 1)
            tasks[number] = (words, () if leads == "*" else tuple(leads.split(" / ")))
    return tasks, targets


def _f1(found: set, wanted: set) -> float:
    return 2 * len(found & wanted) / (len(found) + len(wanted)) if found or wanted else 1.0


def _measure(name: str, plan: PlanText) -> tuple[float, float, float]:
    """F1 of tasks, F1 of (task, leader), recall of numeric targets."""
    tasks, targets = _key(name)
    titled = {
        t.number
        for t in plan.tasks
        if t.number in tasks
        and sum(c in t.title for c in tasks[t.number][0]) * 2 >= len(tasks[t.number][0])
    }
    proposed = titled | {f"wrong {t.number}" for t in plan.tasks if t.number not in titled}
    leads = {(t.number, lead) for t in plan.tasks for lead in t.leads}
    wanted = {(number, lead) for number, (_, named) in tasks.items() for lead in named}
    plain = [(str(t.value), t.unit, "".join(c for c in t.words if c >= "一")) for t in plan.targets]
    met = [any((v, u) == (value, unit) and words in w for v, u, w in plain)
           for value, unit, words in targets]  # fmt: skip
    return _f1(proposed, set(tasks)), _f1(leads, wanted), sum(met) / len(met)


@needs_plans
@pytest.mark.parametrize("name", NAMES)
def test_the_five_plans_are_read_well_enough_and_fast(name):
    text = (PLANS / f"{name}.txt").read_text("utf-8")
    began = time.perf_counter()
    tasks, leads, targets = _measure(name, read_plan(text))
    assert time.perf_counter() - began < 10
    assert (tasks >= 0.9, leads >= 0.9, targets >= 0.95) == (True, True, True), (
        tasks, leads, targets)  # fmt: skip


@needs_plans
@pytest.mark.parametrize("name", NAMES)
def test_noise_of_recognition_costs_little(name):
    """One character in two hundred wrong, marks of half width, stray spaces and page numbers."""
    text = (PLANS / f"{name}.txt").read_text("utf-8")
    tasks, leads, _ = _measure(name, read_plan(_noisy(text, seed=1)))
    assert tasks >= 0.85
    assert leads >= 0.8


def _noisy(text: str, *, seed: int) -> str:
    chance = random.Random(seed)
    marks = str.maketrans("，：；（）", ",:;()")
    lines = []
    for number, line in enumerate(text.splitlines()):
        harmed = "".join(
            chance.choice("目曰日口囗未末士土") if c >= "一" and chance.random() < 0.005 else c
            for c in line
        )
        lines.append(harmed.translate(marks) if chance.random() < 0.3 else harmed)
        if number % 40 == 39:
            lines.append(f"— {number // 40} —")
    return "\n".join(lines)
