"""直连数源: a table answered by its provider's database until it is collected and published."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.actions.demands import TableNotPublished, is_published
from yiwang.apps.exchange.models import Grant, SourceRoute
from yiwang.apps.exchange.queries.routes import RouteView, route_view
from yiwang.apps.exchange.sourcing import forget_kept
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid, YiwangError
from yiwang.lake import Question, ask


class RouteMalformed(Invalid):
    """The route leads to no table of the provider, or not to the columns that it must."""

    code = "exchange.route_malformed"


class RouteStands(Conflict):
    """The table has a route in force."""

    code = "exchange.route_stands"


class NoRoute(Conflict):
    """The table has no route in force."""

    code = "exchange.no_route"


@transaction.atomic
def set_route(
    *,
    table: str,
    source: str,
    relation: str,
    columns: Mapping[str, str],
    officer: identity.Officer,
    at: datetime,
) -> RouteView:
    """设定直连: calls by key are answered by the provider's database from now on.

    ``columns`` names our columns and what they are called there; it is tried before it stands.
    """
    identity.require(officer, "exchange.council")
    dataset, bound = catalog.dataset(table), catalog.source(source)
    strange = sorted(set(columns) - {column.name for column in dataset.column_views})
    RouteMalformed.unless(
        (dataset.kind == "table", "table", "只有共享表可以直连。"),
        (bound.organ in ("", dataset.organ), "source", "来源不属于这张表的提供机构。"),
        (bool(columns), "columns", "请写明字段对应。"),
        (not strange, "columns", f"目录中没有字段：{'、'.join(strange)}。"),
        (set(dataset.key) <= set(columns), "columns", f"主键 {'、'.join(dataset.key)} 没有对应。"),
        table=table,
    )
    _try(table, dataset.key[0], bound, relation, columns)
    try:
        with transaction.atomic():
            row = SourceRoute.objects.create(
                table=table, source=source, relation=relation, columns=dict(columns),
                set_by=officer.username, set_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise RouteStands(
            f"数据表 {table} 已有直连。", hint="请先结束原来的直连。", table=table
        ) from error
    _changed("exchange.route_set", row, officer, at)
    return route_view(row)


def _try(
    table: str, key: str, bound: catalog.BoundSource, relation: str, columns: Mapping[str, str]
) -> None:
    """Ask for a key that nobody has: relation, columns and access are all needed for that."""
    try:
        ask(
            bound.binding,
            Question(
                relation=relation,
                columns=columns,
                types=catalog.types_of(table),
                where={key: ["0"]},
                limit=1,
            ),
        )
    except YiwangError as fault:
        raise RouteMalformed(
            f"试查来源“{bound.name}”的 {relation[:60]} 没有成功：{fault.message}",
            hint="请核对来源是否可达、表名和列名是否写对、账号是否可读。",
            fields={"relation": "试查没有成功，请核对表名和列名。"},
            table=table,
        ) from fault


@transaction.atomic
def end_route(table: str, *, officer: identity.Officer, at: datetime) -> RouteView:
    """结束直连: the table is published, and the platform's own copy answers from now on."""
    identity.require(officer, "exchange.council")
    row = SourceRoute.objects.select_for_update().filter(table=table, ended_at=None).first()
    if row is None:
        raise NoRoute(f"数据表 {table} 没有直连。", hint="请刷新页面。", table=table)
    if not is_published(table):
        raise TableNotPublished(
            f"数据表 {table} 还没有归集发布，结束直连后无法应答。",
            hint="请先归集发布；不再提供的，请撤回相关授权。",
            table=table,
        )
    row.ended_by, row.ended_at = officer.username, at
    row.save(update_fields=["ended_by", "ended_at"])
    _changed("exchange.route_ended", row, officer, at)
    return route_view(row)


def _changed(event: str, row: SourceRoute, officer: identity.Officer, at: datetime) -> None:
    """Every process judges the next call anew; what was kept of the old way is forgotten."""
    Grant.objects.filter(table=row.table).update(version=F("version") + 1)
    forget_kept()
    journal.record(
        event,
        subject=row.table,
        actor=officer.username,
        at=at,
        facts={"table": row.table, "source": row.source, "relation": row.relation},
    )
