"""Standards as registers with versions: a change is proposed, weighed, and in force from a day.

What packs bring stays theirs until somebody changes it here; from then on a later version of the
pack no longer touches that entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction

from yiwang.apps.catalog import reading
from yiwang.apps.catalog.editions import begin_edition
from yiwang.apps.catalog.impact import impact_of
from yiwang.apps.catalog.models import Register, RegisterEntry, StandardChange
from yiwang.apps.catalog.queries.registers import RegisterUnknown
from yiwang.apps.catalog.queries.standards import change_row, entries_at
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import CHINA
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.lake import filled_rows
from yiwang.packkit.cells import typed
from yiwang.packkit.current import current_library

PROPOSED, PUBLISHED, DROPPED = StandardChange.State.values
MOST = 20_000


class ChangeMalformed(Invalid):
    """A change of a standard names no entry, no reason, a past day, or columns it has not."""

    code = "catalog.change_malformed"


class ChangeDecided(Conflict):
    """The change was published or dropped before."""

    code = "catalog.change_decided"


class ImpactUnseen(Conflict):
    """What depends on the standard is other than what was shown; look again before publishing."""

    code = "catalog.impact_unseen"


@transaction.atomic
def propose_change(
    *,
    register: str,
    lines: Sequence[tuple[str, Mapping[str, Any] | None]],
    reason: str,
    effective_on: date,
    officer: identity.Actor,
    at: datetime,
) -> str:
    """提出变更: each line is (key, the entry as it shall be, or None to end it)."""
    identity.require(officer, "catalog.standards")
    row = _register(register)
    if len(reason.strip()) < 2 or effective_on < at.astimezone(CHINA).date():
        raise ChangeMalformed("变更要写明理由，施行日不早于今天。", hint="补齐后再提交。")
    now = {str(one[row.key]): one for one in entries_at(register, at=at)}
    kinds = _kinds(register)
    changes = [
        {"key": key, "before": now.get(key), "after": _entry(row, key, after, kinds)}
        for key, after in dict(lines).items()
    ]
    changes = [one for one in changes if one["before"] != one["after"]]
    if not changes:
        raise ChangeMalformed("与现行内容没有差别。", hint="请修改后再提交。")
    count = StandardChange.objects.count()
    change = StandardChange.objects.create(
        number=f"BZ{at.astimezone(CHINA).year}-{count + 1:04}",
        register=register,
        reason=reason.strip()[:500],
        lines=changes,
        impact=[],
        effective_on=effective_on,
        state=PROPOSED,
        proposed_at=at,
        proposed_by=officer.username,
    )
    _record("catalog.standard_proposed", change, officer, at)
    return change.number


def _kinds(register: str) -> dict[str, str]:
    """The type of each column, as the pack that brings the register declares it."""
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    declared = library.registers().get(register)
    return {name: one.type for name, one in declared.columns.items()} if declared else {}


def _entry(
    row: Register, key: str, after: Mapping[str, Any] | None, kinds: Mapping[str, str]
) -> dict[str, Any] | None:
    if after is None:
        return None
    unknown = set(after) - set(row.columns)
    if unknown or not key.strip() or len(key) > 120:
        raise ChangeMalformed(
            f"“{row.title}”没有栏目 {'、'.join(sorted(unknown)) or row.key}，或主键为空、过长。",
            hint=f"栏目有：{'、'.join(row.columns)}。",
        )
    given = {**after, row.key: key}
    return {name: _value(row, name, given.get(name), kinds) for name in row.columns}


def _value(row: Register, column: str, given: object, kinds: Mapping[str, str]) -> object:
    """What was given as the pack would have written it, so that the lake's table takes it."""
    try:
        return reading.plain(typed("" if given is None else str(given), kinds.get(column, "text")))
    except (KeyError, ValueError) as error:
        raise ChangeMalformed(
            f"“{row.columns[column]}”的值“{given}”不合类型。",
            hint="整数、小数只写数字，日期写作 2026-01-31，是否写作 true 或 false。",
        ) from error


@transaction.atomic
def publish_change(*, number: str, seen: int, officer: identity.Actor, at: datetime) -> None:
    """发布变更: from its day on the new entries are in force; ``seen`` dependents were shown."""
    identity.require(officer, "catalog.standards")
    change = _locked(number)
    impact = impact_of(change.register, [line["key"] for line in change.lines])
    if len(impact) != seen:
        raise ImpactUnseen(
            f"影响面有变化：刚才显示 {seen} 处，现在 {len(impact)} 处。",
            hint="请重新查看影响分析后再发布。",
        )
    row = _register(change.register)
    begins = datetime.combine(change.effective_on, time(), tzinfo=CHINA)
    begins = max(begins, at)
    live = {one.key: one for one in row.entries.filter(active_until=None)}
    for line in change.lines:
        old = live.get(line["key"])
        if old is not None and old.active_from >= begins:
            old.delete()  # it was never in force
        elif old is not None:
            old.active_until, old.ended_by = begins, change.number
            old.save(update_fields=["active_until", "ended_by"])
        if line["after"] is not None:
            RegisterEntry.objects.create(
                register=row,
                key=line["key"],
                values=line["after"],
                active_from=begins,
                begun_by=change.number,
            )
    change.impact = [asdict(one) for one in impact]
    begin_edition()
    _decide(change, PUBLISHED, officer, at)
    _record("catalog.standard_published", change, officer, at)


@transaction.atomic
def drop_change(*, number: str, officer: identity.Actor, at: datetime) -> None:
    """放弃变更: nothing changes."""
    identity.require(officer, "catalog.standards")
    change = _locked(number)
    _decide(change, DROPPED, officer, at)
    _record("catalog.standard_dropped", change, officer, at)


def propose_from_file(
    *,
    register: str,
    name: str,
    content: bytes,
    is_whole: bool,
    reason: str,
    effective_on: date,
    officer: identity.Actor,
    at: datetime,
) -> str:
    """导入: a workbook or JSON of entries as a proposed change.

    With ``is_whole`` the file is the whole register, so that what it lacks ends.
    """
    identity.require(officer, "catalog.standards")
    row = _register(register)
    given = (
        _from_json(content) if name.lower().endswith(".json") else _from_sheet(row, name, content)
    )
    lines = _lines(row, given)
    if is_whole:
        for one in entries_at(register, at=at):
            lines.setdefault(str(one[row.key]), None)
    return propose_change(
        register=register,
        lines=list(lines.items()),
        reason=reason,
        effective_on=effective_on,
        officer=officer,
        at=at,
    )


def _lines(
    row: Register, given: Sequence[Mapping[str, Any]]
) -> dict[str, Mapping[str, Any] | None]:
    if len(given) > MOST:
        raise ChangeMalformed(f"文件有 {len(given)} 条，一次最多 {MOST} 条。", hint="请分次导入。")
    lines: dict[str, Mapping[str, Any] | None] = {}
    for number, one in enumerate(given, 1):
        key = str(one.get(row.key) or "").strip()
        if not key or key in lines:
            raise ChangeMalformed(
                f"第 {number} 条的主键“{row.columns[row.key]}”为空或重复。",
                hint="改正文件后重新导入；没有写入任何内容。",
            )
        lines[key] = one
    return lines


def _from_json(content: bytes) -> list[dict[str, Any]]:
    try:
        return msgspec.json.decode(content, type=list[dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ChangeMalformed(
            "JSON 读不了：应是一个数组，每个元素是一条。", hint="可先导出一份作样板。"
        ) from error


def _from_sheet(row: Register, name: str, content: bytes) -> list[dict[str, Any]]:
    columns = {column: (title, column) for column, title in row.columns.items()}
    rows = filled_rows(name, content, columns)
    return [{column: value or None for column, value in cells.items()} for _, cells in rows]


def _register(ref: str) -> Register:
    row = Register.objects.filter(ref=ref).first()
    if row is None:
        raise RegisterUnknown(f"没有名录“{ref}”。", hint="请查看名录清单。", ref=ref)
    return row


def _locked(number: str) -> StandardChange:
    change = StandardChange.objects.select_for_update().get(pk=change_row(number).pk)
    if change.state != PROPOSED:
        raise ChangeDecided(
            f"变更 {number} {change.get_state_display()}，不能再处理。", hint="请查看变更记录。"
        )
    return change


def _decide(change: StandardChange, state: str, officer: identity.Actor, at: datetime) -> None:
    change.state, change.decided_at, change.decided_by = state, at, officer.username
    change.save()


def _record(event: str, change: StandardChange, officer: identity.Actor, at: datetime) -> None:
    facts: dict[str, str | int] = {"register": change.register, "lines": len(change.lines)}
    journal.record(event, subject=change.number, actor=officer.username, at=at, facts=facts)
