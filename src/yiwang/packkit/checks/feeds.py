"""Registers and feeds: keys, types, grades, code tables, quality rules."""

import re
from collections.abc import Iterator

from yiwang.kernel.cycles import CycleUnreadable, read_cycle
from yiwang.lake import PlanMalformed, Reference
from yiwang.packkit.cells import typed
from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.kinds.resources import Feed, QualityRule, Register


def look(looking: Looking) -> None:
    """registers/ and feeds/."""
    for name, register in looking.pack.registers.items():
        _register(looking, name, register)
    for name in looking.pack.entries.keys() - looking.pack.registers.keys():
        looking.tell(
            f"登记册“{name}”没有说明", f"写 registers/{name}.yaml", f"registers/{name}.csv"
        )
    for name, feed in looking.pack.feeds.items():
        _feed(looking, name, feed)
    for name in looking.pack.sample:
        known = {*looking.pack.feeds, *looking.pack.tables, *looking.pack.registers}
        looking.choice(name, known, "归集或数据表", f"sample/{name}.csv")


def _register(looking: Looking, name: str, register: Register) -> None:
    path = f"registers/{name}.yaml"
    looking.organ(register.owner, path, "owner")
    looking.choice(register.key, register.columns, "列", path, "key")
    for column, one in register.columns.items():
        looking.codes(one.codes, path, "columns", column, "codes")
    if name not in looking.pack.entries:
        looking.tell(f"没有 registers/{name}.csv", "至少写一行表头", path)
        return
    file = f"registers/{name}.csv"
    rows = looking.pack.entries[name]
    for column in rows[0] if rows else {}:
        looking.choice(column, register.columns, "列", file)
    seen: set[str] = set()
    for number, row in enumerate(rows, 2):
        key = row.get(register.key, "")
        if not key or key in seen:
            looking.tell(f"第 {number} 行的编号“{key}”为空或重复", "每行一个编号", file)
        seen.add(key)
        _cells(looking, register, row, number, file)


def _cells(
    looking: Looking, register: Register, row: dict[str, str], number: int, file: str
) -> None:
    for what, write in wrong_cells(register, row, number):
        looking.tell(what, write, file)


def wrong_cells(register: Register, row: dict[str, str], number: int) -> Iterator[tuple[str, str]]:
    """What is wrong with the cells of one entry, and what to write: of a pack or of a place."""
    for column, one in register.columns.items():
        text = row.get(column, "")
        if not text and one.required:
            yield f"第 {number} 行缺少“{one.title}”", "补上"
        try:
            typed(text, one.type)
        except (ValueError, KeyError):
            yield f"第 {number} 行的“{text}”不是{one.title}", f"应为 {one.type}"


def _feed(looking: Looking, name: str, feed: Feed) -> None:
    path = f"feeds/{name}.yaml"
    looking.organ(feed.organ, path, "organ")
    looking.cycle(feed.cycle, path, "cycle")
    if not (feed.shape.table or feed.shape.file):
        looking.tell("没有写来源的表或文件", "写 shape: {table: …} 或 {file: …}", path, "shape")
    for number, column in enumerate(feed.key):
        looking.choice(column, feed.columns, "列", path, "key", number)
    for column, one in feed.columns.items():
        looking.codes(one.codes, path, "columns", column, "codes")
        if one.grade is None:
            looking.tell(
                f"列“{column}”没有分级",
                "写 grade: 1（公开）到 4（高敏感）",
                path,
                "columns",
                column,
            )
    _loading(looking, name, feed, path)
    seen: set[str] = set()
    for number, rule in enumerate(feed.quality):
        if rule.id in seen:
            looking.tell(f"质量规则“{rule.id}”重复", "换一个 id", path, "quality", number, "id")
        seen.add(rule.id)
        _quality(looking, feed, rule, path, number)


def _quality(looking: Looking, feed: Feed, rule: QualityRule, path: str, number: int) -> None:
    at = (path, "quality", number)
    if bool(rule.check) + bool(rule.unique) + bool(rule.reference) != 1:
        looking.tell(
            f"质量规则“{rule.id}”要写 check、unique、reference 之一", "一条规则检查一件事", *at
        )
        return
    for column in rule.unique:
        looking.choice(column, feed.columns, "列", *at, "unique")
    if rule.check:
        columns = {name: one.type for name, one in feed.columns.items()}
        looking.expression(rule.check, *at, "check", columns=columns)
    if not rule.reference:
        return
    try:
        reference = Reference.parse(rule.reference)
    except PlanMalformed as error:
        looking.refused(error, *at, "reference")
        return
    looking.choice(reference.column, feed.columns, "列", *at, "reference")
    target = looking.table_columns(reference.table, *at, "reference")
    if target:
        looking.choice(reference.target, target, "列", *at, "reference")


_MOVING = ("date", "instant", "integer")
_OVERLAP = re.compile(r"P\d{1,3}D|PT\d{1,3}H|\d{1,12}")


def _loading(looking: Looking, name: str, feed: Feed, path: str) -> None:
    """When and how much is read: schedule, increment, and that nobody reads the same already."""
    if feed.schedule:
        try:
            read_cycle(feed.schedule)
        except CycleUnreadable as error:
            looking.refused(error, path, "schedule")
    named = [("newest_by", feed.newest_by)] if feed.newest_by else []
    if feed.increment is not None:
        named.append(("increment", feed.increment.by))
        if feed.increment.gone:
            looking.choice(feed.increment.gone, feed.columns, "列", path, "increment", "gone")
        if not _OVERLAP.fullmatch(feed.increment.overlap):
            looking.tell(
                f"重读区间“{feed.increment.overlap}”读不懂",
                "写 P2D、PT6H 或一个数",
                path,
                "increment",
            )
    for key, column in named:
        looking.choice(column, feed.columns, "列", path, key)
        if column in feed.columns and feed.columns[column].type not in _MOVING:
            looking.tell(f"列“{column}”不能判断新旧", "用日期、时刻或递增编号的列", path, key)
    for ref, other in looking.shelf.feeds().items():
        is_same = (other.source, other.shape.table, other.shape.file) == (
            feed.source,
            feed.shape.table,
            feed.shape.file,
        )
        if is_same and ref < f"{looking.pack.id}.{name}":
            looking.tell(
                f"“{feed.title}”要采集的数据已由“{other.title}”（{ref}）采集",
                f"一数一源：共享使用 {ref}，删去这个接入",
                path,
                "shape",
            )
