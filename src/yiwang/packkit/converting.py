"""A pack's kinds as what the rooms below work with: feed plans, table contracts, rule sets."""

import re
from collections.abc import Mapping

from yiwang import lake
from yiwang.packkit.kinds.data import Feed, QualityRule, Table

CODE_TABLE = re.compile(r"is_code\s*\([^']*'([a-z0-9_]+\.[a-z0-9_]+)'", re.IGNORECASE)
"""A code table named in an expression; the expression itself is parsed by ``yiwang.rules``."""


def feed_plan(ref: str, feed: Feed, codes: Mapping[str, frozenset[str]]) -> lake.FeedPlan:
    """The lake's plan of a feed; ``codes`` holds the code tables that its checks name."""
    return lake.FeedPlan(
        name=ref,
        shape=lake.Shape(
            table=feed.shape.table,
            file=feed.shape.file,
            encoding=feed.shape.encoding,
            separator=feed.shape.separator,
            sheet=feed.shape.sheet,
            header_row=feed.shape.header.row,
            header_rows=feed.shape.header.rows,
        ),
        key=feed.key,
        columns=tuple(
            lake.FeedColumn(
                name=name,
                sources=(column.from_,) if isinstance(column.from_, str) else column.from_,
                type=column.type,
                title=column.title,
                required=column.required,
            )
            for name, column in feed.columns.items()
        ),
        checks=tuple(_check(rule) for rule in feed.quality),
        codes=codes,
    )


def _check(rule: QualityRule) -> lake.Check:
    return lake.Check(
        id=rule.id,
        title=rule.title,
        dimension=rule.dimension,
        check=rule.check,
        unique=rule.unique,
        reference=lake.Reference.parse(rule.reference) if rule.reference else None,
        otherwise=rule.otherwise,
        unknown=rule.unknown,
    )


def table_contract(ref: str, table: Table) -> lake.TableContract:
    """The lake's contract of a table."""
    return lake.TableContract(
        name=ref,
        key=table.key,
        columns=tuple(
            lake.ContractColumn(name=name, type=column.type, required=column.required)
            for name, column in table.columns.items()
        ),
    )


def named_code_tables(*expressions: str) -> set[str]:
    """The code tables that expressions name."""
    return {name for text in expressions for name in CODE_TABLE.findall(text)}
