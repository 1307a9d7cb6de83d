"""Table contracts: keys, SQL beside them, share and open attributes against the grades."""

from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.kinds.resources import Table

OPEN = {"unconditional": 1, "conditional": 2, "none": 4}
"""The highest grade that may be opened to the public so."""
SHARE = {"unconditional": 2, "conditional": 4, "none": 4}
"""The highest grade that may be shared between organs so."""


def look(looking: Looking) -> None:
    """tables/ and the names of sql/."""
    for name, table in looking.pack.tables.items():
        _table(looking, name, table)
    for name in looking.pack.sql.keys() - looking.pack.tables.keys():
        looking.tell(f"查询“{name}”没有数据表说明", f"写 tables/{name}.yaml", f"sql/{name}.sql")


def _table(looking: Looking, name: str, table: Table) -> None:
    path, ref = f"tables/{name}.yaml", f"{looking.pack.id}.{name}"
    looking.organ(table.owner, path, "owner")
    looking.cycle(table.cycle, path, "cycle")
    if name not in looking.pack.sql:
        looking.tell(f"没有人提供数据表“{ref}”", f"写 sql/{name}.sql", path)
    if not table.key:
        looking.tell("没有主键", "key 写能认出一行的列", path, "key")
    for number, column in enumerate(table.key):
        looking.choice(column, table.columns, "列", path, "key", number)
    taken = {*looking.pack.feeds, *looking.pack.registers}
    if name in taken:
        looking.tell(f"“{name}”同时是归集或登记册的名字", "换一个名字", path)
    for column, one in table.columns.items():
        looking.codes(one.codes, path, "columns", column, "codes")
        inherited = looking.shelf.derived.inherited(ref, column)
        grade = looking.shelf.grade(ref, column)
        at = (path, "columns", column)
        if one.grade is not None and one.grade < inherited:
            sources = "、".join(f"{t}.{c}" for t, c in looking.shelf.sources(ref, column))
            looking.tell(
                f"列“{column}”写作 {one.grade} 级，低于来源的 {inherited} 级（{sources}）",
                f"写 grade: {inherited} 或更高，或只输出三人以上的汇总",
                *at,
                "grade",
            )
        if grade > OPEN[one.open]:
            looking.tell(
                f"列“{column}”为 {grade} 级，不能{OPENING[one.open]}",
                "改 open，或只开放汇总",
                *at,
                "open",
            )
        if grade > SHARE[one.share]:
            looking.tell(f"列“{column}”为 {grade} 级，不能无条件共享", "改 share", *at, "share")


OPENING = {"unconditional": "无条件开放", "conditional": "有条件开放", "none": "开放"}
