"""The acts of a census: opened, answered one by one or by workbook, judged, reminded, closed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from yiwang.apps.catalog import metadata
from yiwang.apps.catalog.actions.lists import draft_entry
from yiwang.apps.catalog.models import (
    Campaign,
    CensusAnswer,
    CensusImport,
    CensusReminder,
    NilReturn,
)
from yiwang.apps.catalog.queries.census import (
    CampaignUnknown,
    ImportTaken,
    campaign_row,
    lists_missing,
)
from yiwang.apps.catalog.queries.lists import codes, list_kind
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.lake import filled_rows

MOST_ROWS = 5_000
GIVEN, ACCEPTED, RETURNED = CensusAnswer.State.values


class CampaignMalformed(Invalid):
    """A campaign needs a title, organs, lists and a day in the future."""

    code = "catalog.campaign_malformed"


class CampaignClosed(Conflict):
    """The campaign has ended; it takes no more answers."""

    code = "catalog.campaign_closed"


class AnswerFaulty(Invalid):
    """An answer lacks required metadata, or was given already."""

    code = "catalog.answer_faulty"


class AnswerJudged(Conflict):
    """The answer was accepted or returned before."""

    code = "catalog.answer_judged"


@transaction.atomic
def open_campaign(
    *,
    title: str,
    lists: Sequence[str],
    organs: Sequence[str],
    due_on: date,
    officer: identity.Actor,
    at: datetime,
) -> str:
    """发起普查: ask ``organs`` for ``lists``; returns the campaign's number."""
    identity.require(officer, "catalog.census")
    known = {one.id for one in identity.organs()}
    asked = [organ for organ in dict.fromkeys(organs) if organ in known]
    if not title.strip() or not asked or not lists or due_on <= at.date():
        raise CampaignMalformed(
            "普查任务要有名称、至少一个机构、至少一张清单，截止日在今天以后。",
            hint="补齐后再发起。",
        )
    kinds = [list_kind(name).name for name in dict.fromkeys(lists)]
    year = at.year
    count = Campaign.objects.filter(number__startswith=f"PC{year}-").count()
    row = Campaign.objects.create(
        number=f"PC{year}-{count + 1:03}",
        title=title.strip()[:200],
        lists=kinds,
        organs=asked,
        due_on=due_on,
        opened_at=at,
        opened_by=officer.username,
    )
    _record("catalog.census_opened", row, officer, at, organs=len(asked))
    return row.number


@transaction.atomic
def give_answer(
    *, number: str, list_name: str, given: Mapping[str, Any], officer: identity.Actor, at: datetime
) -> None:
    """填报: one answer typed in, whole or refused with what is wrong."""
    row, organ = _answering(number, list_name, officer)
    kind, known = list_kind(list_name), codes()
    values = metadata.taken(kind, given, codes=known)
    faults = metadata.faults(kind, values, codes=known)
    title = str(values.get("title", ""))[:200]
    if title in _titles(row, organ, list_name):
        faults["title"] = f"“{title}”已经报过。"
    if faults:
        raise AnswerFaulty(
            f"还有 {len(faults)} 处要改：{''.join(faults.values())[:300]}",
            hint="改好后再提交；没有写入任何内容。",
            faults=faults,
        )
    _create([_answer(row, organ, list_name, values, officer, at)], row, organ, list_name)
    _record("catalog.census_answered", row, officer, at, list=list_name)


def _create(answers: Sequence[CensusAnswer], row: Campaign, organ: str, list_name: str) -> None:
    CensusAnswer.objects.bulk_create(answers, batch_size=100)
    if answers:
        NilReturn.objects.filter(campaign=row, organ=organ, list=list_name).delete()


def _answer(
    row: Campaign,
    organ: str,
    list_name: str,
    values: Mapping[str, Any],
    officer: identity.Actor,
    at: datetime,
) -> CensusAnswer:
    return CensusAnswer(
        campaign=row,
        organ=organ,
        list=list_name,
        title=str(values["title"])[:200],
        values=dict(values),
        given_at=at,
        given_by=officer.username,
    )


def import_answers(
    *,
    number: str,
    list_name: str,
    name: str,
    content: bytes,
    officer: identity.Actor,
    at: datetime,
) -> ImportTaken:
    """导入: a filled-in template; good rows become answers, wrong ones are kept with reasons.

    A workbook that cannot be read, or is of another form, changes nothing.
    """
    _answering(number, list_name, officer)
    kind = list_kind(list_name)
    columns = {field.name: (field.title,) for field in kind.fields}
    rows = filled_rows(name, content, columns)
    if len(rows) > MOST_ROWS:
        raise Invalid(
            f"工作簿有 {len(rows)} 行，一次最多 {MOST_ROWS} 行。", hint="请分几个文件导入。"
        )
    return _take(number, kind, name, rows, officer, at)


@transaction.atomic
def _take(
    number: str,
    kind: metadata.ListKind,
    name: str,
    rows: Sequence[tuple[int, Mapping[str, str]]],
    officer: identity.Actor,
    at: datetime,
) -> ImportTaken:
    row, organ = _answering(number, kind.name, officer)
    known, titles = codes(), _titles(row, organ, kind.name)
    good: list[CensusAnswer] = []
    rejects: list[dict[str, Any]] = []
    for line, cells in rows:
        values = metadata.taken(kind, cells, codes=known)
        faults = list(metadata.faults(kind, values, codes=known).values())
        title = str(values.get("title", ""))[:200]
        if title in titles:
            faults.append(f"“{title}”已经报过或在本表中重复。")
        if faults:
            rejects.append({"line": line, "cells": dict(cells), "reasons": faults})
        else:
            titles.add(title)
            good.append(_answer(row, organ, kind.name, values, officer, at))
    taken = CensusImport.objects.create(
        campaign=row,
        organ=organ,
        list=kind.name,
        file=Path(name).name[:200],
        read=len(rows),
        accepted=len(good),
        rejected=len(rejects),
        rejects=rejects,
        taken_at=at,
        taken_by=officer.username,
    )
    for answer in good:
        answer.source = taken
    _create(good, row, organ, kind.name)
    _record("catalog.census_imported", row, officer, at, read=len(rows), rejected=len(rejects))
    return ImportTaken(taken.pk, len(rows), len(good), len(rejects))


@transaction.atomic
def report_nil(
    *, number: str, list_name: str, reason: str, officer: identity.Actor, at: datetime
) -> None:
    """零报告: the organ has nothing for this list, and says why."""
    row, organ = _answering(number, list_name, officer)
    if not reason.strip():
        raise Invalid("零报告要写明原因。", hint="例如：本单位没有自建信息系统。")
    if _titles(row, organ, list_name):
        raise AnswerFaulty("这张清单已有答卷，不能再作零报告。", hint="先核对已报的答卷。")
    NilReturn.objects.update_or_create(
        campaign=row,
        organ=organ,
        list=list_name,
        defaults={"reason": reason.strip()[:300], "given_at": at, "given_by": officer.username},
    )
    _record("catalog.census_nil", row, officer, at, list=list_name)


@transaction.atomic
def judge_answers(
    *,
    number: str,
    answers: Sequence[int],
    accept: bool,
    note: str,
    officer: identity.Actor,
    at: datetime,
) -> int:
    """核实: accepted answers become draft entries of their organ, others go back with a reason."""
    identity.require(officer, "catalog.census")
    row = campaign_row(number)
    found = CensusAnswer.objects.select_for_update().filter(campaign=row, pk__in=answers)
    if not accept and not note.strip():
        raise Invalid("退回要写明理由。", hint="理由会告知填报机构。")
    for answer in found:
        if answer.state != GIVEN:
            raise AnswerJudged(f"答卷“{answer.title}”已处理过。", hint="刷新页面查看最新状态。")
        answer.state, answer.note = (ACCEPTED if accept else RETURNED), note.strip()[:500]
        if accept:
            answer.entry = draft_entry(
                list_name=answer.list,
                organ=answer.organ,
                given=answer.values,
                officer=officer,
                at=at,
                origin="census",
                drafted_by=answer.given_by,
            )
        answer.save()
    _record("catalog.census_judged", row, officer, at, answers=len(found), accepted=int(accept))
    return len(found)


@transaction.atomic
def remind_organs(*, number: str, officer: identity.Actor, at: datetime) -> list[str]:
    """催报: every organ with a gap is reminded, at most once a day; returns those reminded."""
    identity.require(officer, "catalog.census")
    row = campaign_row(number)
    _demand_open(row)
    today = set(
        CensusReminder.objects.filter(campaign=row, sent_at__date=at.date()).values_list(
            "organ", flat=True
        )
    )
    missing = {organ: gap for organ, gap in lists_missing(row).items() if organ not in today}
    CensusReminder.objects.bulk_create(
        [
            CensusReminder(
                campaign=row, organ=organ, lists=gap, sent_at=at, sent_by=officer.username
            )
            for organ, gap in missing.items()
        ]
    )
    _record("catalog.census_reminded", row, officer, at, organs=len(missing))
    return list(missing)


@transaction.atomic
def close_campaign(*, number: str, officer: identity.Actor, at: datetime) -> None:
    """结束普查: no more answers; coverage and gaps stay as they were."""
    identity.require(officer, "catalog.census")
    row = campaign_row(number)
    _demand_open(row)
    row.closed_at, row.closed_by = at, officer.username
    row.save(update_fields=["closed_at", "closed_by"])
    _record("catalog.census_closed", row, officer, at)


def _answering(number: str, list_name: str, officer: identity.Actor) -> tuple[Campaign, str]:
    """The campaign and the organ that answers: the officer's own, which was asked."""
    row = campaign_row(number)
    organ = officer.organ if isinstance(officer, identity.Officer) else ""
    identity.require(officer, "catalog.draft", organ=organ or "-")
    if organ not in row.organs or list_name not in row.lists:
        raise CampaignUnknown(
            "本机构不在这次普查的范围内，或这张清单未列入。", hint="请核对普查任务。"
        )
    _demand_open(row)
    return row, organ


def _demand_open(row: Campaign) -> None:
    if row.closed_at is not None:
        raise CampaignClosed(
            f"普查 {row.number} 已结束，不再收报。", hint="新增资源请直接编制清单条目。"
        )


def _titles(row: Campaign, organ: str, list_name: str) -> set[str]:
    rows = CensusAnswer.objects.filter(campaign=row, organ=organ, list=list_name)
    return set(rows.exclude(state=RETURNED).values_list("title", flat=True))


def _record(
    event: str, row: Campaign, officer: identity.Actor, at: datetime, **facts: str | int
) -> None:
    journal.record(event, subject=row.number, actor=officer.username, at=at, facts=facts)
