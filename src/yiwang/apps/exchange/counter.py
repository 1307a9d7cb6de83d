"""The counter: calls are metered and journalled together, and their answers wait until both last.

One transaction and one journal block for all calls that arrived meanwhile (group commit). In that
transaction the grants' versions, the day's and the second's use, the numbers used once and the
retries are read again, so several gate processes share one exact quota, one rate and one memory
of replays, and none outlives a withdrawal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from yiwang.apps.exchange import writing
from yiwang.apps.exchange.drafts import Draft
from yiwang.apps.exchange.gate import Proof
from yiwang.apps.exchange.models import CallRecord, Nonce, Retry
from yiwang.apps.exchange.signatures import Signed
from yiwang.apps.exchange.writing import Uses
from yiwang.apps.journal import public as journal
from yiwang.kernel.ids import new_ids

RETRY_FOR = timedelta(days=1)
"""How long a caller may repeat a call under its token."""
FREE_REPEATS = 5
"""Repeats of one call that the day's quota leaves uncounted; later ones count as any call."""
_APART = 60
"""Seconds that gate processes' clocks may be apart; more, and a clock was set back."""
_FORGET_EVERY = timedelta(minutes=1)
_forgotten = [datetime(2000, 1, 1, tzinfo=UTC)]


def record(drafts: Sequence[Draft]) -> None:
    """Put judged calls on record; afterwards decisions are final, or ``is_stale`` is set."""
    with writing.in_few_rounds(), transaction.atomic():
        use = _mark_stale(drafts)
        fresh = [draft for draft in drafts if not draft.is_stale]
        if not fresh:
            return
        _demand_once(fresh)
        repeatable = _recognise_retries(fresh)
        _count(fresh, use)
        writing.insert(Retry, [row for draft, row in repeatable if draft.is_allowed])
        writing.insert(CallRecord, [_row(draft) for draft in fresh])
        _forget_old(fresh[0].at)
    entries = [_journal_entry(draft) for draft in fresh]
    for draft, entry in zip(fresh, entries[:], strict=True):
        if len(draft.subjects) > 1 and draft.is_allowed:
            entries += _looked_at(draft, entry)
    journal.append(entries)


def _mark_stale(drafts: Iterable[Draft]) -> Uses:
    """Find the calls judged on an old copy of their grant; returns what all grants have used."""
    places = {draft.place for draft in drafts if draft.held}
    if not places:
        return {}
    versions, use = writing.locked(places)
    for draft in drafts:
        if draft.held and versions.get(draft.held.grant_id) != draft.held.terms.version:
            draft.is_stale = True
    return use


def _demand_once(drafts: Sequence[Draft]) -> None:
    """A genuine signature is good for one call: its number is kept, the second is a replay."""
    genuine = [
        (d, d.signed, d.held.key_id)
        for d in drafts
        if d.held and isinstance(d.signed, Signed) and not d.proof.fault
    ]
    if not genuine:
        return
    known = set(
        Nonce.objects.filter(
            key__in={key for _, _, key in genuine}, nonce__in={one.nonce for _, one, _ in genuine}
        ).values_list("key_id", "nonce")
    )
    new = []
    for draft, signed, key in genuine:
        if (key, signed.nonce) in known:
            draft.proof = Proof("signed", "replayed")
            draft.refuse(draft.judged_again())
        else:
            known.add((key, signed.nonce))
            new.append({"key_id": key, "nonce": signed.nonce, "until": signed.until})
    writing.insert(Nonce, new)


def _recognise_retries(drafts: Sequence[Draft]) -> list[tuple[Draft, dict[str, Any]]]:
    """A call that says it is a retry is answered again, on record, and a few times uncounted.

    Returns the calls that came with a new token, to be remembered if they are answered.
    """
    asking = [(d, d.held.key_id) for d in drafts if d.held and d.call.retry and d.is_allowed]
    if not asking:
        return []
    now = drafts[0].at
    rows = Retry.objects.filter(
        key__in={key for _, key in asking},
        token__in={draft.call.retry for draft, _ in asking},
        until__gt=now,
    )
    known = {(row["key_id"], row["token"]): row for row in rows.values()}
    new = []
    for draft, key in asking:
        place, digest = (key, draft.call.retry), writing.digest_of_call(draft.call)
        row = known.get(place)
        if row is None:
            known[place] = {
                "key_id": key, "token": draft.call.retry, "digest": digest,
                "call": draft.number, "until": draft.at + RETRY_FOR, "times": 0,
            }  # fmt: skip
            new.append((draft, known[place]))
        elif row["digest"] == digest:
            row["times"] += 1
            draft.repeats, draft.is_free = row["call"], row["times"] <= FREE_REPEATS
            if draft.encode:
                draft.body = draft.encode(draft.answer())  # the answer says so
        else:
            draft.proof = replace(draft.proof, fault="reused")
            draft.refuse(draft.judged_again())
    for row in known.values():
        if "id" in row:
            Retry.objects.filter(pk=row["id"]).update(times=row["times"])
    Retry.objects.filter(until__lte=now).delete()
    return new


def _count(drafts: Sequence[Draft], use: Uses) -> None:
    """Count the allowed calls on their day and second; those beyond become refusals."""
    counted = [d for d in drafts if d.held and d.is_allowed]
    if not counted:
        return
    wanted, refused = {draft.place for draft in counted}, set()
    for draft in counted:
        assert draft.held is not None
        now, second = use.setdefault(draft.place, [0, 0, 0]), int(draft.at.timestamp())
        if not now[1] - _APART <= second <= now[1]:  # the latest second counts
            now[1], now[2] = second, 0
        terms = draft.held.terms
        is_free = draft.is_free and draft.repeats not in refused
        is_over = now[0] >= terms.quota_per_day and not is_free
        if is_over or now[2] >= terms.rate_per_second:
            fast = now[2] >= terms.rate_per_second
            used = now[0] if is_over else min(now[0], terms.quota_per_day - 1)
            draft.refuse(draft.judged_again(used=used, fast=fast))
            refused.add(draft.number)
            continue
        now[2] += 1
        if not is_free:
            now[0] += 1
            draft.used = now[0]
    writing.upsert_uses(
        [(grant, day, *use[grant, day]) for grant, day in wanted if (grant, day) in use]
    )


def _forget_old(at: datetime) -> None:
    if at - _forgotten[0] > _FORGET_EVERY:
        _forgotten[0] = at
        Nonce.objects.filter(until__lte=at).delete()


def _row(draft: Draft) -> dict[str, object]:
    held, call, decision = draft.held, draft.call, draft.verdict
    known = held.columns if held else {}
    is_allowed = decision.is_allowed
    columns = decision.columns if is_allowed else tuple(n for n in call.columns if n in known)
    return {
        "number": draft.number,
        "grant_id": held.grant_id if held else None,
        "organ": held.terms.organ if held else "",
        "table": held.terms.table if held else "",
        "columns": columns,
        "lookup": tuple(sorted([name for name in call.where if name in known])),
        "purpose": purpose_on_record(draft),
        "case": case_on_record(draft),
        "code": decision.code,
        "status": decision.status,
        "checks": () if is_allowed else [asdict(check) for check in decision.checks],
        "rows": len(draft.rows),
        "masked": draft.masked,
        "micros": draft.micros,
        "entry": draft.entry,
        "at": draft.at,
        "ended_at": draft.at + timedelta(microseconds=draft.micros),
        "form": call.shape,
        "system": held.terms.system if held else "",
        "bytes_in": call.size,
        "bytes_out": len(draft.body),
        "fault": draft.fault,
        "used": draft.used,
        "is_stale": bool(draft.stale),
        "repeats": draft.repeats,
        "mark": draft.mark[-8:],
    }


def purpose_on_record(draft: Draft) -> str:
    """Only a granted purpose is kept: free text from outside may hold a personal value."""
    held = draft.held
    return held.terms.purpose if held and draft.call.purpose == held.terms.purpose else ""


def case_on_record(draft: Draft) -> str:
    """The number of the case, unless it looks like the number of a person."""
    return "" if draft.verdict.code == "case_personal" else journal.shown(draft.call.case[:64])


def _journal_entry(draft: Draft) -> journal.Entry:
    held, subjects = draft.held, draft.subjects
    about = journal.shown(subjects[0]) if len(subjects) == 1 else ""
    return journal.Entry(
        id=draft.entry,
        at=draft.at,
        event="gate.answered" if draft.is_allowed else "gate.refused",
        subject=about or (held.terms.table if held else ""),
        actor=f"{held.terms.organ}/{held.shown}" if held else "",
        purpose=purpose_on_record(draft),
        case=case_on_record(draft),
        facts={
            "call": draft.number,
            "grant": held.terms.number if held else "",
            "organ": held.terms.organ if held else "",
            "table": held.terms.table if held else "",
            "columns": ",".join(draft.verdict.columns),
            "code": draft.verdict.code,
            "rows": len(draft.rows),
        },
    )


def _looked_at(draft: Draft, entry: journal.Entry) -> list[journal.Entry]:
    """One entry for each of several persons found, so that each finds it and watchers count it."""
    return [
        msgspec.structs.replace(entry, id=name, event="gate.looked_at", subject=journal.shown(one))
        for name, one in zip(new_ids(len(draft.subjects)), draft.subjects, strict=True)
    ]
