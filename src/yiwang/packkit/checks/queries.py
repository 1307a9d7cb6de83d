"""The SQL of tables and indicators: allowed, within reach, giving what the contract says."""

from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.findings import Finding
from yiwang.packkit.kinds.sight import Indicator
from yiwang.packkit.platform import PLATFORM
from yiwang.packkit.queries import Query, QueryRefused, parse_query

SUMMED = {"days", "hours", "yuan"}


def look(looking: Looking) -> None:
    """sql/ and the queries of indicators/."""
    for name in looking.pack.sql:
        _table(looking, name)
    for name, indicator in looking.pack.indicators.items():
        _indicator(looking, name, indicator)


def _table(looking: Looking, name: str) -> None:
    path, ref = f"sql/{name}.sql", f"{looking.pack.id}.{name}"
    derived = looking.shelf.derived
    if ref in derived.queries:
        _reach(looking, derived.queries[ref], path)
    if ref in derived.refusals:
        refusal = derived.refusals[ref]
        _tell(looking, path, refusal.line, refusal.what, refusal.write)
        return
    if ring := derived.ring(ref):
        _tell(looking, path, 1, f"数据表互相读取成环：{' → '.join(ring)}", "拆开其中一张")
    if name not in looking.pack.tables:
        return
    given = derived.outputs[ref]
    columns = looking.pack.tables[name].columns
    for column in given:
        if given.count(column) > 1:
            _tell(looking, path, 1, f"查询输出了两个“{column}”列", "用 AS 改名")
        elif column not in columns:
            what = f"查询多出列“{column}”，tables/{name}.yaml 没有"
            _tell(looking, path, 1, what, "补进说明，或从查询中删去")
    for column in columns:
        if column not in given:
            what = f"查询没有给出列“{column}”"
            _tell(looking, path, 1, what, f"在 SELECT 中加 … AS {column}")


def _reach(looking: Looking, query: Query, path: str, offset: int = 0) -> None:
    reach = looking.reach()
    for table, line in query.reads.items():
        pack = table.partition(".")[0]
        if pack not in reach and table not in PLATFORM:
            _tell(
                looking,
                path,
                line + offset,
                f"查询读了“{table}”，却没有声明需要包“{pack}”",
                f"在 pack.yaml 的 needs 中加入 {pack}，或不读这张表",
            )


def _indicator(looking: Looking, name: str, indicator: Indicator) -> None:
    path = f"indicators/{name}.yaml"
    if indicator.unit == "percent" and not indicator.denominator:
        looking.tell("比例没有分母", "写 denominator，或把 unit 改为 count", path, "numerator")
    for part in ("numerator", "denominator", "excluded"):
        text = getattr(indicator, part)
        if not text:
            continue
        offset = looking.pack.where(path, part)[1]
        try:
            query = parse_query(text)
            _reach(looking, query, path, offset)
            outputs = looking.shelf.derived.look(query)
        except QueryRefused as refusal:
            _tell(looking, path, refusal.line + offset, f"{part}：{refusal.what}", refusal.write)
            continue
        if part == "numerator" and indicator.unit in SUMMED and "value" not in outputs:
            looking.tell(
                f"单位是 {indicator.unit} 的指标要输出列 value", "加 … AS value", path, part
            )


def _tell(looking: Looking, path: str, line: int, what: str, write: str) -> None:
    looking.findings.append(Finding(looking.pack.folder / path, line, what, write))
