"""Where the rows of allowed calls come from: the serving copy, a page of the lake, the source."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from yiwang import rules
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.drafts import Draft
from yiwang.apps.exchange.gate import COMPARED, PAGE, Decision
from yiwang.apps.exchange.holding import Held
from yiwang.apps.exchange.sourcing import AtSource
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Unavailable, YiwangError
from yiwang.lake import Selection


class PagesNotAtSource(Unavailable):
    """Many rows were asked of a table that is not collected yet."""

    code = "exchange.pages_not_at_source"


AT_ONCE = 500
"""The most keys in one question to a serving copy."""
READ_FOR_BATCH = 10 * PAGE
"""The most rows read for one batch before the grant's row filter."""


def fetch(drafts: Sequence[Draft]) -> None:
    """The rows of allowed calls of one grant and one form, filtered by the grant, unmasked."""
    held = drafts[0].held
    assert held is not None
    shape = drafts[0].call.shape
    if shape != "lookup":
        how = {"page": _page, "batch": _batch}.get(shape, _demand_ready)
        for draft in drafts:
            _guarded(draft, held, how)
        return
    try:
        _looked_up_together(drafts, held)
    except YiwangError:
        for draft in drafts:  # one key that cannot be looked up must not fail the others
            _guarded(draft, held, _looked_up_alone)


def _guarded(draft: Draft, held: Held, how: Any) -> None:
    try:
        how(draft, held)
    except YiwangError as error:
        draft.fault = error.code
        draft.refuse(unavailable(draft, error))


def unavailable(draft: Draft, error: YiwangError) -> Decision:
    """All was in order and yet there is nothing to give: on record as what it is."""
    code = "source_down" if error.status == 503 else "not_served"
    return replace(
        draft.verdict, code=code, status=503, explanation=error.message, hint=error.hint,
        columns=(),
    )  # fmt: skip


def _needed(drafts: Sequence[Draft], held: Held) -> tuple[str, ...]:
    hidden = (held.subject_column,) if held.subject_column else ()
    wanted = (name for draft in drafts for name in draft.verdict.columns)
    return tuple(dict.fromkeys((*wanted, *held.filter_columns, *hidden)))


def _place(drafts: Sequence[Draft], held: Held) -> Any:
    """Who answers by key: the serving copy, or the provider's database while a route stands."""
    return AtSource(held, drafts[0].at) if held.route else catalog.lake()


def _tell_stale(drafts: Sequence[Draft], place: Any) -> None:
    if isinstance(place, AtSource) and place.since:
        for draft in drafts:
            draft.stale = place.since.isoformat()


def _looked_up_alone(draft: Draft, held: Held) -> None:
    if len(held.terms.lookup) == 1:
        _looked_up_together([draft], held)
    else:
        _looked_up(draft, held)


def _looked_up_together(drafts: Sequence[Draft], held: Held) -> None:
    if len(held.terms.lookup) != 1:
        for draft in drafts:
            _looked_up(draft, held)
        return
    (by,) = held.terms.lookup
    keys = list(dict.fromkeys(draft.call.where[by] for draft in drafts))
    found: dict[str, list[dict[str, Any]]] = {}
    place = _place(drafts, held)
    for start in range(0, len(keys), AT_ONCE):
        found |= place.lookup_each(
            held.terms.table,
            by=by,
            values=keys[start : start + AT_ONCE],
            columns=_needed(drafts, held),
            limit=PAGE,
        )
    for draft in drafts:
        rows = found.get(draft.call.where[by], ())
        draft.rows = [row for row in rows if held.keeps(row, draft.at)][: draft.call.limit]
    _tell_stale(drafts, place)


def _batch(draft: Draft, held: Held) -> None:
    """The rows of all keys, or none of them where they are more than one answer holds."""
    (by,) = held.terms.lookup
    place = _place([draft], held)
    found = place.lookup_each(
        held.terms.table,
        by=by,
        values=draft.call.keys,
        columns=_needed([draft], held),
        limit=READ_FOR_BATCH,
        most=READ_FOR_BATCH,
    )
    rows = [row for key in draft.call.keys for row in found.get(key, ())]
    kept = [row for row in rows if held.keeps(row, draft.at)]
    if len(kept) > PAGE or len(rows) >= READ_FOR_BATCH:
        draft.wish = replace(draft.wish, found=len(rows))
        draft.refuse_if_changed()
        return
    draft.rows = kept
    _tell_stale([draft], place)


def _looked_up(draft: Draft, held: Held) -> None:
    place = _place([draft], held)
    rows = place.lookup(
        held.terms.table,
        where=draft.call.where,
        columns=_needed([draft], held),
        limit=draft.call.limit,
    )
    draft.rows = [row for row in rows if held.keeps(row, draft.at)]
    _tell_stale([draft], place)


def _page(draft: Draft, held: Held) -> None:
    _demand_ready(draft, held)
    if draft.is_allowed:
        draft.rows = catalog.lake().select(selected(draft, held))


def demand_collected(held: Held) -> None:
    """Pages and files are read from the lake; a table that is only at its source has none yet."""
    if held.route and held.terms.table not in catalog.lake().tables():
        raise PagesNotAtSource(
            "这张表目前直连提供方的数据库，只按键查询。",
            hint="需要成批数据的，请待归集后调用。",
        )


def _demand_ready(draft: Draft, held: Held) -> None:
    """What only the lake can say of a wish for many rows.

    A filter that leaves few rows points at persons, whatever columns leave; what changed can only
    be told since a snapshot that is kept and has the columns.
    """
    demand_collected(held)
    call, lake = draft.call, catalog.lake()
    if call.filter:
        group = lake.count_selected(selected(draft, held))
        draft.wish = replace(draft.wish, group=group)
    if call.since and call.form in COMPARED:
        is_known = lake.is_comparable(
            selected(draft, held, all_rows=True),
            since=call.since,
            key=catalog.dataset(held.terms.table).key,
        )
        draft.wish = replace(draft.wish, is_since_known=is_known)
    draft.refuse_if_changed()


def selected(draft: Draft, held: Held, *, all_rows: bool = False) -> Selection:
    """What a page or a file reads: the grant's rows, the caller's filter, in a stable order."""
    call, terms = draft.call, held.terms
    conditions = []
    if terms.rows:
        conditions.append(rules.parse(terms.rows, columns=catalog.types_of(terms.table)))
    if call.filter:
        conditions.append(rules.parse(call.filter, columns=held.types))  # type: ignore[arg-type]
    order = [(name.removeprefix("-"), name.startswith("-")) for name in call.sort]
    key = catalog.dataset(terms.table).key
    hidden = tuple(name for name in key if name not in terms.columns or name in held.masks)
    order += [(name, False) for name in key if name not in hidden]
    is_ordered = bool(call.sort) or not all_rows
    return Selection(
        table=terms.table,
        columns=draft.verdict.columns if all_rows else _needed([draft], held),
        conditions=tuple(conditions),
        order=_each_once(order) if is_ordered else (),
        scattered=hidden if is_ordered else (),
        secret=_secret(terms.number) if hidden and is_ordered else "",
        day=local_date(draft.at),
        limit=None if all_rows else call.limit,
        offset=0 if all_rows else call.offset,
    )


def _each_once(order: list[tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    """The first word on each column counts: the caller's before the key's."""
    return tuple({name: (name, falls) for name, falls in reversed(order)}.values())[::-1]


def _secret(grant: str) -> str:
    """What scatters rows by a hidden key: another for each grant, so none is read by another."""
    key = journal.kept_key(Path(settings.HOME) / "keys", "page-order")
    return hmac.new(key, grant.encode(), hashlib.sha256).hexdigest()
