"""少填少交: what applicants did not have to fill in or hand in, per item, from what was filed.

A field counts as saved when the platform filled it in with its source, or when it was given once
for several members of a one-thing (it is asked in the first); a material when a licence or shared
data stood for it. A promise or an upload is not saved, and what the situation does not
need counts on neither side. 前后对比 sets what an item takes now against what it took before.
"""

from dataclasses import dataclass

from django.db.models import Count, Sum

from yiwang.apps.identity import public as identity
from yiwang.apps.services.items import FAMILIES, ItemView, items
from yiwang.apps.services.models import Application
from yiwang.kernel.limits import Limit
from yiwang.packkit.kinds.work import Effort

FIELDS, MATERIALS = 0.7, 0.6
"""The least shares that an item should resolve without the applicant."""


@dataclass(frozen=True)
class Saving:
    """What the applications of one item, or of all, spared their applicants."""

    item: str
    title: str
    applications: int
    fields: int
    saved_fields: int
    materials: int
    saved_materials: int

    @property
    def field_share(self) -> float:
        """Share of fields that nobody had to fill in."""
        return self.saved_fields / self.fields if self.fields else 0.0

    @property
    def material_share(self) -> float:
        """Share of materials that nobody had to hand in."""
        return self.saved_materials / self.materials if self.materials else 0.0

    @property
    def is_met(self) -> bool:
        """Whether both shares reach their bars."""
        few = bool(self.materials) and self.material_share < MATERIALS
        return self.field_share >= FIELDS and not few


@dataclass(frozen=True)
class Simplified:
    """An item before and after: steps, materials, working days, trips."""

    item: ItemView
    before: Effort
    after: Effort


@dataclass(frozen=True)
class FamilyCount:
    """One of the four kinds: how many items, how many of them can be asked for online."""

    title: str
    items: int
    online: int
    on_phone: int


def savings() -> list[Saving]:
    """Per item, those with most applications first; the last line is all of them."""
    rows = (
        Application.objects.values("item")
        .annotate(
            applications=Count("pk"),
            fields=Sum("all_fields"),
            saved_fields=Sum("saved_fields"),
            materials=Sum("all_materials"),
            saved_materials=Sum("saved_materials"),
        )
        .order_by("-applications", "item")
    )
    titles = {one.ref: one.title for one in items()}
    found = [Saving(title=titles.get(row["item"], row["item"]), **row) for row in rows]
    return [*found, _total(found)]


def item_savings(*, officer: identity.Officer) -> list[Saving]:
    """``savings`` for who governs items."""
    identity.require(officer, "services.adopt")
    return savings()


def simplified(*, officer: identity.Officer) -> list[Simplified]:
    """Every item that says what it took before."""
    identity.require(officer, "services.adopt")
    return [
        Simplified(one, one.content.before, after_of(one, one.content.before))
        for one in items()
        if one.content.before is not None
    ]


def after_of(found: ItemView, before: Effort) -> Effort:
    """What the item takes now: counted from its flow, its materials and its promise."""
    from_applicant = [
        one
        for one in found.content.materials.values()
        if not one.when and not {"license", "shared"} & set(one.sources)
    ]
    promised = Limit.parse(found.content.promised_limit)
    return Effort(
        steps=found.content.steps or before.steps,
        materials=len(from_applicant),
        days=promised.amount if promised.unit in ("wd", "d") else 1,
        trips=found.content.trips,
        until=before.until,
    )


def families(*, officer: identity.Officer) -> list[FamilyCount]:
    """事项覆盖: the four kinds with how many of their items are online."""
    identity.require(officer, "services.adopt")
    every = items()
    found = []
    for code, title in FAMILIES.items():
        own = [one for one in every if one.content.family == code]
        online = sum("portal" in one.content.channels for one in own)
        phone = sum("phone" in one.content.channels for one in own)
        found.append(FamilyCount(title, len(own), online, phone))
    return found


def _total(found: list[Saving]) -> Saving:
    return Saving(
        item="",
        title="全部",
        applications=sum(one.applications for one in found),
        fields=sum(one.fields for one in found),
        saved_fields=sum(one.saved_fields for one in found),
        materials=sum(one.materials for one in found),
        saved_materials=sum(one.saved_materials for one in found),
    )
