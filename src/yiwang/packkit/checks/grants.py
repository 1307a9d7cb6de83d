"""Grants: what leaves an organ, to whom, and nothing above the grade it may leave with."""

from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.kinds.resources import Grant

NEVER_CLEAR = 4


def look(looking: Looking) -> None:
    """grants/."""
    for name, grant in looking.pack.grants.items():
        _grant(looking, f"grants/{name}.yaml", grant)


def _grant(looking: Looking, path: str, grant: Grant) -> None:
    looking.organ(grant.to, path, "to")
    looking.basis(grant.basis, path, "basis")
    looking.limit(grant.valid, "授权", path, "valid")
    if not grant.purpose:
        looking.tell("没有写用途", "purpose 写清做什么用", path, "purpose")
    columns = looking.table_columns(grant.table, path, "table")
    if not columns:
        return
    for part in ("columns", "lookup", "clear"):
        for number, column in enumerate(getattr(grant, part)):
            looking.choice(column, columns, "列", path, part, number)
    for number, column in enumerate(grant.clear):
        if column not in grant.columns:
            looking.tell(f"列“{column}”不在 columns 中", "先列入 columns", path, "clear", number)
        if column in columns:
            _clear(looking, path, grant, column, number)
    if grant.rows:
        looking.expression(grant.rows, path, "rows", columns=columns)
    if grant.quota_per_day < 1 or grant.rate_per_second < 1:
        looking.tell("配额和频率至少为 1", "改 quota_per_day、rate_per_second", path)
    table = looking.shelf.tables().get(grant.table)
    if table is not None and table.share == "none":
        looking.tell(f"数据表“{grant.table}”不予共享", "请提供方先改 share", path, "table")
    for number, column in enumerate(grant.columns):
        if table is not None and column in table.columns and table.columns[column].share == "none":
            looking.tell(f"列“{column}”不予共享", "从 columns 中删去", path, "columns", number)


def _clear(looking: Looking, path: str, grant: Grant, column: str, number: int) -> None:
    grade = looking.shelf.grade(grant.table, column)
    if grade >= NEVER_CLEAR:
        looking.tell(
            f"列“{column}”为 {grade} 级，不能不脱敏给出", "从 clear 中删去", path, "clear", number
        )
    elif grade > grant.max_grade:
        looking.tell(
            f"列“{column}”为 {grade} 级，高于本授权的 {grant.max_grade} 级，会泄露",
            f"从 clear 中删去，或写 max_grade: {grade} 并由提供方审定",
            path,
            "clear",
            number,
        )
