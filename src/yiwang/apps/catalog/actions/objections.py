"""异议: object to a value, answer as its source, check the answer, conclude what was decided."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog.models import Correction, Objection, Objector
from yiwang.apps.catalog.queries.columns import ColumnView, subject_column
from yiwang.apps.catalog.queries.datasets import DatasetView, dataset
from yiwang.apps.catalog.queries.limits import time_limit
from yiwang.apps.catalog.queries.objections import (
    ObjectionUnknown,
    ObjectionView,
    objection,
    objection_view,
)
from yiwang.apps.catalog.queries.origins import Origin, origin_of
from yiwang.apps.catalog.queries.registers import code_of
from yiwang.apps.catalog.serving import lake
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Invalid, NotAllowed, NotFound
from yiwang.lake import as_stored
from yiwang.lake.store import TableUnknown

FLOW = "base.objection"
Source = Literal["citizen", "window", "organ", "reconciliation"]


class ObjectionMalformed(Invalid):
    """An objection names no value that could be wrong, or says too little."""

    code = "catalog.objection_malformed"


class NotOwnValue(NotAllowed):
    """A person or firm objects to a value that is not about them."""

    code = "catalog.not_own_value"


class RowUnknown(NotFound):
    """The table has no row with this key."""

    code = "catalog.row_unknown"


@dataclass(frozen=True)
class _Contested:
    """The value that is contested, found and described."""

    dataset: DatasetView
    column: ColumnView
    key: dict[str, str]
    row: Mapping[str, Any]
    claimed: str
    origin: Origin


@transaction.atomic
def object_to(
    table: str,
    *,
    key: str | Mapping[str, str],
    column: str,
    claimed: str,
    reason: str,
    by: identity.Actor | str,
    at: datetime,
    source: Source,
    organ: str = "",
    subject: str = "",
    reference: str = "",
    against: str = "",
) -> str:
    """提出异议: say that a value is wrong; returns the number of the case at its source.

    ``key`` is the row's key (a text where the key is one column). ``organ`` objects: by default
    the officer's; a window objects for ``subject``. ``reference`` is the call or case in which
    the value was seen. ``against`` answers, where somebody knows better than the lineage. Whoever
    objects to a value that is already contested joins that case.
    """
    _require_objecting(by)
    contested = _contested(table, key, column, claimed, reason)
    _require_own(by, contested)
    row = _open_one(contested) or _opened(
        contested, reason, by=by, at=at, subject=subject, against=against
    )
    Objector.objects.create(
        objection=row,
        source=source,
        claimed=contested.claimed,
        reason=reason.strip(),
        reference=reference[:64],
        at=at,
        **_voice(by, organ, subject),
    )
    _note("catalog.objected", row, _acting(by), at, source=source)
    return row.number


def _open_one(contested: _Contested) -> Objection | None:
    """The objection that is open about this value already."""
    same = Objection.objects.filter(
        table=contested.dataset.ref,
        key_digest=_digest(contested.key),
        column=contested.column.name,
        state="waiting",
    )
    return same.select_for_update().first()


def _voice(by: identity.Actor | str, organ: str, subject: str) -> dict[str, str]:
    """For which organ or subject somebody objects."""
    if isinstance(by, str):
        return {"organ": organ, "subject": subject, "username": by}
    if isinstance(by, identity.Applicant):
        return {"organ": organ, "subject": by.subject, "username": by.username}
    return {"organ": organ or by.organ, "subject": subject, "username": by.username}


def _acting(by: identity.Actor | str) -> str:
    if isinstance(by, identity.Applicant):
        return by.subject
    return by if isinstance(by, str) else by.username


def _require_objecting(by: identity.Actor | str) -> None:
    if isinstance(by, identity.Officer):
        identity.require(by, "catalog.object")


def _require_own(by: identity.Actor | str, contested: _Contested) -> None:
    if not isinstance(by, identity.Applicant):
        return
    about = subject_column(contested.dataset.ref)
    if not about or str(contested.row.get(about) or "").upper() != by.subject.upper():
        raise NotOwnValue("只能对本人（本企业）的数据提出异议。", hint="代他人提出请到窗口办理。")


def _contested(
    table: str, key: str | Mapping[str, str], column: str, claimed: str, reason: str
) -> _Contested:
    described = dataset(table)
    columns = {one.name: one for one in described.column_views}
    given = {described.key[0]: key} if isinstance(key, str) and described.key else dict(key)  # type: ignore[arg-type]
    clean = {name: str(value).strip() for name, value in given.items()}
    ObjectionMalformed.unless(
        (column in columns, "column", f"{described.title}没有字段 {column}。"),
        (
            set(clean) == set(described.key) and all(clean.values()),
            f"key-{described.key[0]}",
            "请把用来找到这一行的项填全。",
        ),
        (
            column not in described.key,
            "column",
            "主键本身有误请联系来源机构，不能作为字段异议提出。",
        ),
        (bool(claimed.strip()), "claimed", "请填写您认为正确的值。"),
        (5 <= len(reason.strip()) <= 500, "reason", "请说明理由（5 至 500 字）。"),
        table=table,
    )
    value = _checked(claimed.strip(), columns[column])
    row = _row(described, clean)
    if _text(row.get(column)) == value:
        raise ObjectionMalformed(
            f"“{columns[column].title}”现在的值与您填写的相同。", hint="请核对后再提出。"
        )
    origin = origin_of(described, column, clean)
    return _Contested(described, columns[column], clean, row, value, origin)


def _checked(claimed: str, column: ColumnView) -> str:
    """The claimed value in the form in which the lake keeps it."""
    if column.codes:
        if code := code_of(column.codes, claimed):
            return code
        raise ObjectionMalformed(
            f"“{column.title}”只能取代码表中的值。", hint="请从列表中选择。", column=column.name
        )
    return _text(as_stored(claimed, column.type))  # type: ignore[arg-type]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _row(described: DatasetView, key: Mapping[str, str]) -> Mapping[str, Any]:
    """The row as the lake holds it now, read by key from the latest snapshot."""
    pack, _, name = described.ref.partition(".")
    columns = ", ".join(f'"{one.name}"' for one in described.column_views)
    where = " AND ".join(f'UPPER(CAST("{column}" AS VARCHAR)) = UPPER(${column})' for column in key)
    sql = f'SELECT {columns} FROM "{pack}"."{name}" WHERE {where}'  # noqa: S608 - names come from the catalogue
    try:
        found = lake().rows(sql, values=key, limit=2)
    except TableUnknown:
        found = []
    if not found:
        raise RowUnknown(
            f"{described.title}中没有这一行。", hint="请核对主键。", table=described.ref
        )
    return found[0]


def _opened(
    contested: _Contested,
    reason: str,
    *,
    by: identity.Actor | str,
    at: datetime,
    subject: str,
    against: str,
) -> Objection:
    described, column = contested.dataset, contested.column
    provider = against or contested.origin.organ
    applicant = by.subject if isinstance(by, identity.Applicant) else subject
    case = _opened_case(contested, provider, by=by, at=at, applicant=applicant)
    return Objection.objects.create(
        number=case.number,
        table=described.ref,
        key=contested.key,
        key_digest=_digest(contested.key),
        column=column.name,
        about=_text(contested.row.get(subject_column(described.ref))).upper()[:18],
        found=_text(contested.row.get(column.name)),
        claimed=contested.claimed,
        reason=reason.strip(),
        provider=provider,
        feed=contested.origin.feed,
        feed_key=contested.origin.key,
        feed_column=contested.origin.column,
        opened_at=at,
        due_at=case.due_at,
    )


def _opened_case(
    contested: _Contested,
    provider: str,
    *,
    by: identity.Actor | str,
    at: datetime,
    applicant: str,
) -> casework.CaseView:
    """The case at the source; the objector's own where a person or firm objects."""
    described, column = contested.dataset, contested.column
    return casework.open_case(
        flow=FLOW,
        subject=applicant or described.ref,
        title=f"数据异议：{described.title}·{column.title}",
        organ=provider,
        division=identity.organ(provider).division,
        facts={"table": described.ref, "column": column.name},
        actor=by if isinstance(by, identity.Applicant | str) else by.username,
        at=at,
        applicant=applicant,
        limit=time_limit("objection.whole", on=local_date(at)),
    )


def _digest(key: Mapping[str, str]) -> str:
    canonical = json.dumps({k: v.upper() for k, v in key.items()}, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


@transaction.atomic
def answer_objection(
    number: str,
    *,
    agrees: bool,
    officer: identity.Officer,
    at: datetime,
    value: str = "",
    reason: str = "",
) -> ObjectionView:
    """答复异议: the source says that the value is wrong, and what it is, or that it stands."""
    objection(number, actor=officer)
    row = _locked(number)
    if agrees and value.strip():
        columns = {one.name: one for one in dataset(row.table).column_views}
        row.answered = _checked(value.strip(), columns[row.column])
    elif agrees:
        row.answered = row.claimed
    else:
        row.answered = ""
    casework.act(
        number=number,
        verb="handle" if agrees else "refuse",
        officer=officer,
        at=at,
        reason=reason,
    )
    row.save(update_fields=["answered"])
    return objection_view(row, officer)


@transaction.atomic
def check_objection(
    number: str,
    *,
    verdict: Literal["corrected", "kept", "again"],
    officer: identity.Officer,
    at: datetime,
    reason: str = "",
) -> ObjectionView:
    """核对异议: the bureau lets the correction through, keeps the value, or asks again."""
    objection(number, actor=officer)
    verbs: dict[str, Any] = {"corrected": "close", "kept": "deny", "again": "return"}
    case = casework.act(number=number, verb=verbs[verdict], officer=officer, at=at, reason=reason)
    conclude_objection(case, at=at)
    return objection_view(_locked(number), officer)


@transaction.atomic
def withdraw_objection(
    number: str, *, applicant: identity.Applicant, at: datetime, reason: str = ""
) -> ObjectionView:
    """撤回异议: whoever raised it takes it back before the source has answered."""
    objection(number, actor=applicant)
    case = casework.act(number=number, verb="withdraw", officer=applicant, at=at, reason=reason)
    conclude_objection(case, at=at)
    return objection_view(_locked(number), applicant)


@transaction.atomic
def conclude_objection(case: casework.CaseView, *, at: datetime) -> bool:
    """Take over what an ended case decided; whether a correction has to be carried now.

    Whoever ends such a case on another page calls this too; done once, it changes nothing more.
    """
    if case.flow != FLOW or case.state != "ended":
        return False
    row = _locked(case.number)
    if row.state != Objection.State.WAITING:
        return False
    row.state, row.decided_at = case.step, at
    row.save(update_fields=["state", "decided_at"])
    _note(f"catalog.objection_{row.state}", row, row.provider, at)
    if row.state != Objection.State.CORRECTED:
        return False
    Correction.objects.create(
        objection=row,
        feed=row.feed,
        key=row.feed_key,
        column=row.feed_column,
        value=row.answered or row.claimed,
        decided_at=at,
    )
    return True


def _locked(number: str) -> Objection:
    row = Objection.objects.select_for_update(of=("self",)).filter(number=number).first()
    if row is None:
        raise ObjectionUnknown(f"没有异议 {number}。", hint="请核对编号。", number=number)
    return row


def _note(event: str, row: Objection, actor: str, at: datetime, **facts: str) -> None:
    told = {"table": row.table, "column": row.column, "provider": row.provider, **facts}
    journal.record(event, subject=row.number, actor=actor, at=at, case=row.number, facts=told)
