"""Reports: every known column comes from a table of one row per division, every check reads.

A list (``roster``) takes its lines and its columns from one table of the organ that issues it.
"""

from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.kinds.reports import Report, ReportField
from yiwang.packkit.kinds.shared import Type

DIVISION = "division"
"""The column by which a table says what it knows of a division."""
NUMBERS = ("integer", "decimal")


def look(looking: Looking) -> None:
    """reports/."""
    for name, report in looking.pack.reports.items():
        _report(looking, f"reports/{name}.yaml", report)


def _report(looking: Looking, path: str, report: Report) -> None:
    looking.organ(report.organ, path, "organ")
    looking.basis(report.basis, path, "basis")
    looking.limit(report.limit, "填报", path, "limit")
    if not report.fields:
        looking.tell("报表没有一项内容", "在 fields 中写至少一项", path)
    if report.roster:
        _roster(looking, path, report)
    types: dict[str, Type] = {name: one.type for name, one in report.fields.items()}
    for name, one in report.fields.items():
        _field(looking, path, name, one, types, report.roster)


def _field(
    looking: Looking, path: str, name: str, one: ReportField, types: dict[str, Type], roster: str
) -> None:
    at = (path, "fields", name)
    looking.codes(one.codes, *at, "codes")
    if one.total == "sum" and one.type not in NUMBERS:
        looking.tell(f"“{one.title}”不是数，不能逐级相加", "写 total: none", *at, "total")
    if one.check:
        looking.expression(one.check, *at, "check", columns=types)
    if one.prefill:
        _prefill(looking, one, roster, *at, "prefill")


def _roster(looking: Looking, path: str, report: Report) -> None:
    """The lines of a list: a table of the same organ, one key that is a column, a division."""
    columns = looking.table_columns(report.roster, path, "roster")
    contract = looking.shelf.tables().get(report.roster)
    if not columns or not looking.choice(DIVISION, columns, "列", path, "roster"):
        return
    if contract is None or len(contract.key) != 1:
        looking.tell(f"“{report.roster}”的主键不是一列", "取用一人或一物一行的表", path, "roster")
        return
    if contract.owner != report.organ:
        write = f"organ 写 {contract.owner}，或先申请共享"
        looking.tell("名册取自别的机构的表", write, path, "roster")
    key = f"{report.roster}.{contract.key[0]}"
    if key not in {one.prefill for one in report.fields.values()}:
        looking.tell("名册没有主键一栏", f"加一栏，prefill: {key}", path, "fields")


def _prefill(looking: Looking, one: ReportField, roster: str, path: str, *at: str) -> None:
    table, _, column = one.prefill.rpartition(".")
    columns = looking.table_columns(table, path, *at)
    if not columns or not looking.choice(column, columns, "列", path, *at):
        return
    if columns[column] != one.type:
        looking.tell(f"“{one.prefill}”是 {columns[column]}", f"写 type: {columns[column]}", path)
    if roster:
        if table != roster:
            looking.tell(f"名册的栏目要取自“{roster}”", f"写 {roster}.列名", path, *at)
        return
    contract = looking.shelf.tables().get(table)
    if contract is None or tuple(contract.key) != (DIVISION,):
        looking.tell(f"“{table}”不是每个区划一行的表", "取用主键为 division 的汇总表", path, *at)
