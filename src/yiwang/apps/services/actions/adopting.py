"""Take an item of the master list over for one's own division, and give it back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.adoption import LOCAL
from yiwang.apps.services.items import ItemView, item
from yiwang.apps.services.models import ItemAdoption
from yiwang.kernel.errors import Invalid, YiwangError
from yiwang.kernel.limits import Limit


class AdoptionRefused(Invalid):
    """What an organ wants to be local is not its own to say; ``data["fields"]`` says what."""

    code = "services.adoption_refused"


@transaction.atomic
def adopt_item(
    ref: str,
    *,
    local: Mapping[str, str | Sequence[str]],
    officer: identity.Officer,
    at: datetime,
) -> int:
    """认领: handle the item for the organ's own division, by the master's present version.

    ``local`` may hold only what ``LOCAL`` names. Adopting again replaces the earlier adoption.
    """
    identity.require(officer, "services.adopt")
    found = item(ref)
    organ = identity.organ(officer.organ)
    said = _local(found, local)
    earlier = ItemAdoption.objects.filter(item=ref, organ=organ.id, ended_at=None)
    earlier.update(ended_at=at, ended_by=officer.username)
    row = ItemAdoption.objects.create(
        item=ref,
        organ=organ.id,
        division=organ.division,
        version=found.version,
        adopted_by=officer.username,
        adopted_at=at,
        **said,
    )
    _record("item.adopted", row, officer, at)
    return row.pk


@transaction.atomic
def end_adoption(ref: str, *, officer: identity.Officer, at: datetime) -> None:
    """终止认领: the item's own organ handles it again; running cases stay where they are."""
    identity.require(officer, "services.adopt")
    row = ItemAdoption.objects.filter(item=ref, organ=officer.organ, ended_at=None).first()
    if row is None:
        raise AdoptionRefused("本机构没有认领这个事项。", hint="刷新页面查看最新状态。", fields={})
    row.ended_at, row.ended_by = at, officer.username
    row.save(update_fields=["ended_at", "ended_by"])
    _record("item.adoption_ended", row, officer, at)


def _local(found: ItemView, local: Mapping[str, str | Sequence[str]]) -> dict[str, object]:
    wrong = {name: "这个要素由主项统一，不能本地化。" for name in local if name not in LOCAL}
    if not found.content.adoptable:
        wrong["item"] = "这个事项不由其他机构认领。"
    limit = str(local.get("promised_limit") or found.content.promised_limit)
    if not _is_at_most(limit, found.content.promised_limit):
        wrong["promised_limit"] = f"不能长于主项的承诺时限 {found.content.promised_limit}。"
    channels = [str(one) for one in local.get("channels") or found.content.channels]
    if set(channels) - set(found.content.channels):
        wrong["channels"] = "只能从主项的渠道中选择。"
    texts = {name: str(local.get(name) or "").strip() for name in ("address", "hours", "phone")}
    wrong |= {name: f"请填写{LOCAL[name]}。" for name, text in texts.items() if not text}
    if wrong:
        raise AdoptionRefused(
            f"不能认领“{found.title}”：{''.join(wrong.values())}",
            hint="改正后再认领。",
            fields=wrong,
        )
    return {
        "promised_limit": limit,
        "channels": channels,
        "address": texts["address"][:200],
        "hours": texts["hours"][:100],
        "phone": texts["phone"][:30],
    }


def _is_at_most(limit: str, most: str) -> bool:
    """Whether a limit is of the master's kind of days and no longer."""
    try:
        one, other = Limit.parse(limit), Limit.parse(most)
    except YiwangError:
        return False
    return one.unit == other.unit and one.amount <= other.amount


def _record(event: str, row: ItemAdoption, officer: identity.Officer, at: datetime) -> None:
    journal.record(
        event,
        subject=row.item,
        actor=officer.username,
        at=at,
        facts={"organ": row.organ, "version": row.version},
    )
