"""Entities, what feeds describe, purposes, events: one authority for each datum."""

from collections.abc import Mapping

from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.entities import CLAIMS, VALUES
from yiwang.packkit.kinds.resources import Feed
from yiwang.packkit.kinds.subjects import Describes, Entity, Event, Purpose


def look(looking: Looking) -> None:
    """entities/, purposes/, ``describes`` of feeds/ and ``event`` of tables/."""
    for name, entity in looking.pack.entities.items():
        _entity(looking, name, entity)
    for name, feed in looking.pack.feeds.items():
        for number, describes in enumerate(feed.describes):
            _describes(looking, name, feed, describes, number)
    for name, table in looking.pack.tables.items():
        if table.event is not None:
            columns = {column: one.type for column, one in table.columns.items()}
            _event(looking, f"tables/{name}.yaml", table.event, columns)
    for name, purpose in looking.pack.purposes.items():
        _purpose(looking, f"purposes/{name}.yaml", purpose)


def _entity(looking: Looking, name: str, entity: Entity) -> None:
    path = f"entities/{name}.yaml"
    looking.organ(entity.owner, path, "owner")
    for table in (name, name + VALUES, name + CLAIMS):
        if table in looking.pack.tables or table in looking.pack.feeds:
            looking.tell(f"主体会生成表“{table}”，包里已有同名的表", "换一个名字", path)
    if entity.identifier in entity.items:
        looking.tell("标识列不能又是数据项", "从 items 中删去", path, "items", entity.identifier)
    for key in ("apart", "ends"):
        if item := getattr(entity, key):
            looking.choice(item, entity.items, "数据项", path, key)
    for item, one in entity.items.items():
        looking.codes(one.codes, path, "items", item, "codes")
        for number, feed in enumerate(one.order):
            looking.ref(("feeds",), feed, path, "items", item, "order", number)


def _describes(looking: Looking, name: str, feed: Feed, given: Describes, number: int) -> None:
    path, at = f"feeds/{name}.yaml", ("describes", number)
    entity: Entity | None = looking.ref(("entities",), given.entity, path, *at, "entity")
    for key in ("identifier", "dated", "becomes"):
        if column := getattr(given, key):
            looking.choice(column, feed.columns, "列", path, *at, key)
    if given.dated in feed.columns and feed.columns[given.dated].type != "date":
        looking.tell(f"“{given.dated}”不是日期", "dated 写一个日期列", path, *at, "dated")
    for item, column in given.states.items():
        looking.choice(column, feed.columns, "列", path, *at, "states", item)
        if entity is not None:
            looking.choice(item, entity.items, "数据项", path, *at, "states")
    for place, item in enumerate(given.authority):
        if looking.choice(item, given.states, "所填报的数据项", path, *at, "authority", place):
            _one_authority(looking, name, given, number, place)


def _one_authority(looking: Looking, name: str, given: Describes, number: int, place: int) -> None:
    """一数一源: no other feed of the place is authoritative for the same item."""
    item, path = given.authority[place], f"feeds/{name}.yaml"
    for ref, other in looking.shelf.feeds().items():
        for index, one in enumerate(other.describes):
            is_itself = ref == f"{looking.pack.id}.{name}" and index == number
            if is_itself or one.entity != given.entity or item not in one.authority:
                continue
            pack, _, feed = ref.partition(".")
            file, line = looking.shelf.packs[pack].where(
                f"feeds/{feed}.yaml", "describes", index, "authority"
            )
            looking.tell(
                f"“{given.entity}”的“{item}”有两个权威来源，另一处在 {pack}/{file.name}:{line}",
                "一数一源：留一处 authority，另一处只写 states",
                path,
                "describes",
                number,
                "authority",
                place,
            )


def _event(looking: Looking, path: str, event: Event, columns: Mapping[str, str]) -> None:
    if looking.choice(event.on, columns, "列", path, "event", "on") and columns[event.on] not in (
        "date",
        "instant",
    ):
        looking.tell(f"“{event.on}”不是日期", "on 写日期或时刻列", path, "event", "on")
    for number, column in enumerate(event.about):
        looking.choice(column, columns, "列", path, "event", "about", number)


def _purpose(looking: Looking, path: str, purpose: Purpose) -> None:
    looking.basis(purpose.basis, path, "basis")
    for number, role in enumerate(purpose.roles):
        looking.ref(("roles",), role, path, "roles", number)
    known = {
        column.category
        for table in looking.shelf.tables().values()
        for column in table.columns.values()
    }
    for number, category in enumerate(purpose.shows):
        looking.choice(category, known, "数据类别", path, "shows", number)
    for number, category in enumerate(purpose.clear):
        looking.choice(category, purpose.shows, "所显示的类别", path, "clear", number)
