"""Reports of the grassroots: taken from what is known, asked for the rest, added up."""

from datetime import datetime, timedelta
from typing import Any

from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told
from yiwang.packkit.kinds.reports import ReportField

TITLE = "外出务工家庭关爱情况表"
ASKED = ("外出打工人数", "留守小孩数", "已结对帮扶户数")
"""Two of them another organ asks already, under other names."""
MOVED = "已随子女迁出本村"
NEEDS = ("", "送餐", "陪同就医", "")
LEFT = 3
"""Reports that the village clerk has yet to fill in, for whoever wants to do one by hand."""


def reports(journey: Journey) -> Told:
    """报表减负: every round prefilled, one report stopped for asking again, villages filled in."""
    at = journey.begun_at + timedelta(days=1, hours=2)
    _issue_with_what_is_known(journey, at)
    forms.open_due_rounds(at)
    filled = _fill(journey, at + timedelta(hours=1))
    lines = forms.reduction()
    bureau = cast.officer(journey, "shuju")
    rounds = forms.rounds(actor=bureau)
    cells, known = sum(one.cells for one in lines), sum(one.known for one in lines)
    rows = {one.rows for one in rounds}
    return Told(
        counts={
            "报表": len(rounds),
            "其中免填": sum(one.standing for one in lines),
            "格子": cells,
            "不用填": f"{known / cells:.1%}",
            "拦下的重复栏目": sum(one.refused for one in lines),
            "村务员已填": filled,
        },
        balances=[
            Balance(
                "每张报表每个村（居）一行", sum(one.rows for one in rounds), len(rounds) * max(rows)
            )
        ],
        page=("office:reports",),
    )


def _issue_with_what_is_known(journey: Journey, at: datetime) -> None:
    """Civil affairs want to ask two things again; they take the answers instead."""
    officer = cast.officer(journey, "minzhengshuju")
    known = [one for one in forms.reports(actor=officer) if one.title == TITLE]
    if known and known[0].state == "issued":
        return
    fields = [ReportField(title=title) for title in ASKED]
    ref = (
        known[0].ref
        if known
        else forms.draft_report(
            title=TITLE, period="quarter", fields=fields, officer=officer, at=at
        )
    )
    try:
        forms.issue_report(ref=ref, officer=officer, at=at)
    except forms.AsksAgain:
        forms.take_known(ref=ref, officer=officer, at=at)
        forms.issue_report(ref=ref, officer=officer, at=at)


def _fill(journey: Journey, at: datetime) -> int:
    """The village clerk fills in what is asked, up to the last few reports."""
    clerk = cast.officer(journey, cast.VILLAGE_CLERK)
    villages = [one.code for one in cast.story_villages(journey)]
    filled = 0
    waits = forms.reports_waiting(officer=clerk)
    lists = [one for one in waits if forms.is_roster(one.round, actor=clerk)]
    for waiting in lists:
        filled += _complete(waiting.round, villages[0], clerk, at)
    for waiting in [one for one in waits if one not in lists][:-LEFT]:
        for number, village in enumerate(villages):
            row = forms.report_row(waiting.round, village, actor=clerk)
            if row.filled_at is None:
                _fill_one(row, clerk, number, at)
                filled += 1
    return filled


def _complete(number: int, village: str, clerk: identity.Officer, at: datetime) -> int:
    """One village's list is completed and handed in: somebody moved away; the next is left open."""
    same: dict[str, Any] = {"number": number, "division": village, "officer": clerk, "at": at}
    lines = forms.roster(number, village, actor=clerk).lines
    for turn, line in enumerate(lines):
        if turn == 1:
            forms.strike_entry(entry=line.id, reason=MOVED, version=line.version, **same)
        elif line.filled_at is None and not line.struck_reason:
            answers = {"visits": turn % 3 + 1, "needs": NEEDS[turn % len(NEEDS)]}
            asked = {name: answers[name] for name in line.asked if name in answers}
            forms.fill_entry(entry=line.id, answers=asked, version=line.version, **same)
    forms.submit_roster(**same)
    return 1


def _fill_one(row: forms.RowView, clerk: identity.Officer, number: int, at: datetime) -> None:
    """Small made-up figures; where a check says that is too many, none."""
    asked = [cell.name for cell in row.cells if not cell.source]
    answers = {name: (number + place) % 4 for place, name in enumerate(asked)}
    same: dict[str, Any] = {
        "number": row.round.id,
        "division": row.division,
        "version": row.version,
    }
    try:
        forms.fill_row(answers=answers, officer=clerk, at=at, **same)
    except forms.AnswersRefused as refusal:
        fewer = answers | dict.fromkeys(refusal.fields, 0)
        forms.fill_row(answers=fewer, officer=clerk, at=at, **same)
