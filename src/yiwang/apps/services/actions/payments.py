"""发放: a month's payments of a policy, made by one, checked by another, exported, taken back.

Nobody is paid twice for one period: the database refuses it. Who has no usable account is listed
as blocked; who failed is in the next batch of the same month again.
"""

import csv
import hashlib
import io
import re
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum

from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.frozen import FrozenPolicy, frozen_of
from yiwang.apps.services.matching import row_of
from yiwang.apps.services.models import Payment, PaymentBatch, PaymentLine, PolicyVersion
from yiwang.apps.services.queries import find_policy
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound

MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
HEAD = ("明细号", "身份号码", "账号", "金额", "所属期")
RESULT_HEAD = ("明细号", "结果", "说明")
MOST_RESULTS = 2_000_000
GOOD_ACCOUNT = "1"


class MonthMistyped(Invalid):
    """A month is written otherwise than 2026-11."""

    code = "services.month_mistyped"


class NobodyToPay(Conflict):
    """Everybody who may be paid in this month has been, or is in another batch."""

    code = "services.nobody_to_pay"


class BatchUnknown(NotFound):
    """No payment batch has this number."""

    code = "services.batch_unknown"


class BatchNotInState(Conflict):
    """The batch is not in the state that this step begins in."""

    code = "services.batch_not_in_state"


class OwnBatch(NotAllowed):
    """Whoever made a batch does not check it."""

    code = "services.own_batch"


class ResultsRefused(Invalid):
    """The returned file is of another shape, or names lines that are not the batch's."""

    code = "services.results_refused"


class BatchAltered(Conflict):
    """The lines are no longer those that were checked."""

    code = "services.batch_altered"


@dataclass(frozen=True)
class BatchView:
    """A payment batch with its counts."""

    id: int
    policy: str
    title: str
    organ: str
    month: str
    number: int
    state: str
    state_title: str
    made_by: str
    made_at: datetime
    checked_by: str
    checked_at: datetime | None
    note: str
    digest: str
    lines: int
    amount: Decimal
    by_state: dict[str, tuple[str, int, Decimal]]
    """State to title, lines and amount."""


@transaction.atomic
def make_batch(policy: str, *, month: str, officer: identity.Officer, at: datetime) -> BatchView:
    """编制发放清单: freeze who is paid what to which account in a month."""
    version = find_policy(policy)
    identity.require(officer, "services.pay", organ=version.organ)
    if not MONTH.fullmatch(month):
        raise MonthMistyped(f"月份“{month[:10]}”写法不对。", hint="写作 2026-11。")
    frozen = frozen_of(version)
    period = period_of(frozen, month)
    due = _due(policy, month, period)
    if not due:
        raise NobodyToPay(
            f"“{version.title}”{month} 没有待发放的人。",
            hint="都已编入清单或已发放；失败的已重新编入。",
        )
    number = PaymentBatch.objects.filter(policy=policy, month=month).count() + 1
    batch = PaymentBatch.objects.create(
        policy=policy,
        month=month,
        number=number,
        made_by=officer.username,
        made_at=at,
        digest="",
    )
    PaymentLine.objects.bulk_create(
        [_line(batch, one, frozen, period) for one in due], batch_size=1000
    )
    batch.digest = digest_of(batch)
    batch.save(update_fields=["digest"])
    _note("policy.batch_made", batch, officer, at)
    return batch_view(batch, version)


@transaction.atomic
def check_batch(
    batch: int, *, agree: bool, note: str, officer: identity.Officer, at: datetime
) -> BatchView:
    """复核: another officer agrees to the frozen lines, or discards the batch with a reason."""
    row, version = _found(batch, "services.check", officer)
    _require_state(row, "made")
    if row.made_by == officer.username:
        raise OwnBatch("编制人不能复核自己编制的清单。", hint="请另一位复核人员办理。")
    if digest_of(row) != row.digest:
        raise BatchAltered("清单与编制时不一致，不能复核。", hint="作废后重新编制，并通知审计。")
    row.checked_by, row.checked_at, row.note = officer.username, at, note.strip()[:500]
    row.state = PaymentBatch.State.CHECKED if agree else PaymentBatch.State.DISCARDED
    row.save(update_fields=["checked_by", "checked_at", "note", "state"])
    if not agree:
        row.lines.filter(state="waiting").update(state="void", result="清单作废")
    _note("policy.batch_checked" if agree else "policy.batch_discarded", row, officer, at)
    return batch_view(row, version)


@transaction.atomic
def export_batch(batch: int, *, officer: identity.Officer, at: datetime) -> tuple[str, bytes]:
    """导出: the file for the bank; its name carries the digest of the lines. Again: the same."""
    row, _ = _found(batch, "services.check", officer)
    if row.state not in (PaymentBatch.State.CHECKED, PaymentBatch.State.EXPORTED):
        _require_state(row, "checked")
    if digest_of(row) != row.digest:
        raise BatchAltered("清单与复核时不一致，不能导出。", hint="作废后重新编制，并通知审计。")
    if row.state == PaymentBatch.State.CHECKED:
        row.state, row.exported_at = PaymentBatch.State.EXPORTED, at
        row.save(update_fields=["state", "exported_at"])
    _note("policy.batch_exported", row, officer, at)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for line in row.lines.filter(state="waiting").order_by("id"):
        writer.writerow((line.pk, line.subject, line.account, f"{line.amount:.2f}", line.period))
    name = f"{row.policy.replace('.', '-')}-{row.month}-{row.number}-{row.digest[:12]}.csv"
    return name, text.getvalue().encode("utf-8-sig")


@transaction.atomic
def take_results(
    batch: int, *, content: bytes, officer: identity.Officer, at: datetime
) -> BatchView:
    """回盘: take in what the bank paid and what it could not; failed lines may be paid again."""
    row, version = _found(batch, "services.pay", officer)
    _require_state(row, "exported")
    results = _results(content)
    waiting = {line.pk: line for line in row.lines.filter(state="waiting")}
    if strange := sorted(set(results) - set(waiting)):
        raise ResultsRefused(
            f"回盘文件有不属于本批次待发放明细的行：{strange[0]}。",
            hint="核对是否上传了别的批次的文件。",
        )
    if lacking := len(set(waiting) - set(results)):
        raise ResultsRefused(f"回盘文件缺 {lacking} 条明细的结果。", hint="请银行补齐后重新上传。")
    for number, (is_paid, why) in results.items():
        line = waiting[number]
        line.state = PaymentLine.State.PAID if is_paid else PaymentLine.State.FAILED
        line.result = why[:200]
    PaymentLine.objects.bulk_update(waiting.values(), ["state", "result"], batch_size=500)
    row.state, row.returned_at = PaymentBatch.State.RETURNED, at
    row.save(update_fields=["state", "returned_at"])
    _note("policy.batch_returned", row, officer, at)
    return batch_view(row, version)


def payment_batches(policy: str, *, officer: identity.Officer) -> list[BatchView]:
    """The batches of a policy, newest first; of all policies of the organ when empty."""
    identity.require(officer, "services.see")
    versions = {
        one.ref: one for one in PolicyVersion.objects.filter(is_current=True, organ=officer.organ)
    }
    rows = PaymentBatch.objects.filter(policy__in=versions).order_by("-id")
    if policy:
        rows = rows.filter(policy=policy)
    return [batch_view(row, versions[row.policy]) for row in rows[:100]]


def payment_batch(batch: int, *, officer: identity.Officer) -> BatchView:
    """One batch."""
    row, version = _found(batch, "services.see", officer, to_change=False)
    return batch_view(row, version)


def payment_lines(
    batch: int, *, officer: identity.Officer, state: str = "", offset: int = 0, limit: int = 50
) -> list[dict[str, Any]]:
    """The lines of a batch, with who and where; accounts by their last four digits."""
    row, _ = _found(batch, "services.see", officer, to_change=False)
    lines = row.lines.order_by("id")
    if state:
        lines = lines.filter(state=state)
    titles = dict(PaymentLine.State.choices)
    return [
        {
            "id": line.pk,
            "subject": line.subject,
            "division": line.division,
            "amount": line.amount,
            "period": line.period,
            "account": f"…{line.account[-4:]}" if line.account else "",
            "state": line.state,
            "state_title": titles[line.state],
            "result": line.result,
        }
        for line in lines[offset : offset + limit]
    ]


def period_of(frozen: FrozenPolicy, month: str) -> str:
    """What a payment in ``month`` is for: the month, the year, or once."""
    return {"month": month, "year": month[:4], "once": "once"}[frozen.policy.pays]


def digest_of(batch: PaymentBatch) -> str:
    """SHA-256 over what is paid to whom: the same as long as nobody changed a line."""
    total = hashlib.sha256()
    rows = batch.lines.order_by("id").values_list("id", "subject", "account", "amount", "period")
    for number, subject, account, amount, period in rows.iterator():
        total.update(f"{number},{subject},{account},{amount:.2f},{period}\n".encode())
    return total.hexdigest()


def batch_view(row: PaymentBatch, version: PolicyVersion) -> BatchView:
    """A batch's row as a value."""
    titles = dict(PaymentLine.State.choices)
    grouped = row.lines.values("state").annotate(lines=Count("id"), amount=Sum("amount"))
    by_state = {
        one["state"]: (titles[one["state"]], one["lines"], one["amount"])
        for one in grouped.order_by("state")
    }
    return BatchView(
        id=row.pk,
        policy=row.policy,
        title=version.title,
        organ=version.organ,
        month=row.month,
        number=row.number,
        state=row.state,
        state_title=row.get_state_display(),
        made_by=row.made_by,
        made_at=row.made_at,
        checked_by=row.checked_by,
        checked_at=row.checked_at,
        note=row.note,
        digest=row.digest,
        lines=sum(count for _, count, _ in by_state.values()),
        amount=sum((amount for _, _, amount in by_state.values()), Decimal(0)),
        by_state=by_state,
    )


def _due(policy: str, month: str, period: str) -> list[Payment]:
    """Who receives in a month and has neither been paid nor waits in a batch for the period."""
    done = PaymentLine.objects.filter(
        policy=policy, period=period, state__in=["waiting", "paid"]
    ).values_list("subject", flat=True)
    live = Payment.objects.filter(policy=policy, from_month__lte=month).order_by("id")
    live = live.select_related("stop")
    due: dict[str, Payment] = {}
    for one in live.exclude(subject__in=done):
        stop = getattr(one, "stop", None)
        if stop is None or month < stop.from_month:
            due.setdefault(one.subject, one)
    return list(due.values())


def _line(batch: PaymentBatch, one: Payment, frozen: FrozenPolicy, period: str) -> PaymentLine:
    row = row_of(frozen, one.subject) or {}
    account = str(row.get("account") or "")
    needs_account = "account" in frozen.columns
    is_good = bool(account) and row.get("account_status") in (GOOD_ACCOUNT, None)
    blocked = needs_account and not is_good
    return PaymentLine(
        batch=batch,
        payment=one,
        policy=one.policy,
        subject=one.subject,
        division=one.division,
        period=period,
        amount=one.amount,
        account="" if blocked else account,
        state="blocked" if blocked else "waiting",
        result="没有状态正常的账户" if blocked else "",
    )


def _results(content: bytes) -> dict[int, tuple[bool, str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ResultsRefused("回盘文件不是 UTF-8 文字。", hint="另存为 UTF-8 的 CSV。") from None
    with closing(io.StringIO(text, newline="")) as stream:
        lines = csv.reader(stream)
        if tuple(next(lines, [])) != RESULT_HEAD:
            raise ResultsRefused("回盘文件的表头不对。", hint=f"表头写：{','.join(RESULT_HEAD)}。")
        found: dict[int, tuple[bool, str]] = {}
        for cells in lines:
            if (
                len(cells) != len(RESULT_HEAD)
                or not cells[0].isdigit()
                or len(found) > MOST_RESULTS
            ):
                raise ResultsRefused(
                    f"回盘文件第 {lines.line_num} 行写法不对。",
                    hint="每行写：明细号,成功或失败,说明。",
                )
            if cells[1] not in ("成功", "失败") or int(cells[0]) in found:
                raise ResultsRefused(
                    f"回盘文件第 {lines.line_num} 行的结果不明或重复。",
                    hint="结果写成功或失败，每条明细一行。",
                )
            found[int(cells[0])] = (cells[1] == "成功", cells[2])
    return found


def _found(
    batch: int, right: str, officer: identity.Officer, *, to_change: bool = True
) -> tuple[PaymentBatch, PolicyVersion]:
    rows = PaymentBatch.objects.select_for_update() if to_change else PaymentBatch.objects
    row = rows.filter(pk=batch).first()
    if row is None:
        raise BatchUnknown(f"没有第 {batch} 号发放批次。", hint="请从发放清单进入。", batch=batch)
    version = find_policy(row.policy)
    identity.require(officer, right, organ=version.organ)
    return row, version


def _require_state(row: PaymentBatch, state: str) -> None:
    if row.state != state:
        wanted = dict(PaymentBatch.State.choices)[state]
        raise BatchNotInState(
            f"批次现在是“{row.get_state_display()}”，这一步要在“{wanted}”时办理。",
            hint="刷新页面查看最新状态。",
            state=row.state,
        )


def _note(act: str, row: PaymentBatch, officer: identity.Officer, at: datetime) -> None:
    journal.record(
        act,
        subject=row.policy,
        actor=officer.username,
        at=at,
        facts={"batch": row.pk, "month": row.month, "digest": row.digest},
    )
