"""A pack's kinds as what the rooms below work with: feed plans, table contracts, rule sets."""

import re
from collections.abc import Collection, Mapping

from yiwang import lake, rules
from yiwang.packkit.kinds import shared as kinds
from yiwang.packkit.kinds.resources import Feed, QualityRule, Table
from yiwang.packkit.kinds.shared import Type
from yiwang.packkit.kinds.work import Rules

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
                formats=column.formats,
            )
            for name, column in feed.columns.items()
        ),
        checks=tuple(_check(rule) for rule in feed.quality),
        codes=codes,
        newest_by=feed.newest_by,
        increment=lake.Increment(
            by=feed.increment.by, gone=feed.increment.gone, gone_values=feed.increment.gone_values
        )
        if feed.increment
        else None,
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


def table_contract(ref: str, table: Table, *, remembers: bool = False) -> lake.TableContract:
    """The lake's contract of a table."""
    return lake.TableContract(
        name=ref,
        remembers=remembers,
        key=table.key,
        columns=tuple(
            lake.ContractColumn(name=name, type=column.type, required=column.required)
            for name, column in table.columns.items()
        ),
    )


def named_code_tables(*expressions: str) -> set[str]:
    """The code tables that expressions name."""
    return {name for text in expressions for name in CODE_TABLE.findall(text)}


def dated_parameter(parameter: kinds.Parameter) -> rules.Parameter:
    """A pack's parameter as the rule engine reads it."""
    return rules.Parameter(
        title=parameter.title,
        type=parameter.type,
        unit=parameter.unit,
        values=tuple(
            rules.DatedValue(from_=one.from_, until=one.until, value=one.value, basis=one.basis)
            for one in parameter.values
        ),
    )


def rule_set(
    ref: str,
    written: Rules,
    *,
    columns: Mapping[str, Type],
    titles: Mapping[str, str],
    codes: Mapping[str, frozenset[str]],
    bases: Collection[str] | None = None,
) -> rules.RuleSet:
    """A pack's rules, parsed and type-checked over the columns of their table."""
    return rules.RuleSet.build(
        id=ref,
        title=written.title,
        columns=columns,
        titles=titles,
        codes=codes,
        bases=bases,
        parameters={name: dated_parameter(one) for name, one in written.parameters.items()},
        derived=written.derived,
        conditions=[
            rules.Condition(id=one.id, title=one.title, check=one.check, basis=one.basis)
            for one in written.conditions
        ],
        outputs=written.outputs,
        decision=[
            rules.DecisionRow(when=one.when, then=one.then, basis=one.basis)
            for one in written.decision
        ],
    )


def expressions_of(written: Rules) -> list[str]:
    """Every expression text of a rule set."""
    texts = [*written.derived.values(), *(one.check for one in written.conditions)]
    for row in written.decision:
        texts += [row.when, *row.then.values()]
    return texts
