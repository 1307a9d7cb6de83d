"""Standards as they are on a day, their changes, and files of them to take away."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import msgspec
import yaml

from yiwang.apps.catalog.impact import Dependent, impact_of
from yiwang.apps.catalog.models import Register, RegisterEntry, StandardChange
from yiwang.apps.catalog.models.periods import in_force
from yiwang.apps.catalog.queries.datasets import DatasetView
from yiwang.apps.catalog.queries.registers import RegisterUnknown
from yiwang.apps.catalog.workbooks import table
from yiwang.kernel.errors import Invalid, NotFound
from yiwang.lake import FeedPlan
from yiwang.packkit.standard_rules import ELEMENTS, Element, element_of


class ContractMalformed(Invalid):
    """A data contract is not YAML of the Open Data Contract Standard, version 3."""

    code = "catalog.contract_malformed"


class ChangeUnknown(NotFound):
    """There is no such change of a standard."""

    code = "catalog.change_unknown"


@dataclass(frozen=True)
class ChangeLine:
    """One entry before and after; None: it did not or will not exist."""

    key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True)
class ChangeView:
    """标准变更 with what depends on the standard: as it was when published, else as it is now."""

    number: str
    register: str
    reason: str
    lines: tuple[ChangeLine, ...]
    impact: tuple[Dependent, ...]
    effective_on: date
    state: str
    state_title: str
    proposed_at: datetime
    proposed_by: str
    decided_at: datetime | None
    decided_by: str


def entries_at(ref: str, *, at: datetime) -> list[dict[str, Any]]:
    """The entries of a register in force at an instant, by key."""
    rows = RegisterEntry.objects.filter(in_force(at), register__ref=ref)
    return list(rows.order_by("key").values_list("values", flat=True))


def plan_in_force(plan: FeedPlan, *, at: datetime) -> FeedPlan:
    """A feed's plan with the code tables as they are in force, where changes were published."""
    changed = set(
        RegisterEntry.objects.filter(register__ref__in=plan.codes)
        .exclude(begun_by="", ended_by="")
        .values_list("register__ref", flat=True)
    )
    if not changed:
        return plan
    rows = RegisterEntry.objects.filter(in_force(at), register__ref__in=changed)
    codes: dict[str, set[str]] = {ref: set() for ref in changed}
    for ref, key in rows.values_list("register__ref", "key"):
        codes[ref].add(key)
    fresh = {ref: frozenset(keys) for ref, keys in codes.items()}
    return replace(plan, codes={**plan.codes, **fresh})


def elements_in_force(*, at: datetime) -> dict[str, Element] | None:
    """What each standard element asks of a value; None where people changed none of them."""
    rows = RegisterEntry.objects.filter(register__ref=ELEMENTS)
    if not rows.exclude(begun_by="", ended_by="").exists():
        return None
    found = rows.filter(in_force(at)).values_list("key", "values")
    return {key: element_of(values) for key, values in found}


def change_row(number: str) -> StandardChange:
    """The change of this number, or ``ChangeUnknown``."""
    row = StandardChange.objects.filter(number=number).first()
    if row is None:
        raise ChangeUnknown(f"没有标准变更“{number}”。", hint="请查看名录的变更记录。")
    return row


def standard_change(number: str) -> ChangeView:
    """One change; while proposed, with what depends on the standard now."""
    return _view(change_row(number), with_impact=True)


def standard_changes(register: str = "") -> list[ChangeView]:
    """Changes, newest first, of one register or of all."""
    rows = StandardChange.objects.order_by("-id")
    rows = rows.filter(register=register) if register else rows
    return [_view(row, with_impact=False) for row in rows[:100]]


def _view(row: StandardChange, *, with_impact: bool) -> ChangeView:
    impact = tuple(Dependent(**one) for one in row.impact)
    if with_impact and row.state == "proposed":
        impact = impact_of(row.register, [line["key"] for line in row.lines])
    return ChangeView(
        row.number,
        row.register,
        row.reason,
        tuple(ChangeLine(**line) for line in row.lines),
        impact,
        row.effective_on,
        row.state,
        row.get_state_display(),
        row.proposed_at,
        row.proposed_by,
        row.decided_at,
        row.decided_by,
    )


def versions_of(ref: str) -> list[datetime]:
    """The instants at which a register changed, newest first: its versions."""
    rows = RegisterEntry.objects.filter(register__ref=ref)
    begun = rows.values_list("active_from", flat=True).distinct()
    ended = rows.exclude(active_until=None).values_list("active_until", flat=True).distinct()
    return sorted({*begun, *(one for one in ended if one is not None)}, reverse=True)


def register_file(ref: str, form: str, *, at: datetime) -> bytes:
    """A register in force as ``xlsx`` or ``json``, as ``propose_from_file`` reads it."""
    row = Register.objects.filter(ref=ref).first()
    if row is None:
        raise RegisterUnknown(f"没有名录“{ref}”。", hint="请查看名录清单。", ref=ref)
    entries = entries_at(ref, at=at)
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(entries), indent=1)
    head = list(row.columns.values())
    return table(row.title, head, ([one.get(name) for name in row.columns] for one in entries))


_ODCS_TYPES = {
    "text": "string",
    "integer": "integer",
    "decimal": "number",
    "boolean": "boolean",
    "date": "date",
    "instant": "timestamp",
    "json": "object",
}


def odcs_contract(dataset: DatasetView, *, organ: str) -> str:
    """The data contract of a table: Open Data Contract Standard v3, as YAML."""
    contract = {
        "apiVersion": "v3.0.2",
        "kind": "DataContract",
        "id": dataset.ref,
        "name": dataset.title,
        "version": f"{dataset.active_from:%Y%m%d}.0.0",
        "status": "active" if dataset.active_until is None else "retired",
        "domain": dataset.ref.partition(".")[0],
        "dataProduct": organ,
        "description": {"purpose": dataset.description or dataset.title},
        "schema": [
            {
                "name": dataset.ref,
                "businessName": dataset.title,
                "logicalType": "object",
                "physicalType": "table",
                "properties": [_property(dataset, one) for one in dataset.column_views],
            }
        ],
        "slaProperties": [{"property": "frequency", "value": dataset.cycle}]
        if dataset.cycle
        else [],
    }
    return yaml.safe_dump(contract, allow_unicode=True, sort_keys=False)


def _property(dataset: DatasetView, column: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": column.name,
        "businessName": column.title,
        "logicalType": _ODCS_TYPES[column.type],
        "required": column.is_required,
        "primaryKey": column.name in dataset.key,
        "classification": f"{column.grade}级",
    }
    if column.name in dataset.key:
        found["primaryKeyPosition"] = dataset.key.index(column.name) + 1
    if column.element:
        found["authoritativeDefinitions"] = [
            {"type": "businessDefinition", "url": f"urn:yiwang:element:{column.element}"}
        ]
    if column.codes:
        found["quality"] = [{"type": "text", "description": f"取值在代码表 {column.codes} 中"}]
    return found


def read_contract(text: str) -> dict[str, Any]:
    """What an entry of the data list takes from a contract: title, abstract, 信息项."""
    try:
        contract = yaml.safe_load(text)
        schema = contract["schema"][0]
        properties = schema["properties"]
        types = {"string": "C", "integer": "I", "number": "N", "boolean": "L", "date": "D"}
        purpose = (contract.get("description") or {}).get("purpose", "")
        items = [
            {
                "title": str(one.get("businessName") or one["name"]),
                "type": types.get(str(one.get("logicalType")), "C"),
                "name": str(one["name"]),
            }
            for one in properties
        ]
        title = contract.get("name") or schema.get("businessName") or schema["name"]
        return {"title": str(title), "abstract": str(purpose), "items": items}
    except (yaml.YAMLError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise ContractMalformed(
            "数据契约读不了：应为 ODCS v3 的 YAML，含 schema 和 properties。",
            hint="可先导出一张表的契约作样板。",
        ) from error
