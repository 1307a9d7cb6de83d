"""A demand and its decision."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from yiwang import rules
from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.actions.notes import note
from yiwang.apps.exchange.models import Demand, Grant, SourceRoute
from yiwang.apps.exchange.queries.demands import DemandView, demand_row, demand_view
from yiwang.apps.exchange.queries.grants import GrantView, grant_view
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.packkit.kinds.resources import Grant as PackGrant

FLOWS = {
    "unconditional": "base.data_demand_unconditional",
    "conditional": "base.data_demand",
}
"""The flow of a demand by the share attribute of the table: its clocks differ."""

STATES = {
    "answer": Demand.State.WAITING,
    "supplement": Demand.State.WAITING,
    "contest": Demand.State.REFUSED,
    "refused": Demand.State.REFUSED,
    "deliver": Demand.State.AGREED,
    "confirm": Demand.State.AGREED,
    "granted": Demand.State.AGREED,
    "withdrawn": Demand.State.WITHDRAWN,
}
"""Where a case stands, and what that says of its demand. Before the council it stays as it was."""

EVENT_OF = {
    Demand.State.AGREED: "exchange.demand_agreed",
    Demand.State.REFUSED: "exchange.demand_refused",
    Demand.State.WITHDRAWN: "exchange.demand_withdrawn",
}


class DemandMalformed(Invalid):
    """A demand asks for what the catalogue does not offer, or says too little."""

    code = "exchange.demand_malformed"


class DemandAlreadyDecided(Conflict):
    """The demand was decided before."""

    code = "exchange.demand_already_decided"


class DemandWaiting(Conflict):
    """The organ has asked for these fields for this purpose, and waits for the answer."""

    code = "exchange.demand_waiting"


class TableNotPublished(Conflict):
    """The platform does not hold the table yet, so nothing can be delivered."""

    code = "exchange.table_not_published"


@dataclass(frozen=True)
class Bounds:
    """How far a grant reaches; the defaults are what a modest system needs."""

    lookup: tuple[str, ...] = ()
    rows: str = ""
    clear: tuple[str, ...] = ()
    quota_per_day: int = 1000
    rate_per_second: int = 20
    valid_days: int = 365
    max_grade: int = 3
    system: str = ""
    assurance: str = "key"
    stale_minutes: int = 0
    smallest_group: int = 10
    target: str = ""


def bounds_of(stored: Mapping[str, Any]) -> Bounds:
    """The bounds as they were stored with a demand or a part of a list; lists become tuples."""
    found = {name: stored[name] for name in Bounds.__match_args__ if name in stored}
    values: dict[str, Any] = {
        name: tuple(one) if isinstance(one, list) else one for name, one in found.items()
    }
    return Bounds(**values)


@transaction.atomic
def open_demand(
    *,
    table: str,
    columns: Sequence[str],
    purpose: str,
    basis: str,
    officer: identity.Officer,
    at: datetime,
    bounds: Bounds | None = None,
) -> DemandView:
    """提出数据需求: ask the provider for columns of a table; its working-day clock starts."""
    identity.require(officer, "exchange.demand")
    bounds = bounds or Bounds()
    dataset = catalog.dataset(table)
    check_demand(dataset, tuple(columns), purpose, basis, bounds)
    require_new(officer.organ, table, columns, purpose)
    case = _opened_case(dataset, columns, purpose, officer, at)
    bounded = asdict(bounds)
    row = Demand.objects.create(
        number=case.number,
        case=case.number,
        organ=officer.organ,
        provider=dataset.organ,
        table=table,
        columns=list(columns),
        purpose=purpose,
        basis=basis,
        state=Demand.State.WAITING,
        opened_by=officer.username,
        opened_at=at,
        due_at=case.due_at,
        **{name: stored(one) for name, one in bounded.items()},
    )
    note("exchange.demand_opened", row, officer.username, at)
    return demand_view(row)


def stored(value: Any) -> Any:
    """As a JSON column keeps it."""
    return list(value) if isinstance(value, tuple) else value


def require_new(
    organ: str, table: str, columns: Sequence[str], purpose: str, *, but: str = ""
) -> None:
    """Raise ``DemandWaiting`` where another demand, not ``but``, waits for the same."""
    waiting = Demand.objects.filter(
        organ=organ, table=table, purpose=purpose, state=Demand.State.WAITING
    ).exclude(number=but)
    for row in waiting:
        if set(columns) <= set(row.columns):
            raise DemandWaiting(
                f"本机构为同一用途申请这些字段的需求 {row.number} 正等待答复。",
                hint="不必重复提出；要增加字段的，请写明新的字段或用途。",
                number=row.number,
            )


def _opened_case(
    dataset: catalog.DatasetView,
    columns: Sequence[str],
    purpose: str,
    officer: identity.Officer,
    at: datetime,
) -> casework.CaseView:
    """The case on which the demand rides: it waits for the data officer of the providing organ."""
    return casework.open_case(
        flow=FLOWS[dataset.share],
        subject=dataset.ref,
        title=f"申请共享：{dataset.title}（{purpose}）",
        organ=dataset.organ,
        division=identity.organ(dataset.organ).division,
        facts={
            "table": f"{dataset.title}（{dataset.ref}）",
            "columns": [one.title for one in dataset.column_views if one.name in columns],
            "to": identity.organ(officer.organ).title,
        },
        parties={"demander": officer.organ},
        limit=_whole_limit(dataset, local_date(at)),
        actor=officer.username,
        at=at,
    )


def _whole_limit(dataset: catalog.DatasetView, day: date) -> str:
    """The whole clock of a demand; a table that must first be connected has the delivery's too."""
    whole = catalog.time_limit(f"demand.whole.{dataset.share}", on=day)
    deliver = "" if is_answered(dataset.ref) else catalog.time_limit("demand.deliver", on=day)
    if not (whole.endswith("wd") and deliver.endswith("wd")):
        return whole
    return f"{int(whole[:-2]) + int(deliver[:-2])}wd"


def demand_from_pack(
    grant: PackGrant, *, officer: identity.Officer, at: datetime, basis: str = ""
) -> DemandView:
    """提出场景包所需的数据需求: what a pack asks for binds once the provider agrees.

    ``basis`` is the text of the pack's basis, which the grant names by its id only.
    """
    return open_demand(
        table=grant.table,
        columns=grant.columns,
        purpose=grant.purpose,
        basis=basis or grant.basis,
        officer=officer,
        at=at,
        bounds=Bounds(
            lookup=grant.lookup,
            rows=grant.rows,
            clear=grant.clear,
            quota_per_day=grant.quota_per_day,
            rate_per_second=grant.rate_per_second,
            valid_days=_days(grant.valid),
            max_grade=grant.max_grade,
        ),
    )


def _days(valid: str) -> int:
    if not valid.endswith("d") or not valid[:-1].isdigit():
        raise DemandMalformed(
            f"授权期限“{valid}”不是自然日。", hint="请写成如 365d 的自然日数。", valid=valid
        )
    return int(valid[:-1])


def check_demand(
    dataset: catalog.DatasetView,
    columns: tuple[str, ...],
    purpose: str,
    basis: str,
    bounds: Bounds,
) -> None:
    """Refuse what could never be granted, before anybody has to read it."""
    known = {column.name: column for column in dataset.column_views}
    asked = {*columns, *bounds.lookup, *bounds.clear}
    high = [name for name in columns if name in known and known[name].grade > bounds.max_grade]
    DemandMalformed.unless(
        (dataset.kind == "table", "", "只能申请已发布的共享表。"),
        (dataset.share != "none", "", "这张表不予共享。"),
        (bool(columns), "columns", "至少选择一个字段。"),
        (len(set(columns)) == len(columns), "columns", "字段重复。"),
        (
            asked <= known.keys(),
            "columns",
            f"目录中没有字段：{'、'.join(sorted(asked - known.keys()))}。",
        ),
        (set(bounds.clear) <= set(columns), "clear", "不脱敏的字段必须是所申请的字段。"),
        (not high, "columns", f"字段 {'、'.join(high)} 的级别高于所申请的最高级别。"),
        (0 < len(purpose.strip()) <= 200, "purpose", "请写明用途（不超过 200 字）。"),
        (0 < len(basis.strip()) <= 300, "basis", "请写明法律依据（不超过 300 字）。"),
        (
            bounds.quota_per_day > 0 and bounds.rate_per_second > 0,
            "quota_per_day",
            "配额和频率应大于零。",
        ),
        (0 < bounds.valid_days <= 3 * 366, "valid_days", "授权期限应在三年以内。"),
        (bounds.assurance in ("key", "signed"), "assurance", "调用凭据只能是密钥或签名。"),
        (5 <= bounds.smallest_group <= 10_000, "", "最小群组应为 5 至 10000 行。"),
        (bounds.stale_minutes <= 7 * 24 * 60, "stale_minutes", "旧副本最多可用七天。"),
        table=dataset.ref,
    )
    if bounds.rows:
        rules.parse(bounds.rows, columns=catalog.types_of(dataset.ref))


@transaction.atomic
def decide_demand(
    number: str, *, agree: bool, reason: str, officer: identity.Officer, at: datetime
) -> GrantView | None:
    """答复数据需求: the provider agrees or refuses with a reason.

    Where the platform holds the table, a grant is in force at once and the demander confirms that
    it is of use; else the platform delivers first (``deliver_demand``) and None is returned.
    """
    row = demand_row(number, lock=True)
    identity.require(officer, "exchange.decide", organ=row.provider)
    if row.state != Demand.State.WAITING:
        raise DemandAlreadyDecided(
            f"数据需求 {number} 已审定：{row.get_state_display()}。",
            hint="如需变更，请另提需求或撤回授权。",
            number=number,
        )
    DemandMalformed.unless(
        (agree or bool(reason.strip()), "reason", "不同意共享时应当说明理由。"), number=number
    )
    case = casework.act(
        number=row.case,
        verb="approve" if agree else "refuse",
        to=("confirm" if is_answered(row.table) else "deliver") if agree else "",
        officer=officer,
        at=at,
        reason=reason,
    )
    grant = settle_demand(row, case.step, by=officer.username, at=at, reason=reason)
    return grant_view(grant) if grant else None


def settle_demand(
    row: Demand, step: str, *, by: str, at: datetime, reason: str = ""
) -> Grant | None:
    """Let a demand say what the step of its case says; to be confirmed, it has its grant."""
    grant, state = Grant.objects.filter(demand=row).first(), Demand.State(STATES[step])
    if grant and state != Demand.State.AGREED:
        raise DemandAlreadyDecided(
            f"数据需求 {row.number} 已有授权 {grant.number}，不能再改为“{state.label}”。",
            hint="如需变更，请撤回授权。",
            number=row.number,
        )
    if row.state != state:
        is_open = state == Demand.State.WAITING
        row.state, row.reason = state, reason.strip()[:500]
        row.decided_by, row.decided_at = (None, None) if is_open else (by, at)
        row.save(update_fields=["state", "decided_by", "decided_at", "reason"])
        if state in EVENT_OF:
            note(EVENT_OF[state], row, by, at)
    if grant is None and step == "confirm":
        require_answered(row.table)
        grant = granted(row, at)
    return grant


def is_published(table: str) -> bool:
    """Whether the platform holds the table now."""
    return table in catalog.lake().tables()


def is_answered(table: str) -> bool:
    """Whether calls would be answered now: by the platform's copy or by the provider's database."""
    return is_published(table) or SourceRoute.objects.filter(table=table, ended_at=None).exists()


def require_answered(table: str) -> None:
    """Raise ``TableNotPublished`` for a table of which no call would be answered."""
    if not is_answered(table):
        raise TableNotPublished(
            f"数据表 {table} 还没有归集发布，也没有直连。",
            hint="请先接入并发布，或设定直连，再办理提供。",
            table=table,
        )


def granted(demand: Demand, at: datetime) -> Grant:
    """The grant that an agreed demand brings, in force from now on."""
    copied = (
        "organ provider table columns lookup clear rows purpose basis "
        "quota_per_day rate_per_second max_grade system assurance stale_minutes "
        "smallest_group target"
    ).split()
    grant = Grant.objects.create(
        number=f"SQ{demand.number}",
        demand=demand,
        active_from=at,
        active_until=at + timedelta(days=demand.valid_days),
        **{name: getattr(demand, name) for name in copied},
    )
    catalog.wish_lookup(grant.table, grant.lookup)
    return grant
