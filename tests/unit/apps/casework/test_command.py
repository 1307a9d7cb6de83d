"""Command: duty, plans that change roles and limits and give them back, minutes, reviews."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cast import NINE
from django.conf import settings
from workshop import DISPATCHER, SUN

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import Invalid, NotAllowed
from yiwang.packkit.current import current_library

PLAN, LEAK = "hazardous_chemicals.leak", "hazardous_chemicals.leak"
RIGHTS = frozenset(
    {"command.see", "command.duty", "command.switch", "incident.watch", "incident.see",
     "case.handle", "case.see", "incident.report", "incident.call_back"}
)  # fmt: skip
CHIEF = replace(DISPATCHER, username="chief", roles=("grid.dispatcher",), rights=RIGHTS)
HOUR = timedelta(hours=1)
NAMES = {"chief": "吴调", "rescuer": "何救"}


@pytest.fixture
def county(db) -> None:
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    identity.install(library, at=NINE)
    identity.register_divisions(library.divisions)
    casework.install(library, at=NINE)
    for name, organ, post in (
        ("chief", "command-center", "指挥中心值班员"),
        ("rescuer", "emergency", "应急经办"),
    ):
        identity.create_account(
            username=name,
            name=NAMES[name],
            password="Tests-only-2026",
            organ=organ,
            posts=[post],
            at=NINE,
        )


def leak(at=NINE, **more: object) -> str:
    given = {"object": "HT01", "lon": 118.71, "lat": 33.703} | more
    return casework.report_signal(
        kind=LEAK, source="tank", summary="液氨罐超压", actor="sensing", at=at, **given
    ).number


def step_due(number: str):
    return casework.incident(number, actor=CHIEF, at=NINE).case.step_due_at


@pytest.mark.usefixtures("county")
class TestPlans:
    def test_a_plan_changes_limits_and_roles_and_off_restores_them(self):
        before = leak(object="HT01")
        assert step_due(before) == NINE + timedelta(minutes=10)
        assert "grid.dispatcher" not in identity.officer("rescuer", at=NINE).roles

        casework.switch_on(plan=PLAN, level="1", reason="泄漏", officer=CHIEF, at=NINE + HOUR)
        on = leak(NINE + HOUR, object="HT02", lon=118.9)
        rescuer = identity.officer("rescuer", at=NINE + HOUR)
        assert step_due(on) == NINE + HOUR + timedelta(minutes=5)
        assert step_due(before) == NINE + timedelta(minutes=10), "what came before keeps its limit"
        assert "grid.dispatcher" in rescuer.roles
        assert casework.plans_on() == [("危险化学品泄漏应急预案（示例） 一级响应", "grid.command")]
        tasks = casework.work_list(officer=rescuer, at=NINE + HOUR, asked=casework.Asked())
        assert {"通知企业停产、启动自救"} <= {one.title for one in tasks.lines}

        casework.switch_off(plan=PLAN, reason="解除", officer=CHIEF, at=NINE + 2 * HOUR)
        after = leak(NINE + 2 * HOUR, object="HT03", lon=118.5)
        assert step_due(after) == NINE + 2 * HOUR + timedelta(minutes=10)
        assert "grid.dispatcher" not in identity.officer("rescuer", at=NINE + 2 * HOUR).roles
        assert casework.plans_on() == []
        clock = casework.clock_of(on, actor=CHIEF, at=NINE + 3 * HOUR)
        assert clock is not None
        assert step_due(on) == NINE + HOUR + timedelta(minutes=5)

    def test_a_plan_is_not_switched_on_twice_but_its_level_changes(self):
        casework.switch_on(plan=PLAN, level="2", reason="异味", officer=CHIEF, at=NINE)
        with pytest.raises(casework.PlanAlreadyOn):
            casework.switch_on(plan=PLAN, level="1", reason="再来", officer=CHIEF, at=NINE)
        casework.change_level(plan=PLAN, level="1", reason="升级", officer=CHIEF, at=NINE + HOUR)
        with pytest.raises(casework.PlanAlreadyOn):
            casework.change_level(plan=PLAN, level="1", reason="x", officer=CHIEF, at=NINE + HOUR)
        (view,) = [one for one in casework.plans(officer=CHIEF) if one.ref == PLAN]
        assert (view.level, view.reason) == ("1", "升级")
        casework.switch_off(plan=PLAN, reason="解除", officer=CHIEF, at=NINE + 2 * HOUR)
        with pytest.raises(casework.PlanNotOn):
            casework.switch_off(plan=PLAN, reason="解除", officer=CHIEF, at=NINE + 2 * HOUR)

    def test_a_stranger_switches_plans_and_reads_command_not_at_all(self):
        for attempt in (
            lambda: casework.switch_on(plan=PLAN, level="1", reason="x", officer=SUN, at=NINE),
            lambda: casework.switch_off(plan=PLAN, reason="x", officer=SUN, at=NINE),
            lambda: casework.plans(officer=SUN),
            lambda: casework.nearest(lon=118.7, lat=33.7, officer=SUN, at=NINE),
            lambda: casework.write_shift_line(text="x", officer=SUN, at=NINE),
            lambda: casework.accept_shift(officer=SUN, at=NINE),
            lambda: casework.instruct(
                number="x", organ="emergency", text="x", officer=SUN, at=NINE
            ),
        ):
            with pytest.raises(NotAllowed):
                attempt()


@pytest.mark.usefixtures("county")
class TestCommand:
    def test_who_is_on_duty_takes_over_and_the_log_keeps_every_line(self):
        casework.plan_shift(
            organ="command-center", username="chief", part="duty", begins_at=NINE,
            ends_at=NINE + 12 * HOUR, officer=CHIEF, at=NINE,
        )  # fmt: skip
        with pytest.raises(casework.ShiftTwice):
            casework.plan_shift(
                organ="command-center", username="chief", part="duty", begins_at=NINE,
                ends_at=NINE + HOUR, officer=CHIEF, at=NINE,
            )  # fmt: skip
        assert casework.accept_shift(officer=CHIEF, at=NINE + HOUR) == 1
        casework.write_shift_line(text="一切正常", officer=CHIEF, at=NINE + HOUR)
        casework.write_shift_line(
            text="更正：三号桥积水", officer=CHIEF, at=NINE + HOUR,
            corrects=casework.shift_lines(officer=CHIEF)[0].id,
        )  # fmt: skip

        (shift,) = casework.on_duty(officer=CHIEF, at=NINE + HOUR, ahead=HOUR)
        assert shift.accepted_at == NINE + HOUR
        lines = casework.shift_lines(officer=CHIEF)
        assert [one.text for one in lines] == ["更正：三号桥积水", "一切正常", "接班"]
        assert lines[0].corrects == lines[1].id
        assert {one.by for one in lines} == {"吴调"}, "by name, not by account"
        with pytest.raises(Invalid):
            casework.write_shift_line(text=" ", officer=CHIEF, at=NINE)

    def test_the_nearest_help_comes_first(self):
        found = casework.nearest(lon=118.706, lat=33.706, officer=CHIEF, at=NINE)

        helpers = [one for one in found if one.kind != "视频点位"]
        assert helpers[0].title == "开发区危化救援队（演示）"
        assert [one.metres for one in found] == sorted(one.metres for one in found)

    def test_minutes_and_instructions_stay_with_the_incident_and_the_review_reads_its_trail(self):
        number = leak()
        casework.record_minutes(
            number=number, held_at=NINE, chair="程领导", attendees="应急、公安",
            text="先疏散，再堵漏", officer=CHIEF, at=NINE,
        )  # fmt: skip
        told = casework.instruct(
            number=number, organ="emergency", text="调救援队到场", officer=CHIEF, at=NINE
        )
        casework.act(number=number, verb="dispatch", officer=CHIEF, at=NINE + timedelta(minutes=12))

        (link,) = casework.links_of(number, actor=CHIEF)
        assert (link.number, link.relation) == (told, "指令")
        assert casework.minutes_of(number, officer=CHIEF)[0].text == "先疏散，再堵漏"
        review = casework.review(number, officer=CHIEF, at=NINE + HOUR)
        assert (review.late_steps, review.hops, review.instructions) == (1, 1, 1)
        assert review.score == 85
        assert review.lost == ("1 个环节超期：扣 15 分",)
