"""Rows that a department's own system pushes: a key per feed, each delivery once."""

import csv
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from io import StringIO
from typing import Any

import msgspec
from django.db import transaction

from yiwang.apps.catalog.actions.loads import drop_file
from yiwang.apps.catalog.keys import key_digest
from yiwang.apps.catalog.models import Dataset, FeedLoad, PushKey
from yiwang.apps.catalog.queries.feeds import COLLECT, LoadUnknown, LoadView, feed_of, load
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed

_DELIVERY = re.compile(r"[A-Za-z0-9_.:-]{4,64}")


class PushKeyUnknown(NotAllowed):
    """No key in use of this feed is the one that was shown."""

    code = "catalog.push_key_unknown"
    status = 401


class DeliveryUnnamed(Invalid):
    """The delivery has no name of its own, so it could not be told from its repetition."""

    code = "catalog.delivery_unnamed"


class DeliveryDiffers(Conflict):
    """Another content was delivered under this name before."""

    code = "catalog.delivery_differs"


class RowsUnreadable(Invalid):
    """What was pushed is neither CSV with a header nor a JSON list of flat objects."""

    code = "catalog.rows_unreadable"


@transaction.atomic
def issue_push_key(ref: str, *, officer: identity.Officer, at: datetime) -> str:
    """发放推送密钥: a new key of a feed, shown once; earlier ones stop at once."""
    identity.require(officer, "catalog.collect")
    dataset, key = feed_of(ref), secrets.token_urlsafe(32)
    dataset.push_keys.filter(stopped_at=None).update(stopped_at=at)
    PushKey.objects.create(
        dataset=dataset, digest=key_digest(key), made_by=officer.username, made_at=at
    )
    journal.record("catalog.push_key_issued", subject=ref, actor=officer.username, at=at)
    return key


def push_rows(
    ref: str, *, key: str, delivery: str, body: bytes, is_json: bool, at: datetime
) -> LoadView:
    """推送: keep what was delivered and have it loaded; a delivery repeated is the same load."""
    dataset = _dataset_of(ref, key)
    if not _DELIVERY.fullmatch(delivery):
        raise DeliveryUnnamed(
            "没有写明这次推送的编号。", hint="用请求头 Idempotency-Key 给出 4 到 64 位的编号。"
        )
    text = _as_csv(body, is_json)
    digest = sha256(text.encode()).hexdigest()
    run = f"{ref}@push-{sha256(delivery.encode()).hexdigest()[:20]}"
    known = FeedLoad.objects.filter(run=run).first()
    if known is not None:
        if known.digest and known.digest != digest:
            raise DeliveryDiffers("这个编号先前推送过不同的内容。", hint="新的内容请用新的编号。")
        return load(run)
    file = drop_file(ref, run)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(file)
    _ask(dataset, run, digest, at)
    return load(run)


@transaction.atomic
def _ask(dataset: Dataset, run: str, digest: str, at: datetime) -> None:
    made = FeedLoad.objects.create(
        run=run,
        dataset=dataset,
        mode="push",
        source="接口推送",
        digest=digest,
        asked_by="push",
        asked_at=at,
    )
    about = dataset.ref
    made.job = jobs.ask(
        COLLECT, about=f"{about}#{run[-20:]}", params={"run": run}, by="push", at=at
    )
    made.save(update_fields=["job"])
    journal.record("catalog.rows_pushed", subject=about, actor="push", at=at, facts={"run": run})


def pushed_load(ref: str, *, key: str, run: str) -> LoadView:
    """How a delivery fared, for whoever holds the feed's key."""
    if not FeedLoad.objects.filter(dataset=_dataset_of(ref, key), run=run).exists():
        raise LoadUnknown("这个接入没有这次推送。", hint="用推送时回答的 run 查询。")
    return load(run)


def _dataset_of(ref: str, key: str) -> Dataset:
    held = PushKey.objects.filter(digest=key_digest(key), stopped_at=None)
    found = held.filter(dataset__ref=ref).first()
    if not key or found is None:
        raise PushKeyUnknown("推送密钥无效或不属于这个接入。", hint="请数据主管部门重新发放。")
    return found.dataset


def _as_csv(body: bytes, is_json: bool) -> str:
    try:
        if not is_json:
            return body.decode("utf-8-sig")
        rows: Any = msgspec.json.decode(body)
        if not isinstance(rows, list) or not rows or not all(isinstance(r, dict) for r in rows):
            raise ValueError
        return _lines(rows)
    except (UnicodeDecodeError, ValueError, msgspec.DecodeError) as error:
        raise RowsUnreadable(
            "推送的内容读不懂。", hint="用 UTF-8 的 CSV（首行列名），或 JSON 对象的列表。"
        ) from error


def _lines(rows: Sequence[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        cells = (row.get(name) for name in names)
        writer.writerow(["" if cell is None else str(cell) for cell in cells])
    return out.getvalue()
