"""Jobs: asked for once, run once, stopped, resumed; due times begun once by many workers."""

from datetime import timedelta

import pytest
from cast import NINE

from yiwang.apps.jobs import public as jobs
from yiwang.apps.jobs.models import Job
from yiwang.apps.journal.models import Outbox
from yiwang.kernel.clock import fixed_clock
from yiwang.kernel.errors import NotAllowed, Unavailable

pytestmark = pytest.mark.django_db

SEEN: list[str] = []


def count_to(work):
    """Counts to ``params["to"]``; what is counted is saved, ``fail_at`` fails once there."""
    start = work.saved or 0
    for n in range(start, work.params.get("to", 3)):
        if n == work.params.get("fail_at") and not SEEN.count("failed"):
            SEEN.append("failed")
            raise work.params_error
        SEEN.append(f"{work.about}{n}")
        work.say(n + 1, work.params.get("to", 3), "在数", saved=n + 1)
    return jobs.Result({"数到": work.params.get("to", 3)}, ("office:jobs",))


def stumble(work):
    SEEN.append("tried")
    raise Unavailable("部门数据库没有应答。", hint="稍后再试。")


def break_(work):
    raise ValueError("a value that must not be shown: 320825195603140026")


jobs.register(
    kinds=[
        jobs.Kind("tests.count", "数数", count_to),
        jobs.Kind("tests.stumble", "绊倒", stumble, tries=3),
        jobs.Kind("tests.break", "坏掉", break_),
        *jobs.JOBS,
    ]
)


@pytest.fixture(autouse=True)
def _nothing_seen():
    SEEN.clear()


@pytest.fixture
def worker():
    return jobs.Worker(clock=fixed_clock(NINE))


def ask(**more):
    return jobs.ask("tests.count", **{"about": "a", "by": "li", "at": NINE, **more})


def test_a_job_is_run_once_with_its_progress_and_result(worker, cast):
    number = ask()

    assert worker.run_next()
    assert not worker.run_next()

    view = jobs.job(number)
    assert (view.state, view.done, view.total) == ("done", 3, 3)
    assert view.counts == {"数到": 3} and view.page == ("office:jobs",)
    assert SEEN == ["a0", "a1", "a2"]
    assert [row.event for row in Outbox.objects.filter(event__startswith="jobs.")] == ["jobs.asked"]


def test_the_same_that_still_waits_is_the_same_job():
    first = ask()

    assert ask(params={"to": 9}) == first
    assert ask(about="b") != first
    assert Job.objects.count() == 2


def test_what_waits_does_more_where_more_is_asked_for(worker):
    first = ask()

    assert ask(params={"to": 2}, is_more=True) == first
    assert ask() == first
    assert worker.run_next()
    assert SEEN == ["a0", "a1"]


def test_more_that_is_asked_for_while_it_runs_comes_after_it():
    first = ask()
    Job.objects.filter(number=first).update(
        state="running", leased_by="elsewhere:1:x", leased_until=NINE + timedelta(seconds=30)
    )

    more = ask(params={"to": 9}, is_more=True)
    assert more != first
    assert Job.objects.get(number=first).params != Job.objects.get(number=more).params


def test_one_that_is_asked_for_while_it_runs_comes_after_it(worker):
    first = ask()
    Job.objects.filter(number=first).update(
        state="running", leased_by="elsewhere:1:x", leased_until=NINE + timedelta(seconds=30)
    )

    assert ask() != first
    assert not worker.run_next(), "the same kind and object never run side by side"


def test_what_is_not_due_yet_waits(worker):
    ask(due=NINE + timedelta(minutes=1))

    assert not worker.run_next()
    worker.clock = fixed_clock(NINE + timedelta(minutes=1))
    assert worker.run_next()


def test_a_job_goes_on_from_what_a_dead_worker_saved(worker):
    number = ask()
    Job.objects.filter(number=number).update(
        state="running", leased_by="a:b:1:x", leased_until=NINE, saved=2, tries=1
    )
    assert not worker.run_next(), "its lease has not run out"

    worker.clock = fixed_clock(NINE + timedelta(seconds=1))
    assert worker.run_next()

    assert SEEN == ["a2"]
    assert jobs.job(number).state == "done"


def test_a_job_in_which_workers_die_again_and_again_is_given_up(worker):
    number = ask()
    Job.objects.filter(number=number).update(
        state="running", leased_by="a:b:1:x", leased_until=NINE - jobs.LEASE, tries=5
    )

    assert not worker.run_next()

    assert jobs.job(number).state == "failed"
    assert "5 次" in jobs.job(number).error


def test_a_worker_that_lost_its_lease_neither_speaks_nor_ends(worker):
    number = ask()

    def taken_over(work):
        Job.objects.filter(number=work.number).update(leased_by="other:1:x")
        work.say(1, 2, saved=1)
        raise AssertionError("it must not go on")

    jobs.register(kinds=[jobs.Kind("tests.count", "数数", taken_over)])
    try:
        worker.run_next()
    finally:
        jobs.register(kinds=[jobs.Kind("tests.count", "数数", count_to)])

    assert Job.objects.get(number=number).leased_by == "other:1:x"
    assert jobs.job(number).state == "running"


def test_a_source_that_does_not_answer_is_tried_later_and_at_last_given_up(worker):
    number = jobs.ask("tests.stumble", about="s", by="li", at=NINE)
    waits = []
    for _ in range(3):
        worker.run_next()
        view = jobs.job(number)
        waits.append((view.due_at - worker.clock()).total_seconds() / 60)
        worker.clock = fixed_clock(view.due_at)

    assert waits[:2] == [1, 5]
    assert jobs.job(number).state == "failed"
    assert jobs.job(number).error.startswith("部门数据库没有应答")
    assert SEEN == ["tried"] * 3


def test_a_fault_of_ours_is_told_by_a_number_and_shows_no_value(worker):
    number = jobs.ask("tests.break", by="li", at=NINE)

    worker.run_next()

    assert "编号" in jobs.job(number).error
    assert "320825" not in jobs.job(number).error


def test_a_waiting_job_is_stopped_at_once_and_goes_on_when_asked_again(worker, cast):
    number = ask()

    jobs.stop(number, by=cast.li, at=NINE)
    assert jobs.job(number).state == "stopped"
    assert not worker.run_next()
    with pytest.raises(jobs.JobOver):
        jobs.stop(number, by=cast.li, at=NINE)

    assert jobs.run_again(number, by=cast.li, at=NINE) == number
    with pytest.raises(jobs.JobNotOver):
        jobs.run_again(number, by=cast.li, at=NINE)
    assert worker.run_next()
    assert jobs.job(number).state == "done"


def test_a_running_job_stops_at_its_next_word_and_keeps_what_it_saved(worker, cast):
    number = ask()

    def asked_to_stop(work):
        jobs.stop(work.number, by=cast.li, at=NINE)
        work.say(1, 3, saved=1)
        raise AssertionError("it must not go on")

    jobs.register(kinds=[jobs.Kind("tests.count", "数数", asked_to_stop)])
    try:
        worker.run_next()
    finally:
        jobs.register(kinds=[jobs.Kind("tests.count", "数数", count_to)])
    assert jobs.job(number).state == "stopped"
    assert jobs.job(number).stop_by == "li"

    jobs.run_again(number, by=cast.li, at=NINE)
    worker.run_next()
    assert SEEN == ["a1", "a2"], "from what was saved"


def test_a_worker_that_ends_hands_its_job_back(worker):
    number = ask()
    worker.is_ending = True

    worker.run_next()

    view = jobs.job(number)
    assert (view.state, view.tries) == ("waiting", 0)
    assert SEEN == ["a0"]
    worker.is_ending = False
    worker.run_next()
    assert SEEN == ["a0", "a1", "a2"]


def test_a_stranger_neither_sees_nor_stops_nor_repeats_a_job(cast):
    number = ask()

    with pytest.raises(jobs.JobUnknown):
        jobs.job(number, viewer=cast.sun)
    for act in (jobs.stop, jobs.run_again):
        with pytest.raises(NotAllowed):
            act(number, by=cast.sun, at=NINE)
    assert jobs.job(number, viewer=cast.li).state == "waiting"


def test_a_due_time_is_begun_once_whatever_the_number_of_workers(worker):
    jobs.register(timetable=[("tests.entry", "试验", "every 5m", lambda at: SEEN.append("ran"))])
    ask_ = jobs.ask_for_what_is_due

    def mine(at):
        return [n for n in ask_(at=at) if jobs.job(n).about == "tests.entry"]

    assert not mine(NINE), "what was due before the platform knew of it is not made up for"
    later = NINE + timedelta(minutes=11)
    assert len(mine(later)) == 1, "two due times passed: the latest is made up for"
    assert not mine(later), "a second worker finds it begun"
    worker.clock = fixed_clock(later)
    while worker.run_next():
        pass
    assert SEEN == ["ran"]
    line = next(one for one in jobs.timetable(at=later) if one.name == "tests.entry")
    assert line.last is not None and line.last.state == "done"
    assert line.next_at == NINE + timedelta(minutes=15)


def test_a_year_not_announced_is_planned_by_its_weekdays():
    jobs.register(timetable=[("tests.workday", "试验", "workday 08:30", lambda at: None)])
    far = NINE.replace(year=2031)

    jobs.ask_for_what_is_due(at=far)

    lines = {one.name: one for one in jobs.timetable(at=far)}
    planned = lines["tests.workday"]
    assert planned.next_at is not None and planned.next_at.year == 2031
    assert planned.next_at.weekday() < 5 and not planned.problem


def test_old_jobs_are_cleared_and_open_ones_stay(worker):
    ask()
    worker.run_next()
    kept = ask(about="b")

    jobs.clear(NINE + timedelta(days=400))

    assert [one.number for one in jobs.jobs()] == [kept]
