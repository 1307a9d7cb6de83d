"""The tables of an entity, made from its declaration: what is claimed, its fate, golden records.

Nobody writes this SQL and nobody can alter it: it is printed from ``entities/`` and from what
feeds say they describe, so it may use more of the engine than the portable subset of packs. An
identifier that fails its check digit never merges; a person's old 15-digit number is raised to 18.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from yiwang.packkit.entity_sql import checked, cleaned, identifier_element, raised
from yiwang.packkit.kinds.resources import Feed, Table
from yiwang.packkit.kinds.shared import Column
from yiwang.packkit.kinds.subjects import Describes, Entity, EntityItem
from yiwang.packkit.lineage import Origin, Source

LINKS = "platform.identifier_links"
CLAIMS, VALUES = "_claims", "_values"
CHOSEN, AGREES, DIFFERS, APART, REPLACED = "chosen", "agrees", "differs", "apart", "replaced"
FATES = {
    CHOSEN: "采用",
    AGREES: "与采用值一致",
    DIFFERS: "与采用值不一致",
    APART: "疑似另一主体，未合并",
    REPLACED: "已被来源更新或撤回",
}
TYPES = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18,6)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "instant": "TIMESTAMPTZ",
    "json": "VARCHAR",
}


@dataclass(frozen=True)
class Statement:
    """One feed's ``describes`` of an entity."""

    feed: str
    organ: str
    describes: Describes


@dataclass(frozen=True)
class Made:
    """What one entity brings: tables, their SQL, what each reads, and where columns come from."""

    tables: dict[str, Table]
    queries: dict[str, str]
    reads: dict[str, tuple[str, ...]]
    origins: dict[Source, frozenset[Origin]]


def statements(feeds: Mapping[str, Feed], entity: str) -> list[Statement]:
    """What the feeds of a place state about an entity."""
    return [
        Statement(ref, feed.organ, one)
        for ref, feed in feeds.items()
        for one in feed.describes
        if one.entity == entity
    ]


def authorities(feeds: Mapping[str, Feed], entity: str) -> dict[str, list[str]]:
    """Item to the feeds that say they are its authoritative source; more than one is a fault."""
    found: dict[str, list[str]] = {}
    for one in statements(feeds, entity):
        for item in one.describes.authority:
            found.setdefault(item, []).append(one.feed)
    return found


def made_of(ref: str, entity: Entity, feeds: Mapping[str, Feed]) -> Made:
    """Everything that an entity brings, given the feeds of the place."""
    said = statements(feeds, ref)
    tables = {ref: _golden(entity), ref + VALUES: _values(entity), ref + CLAIMS: _claims(entity)}
    sources = tuple(dict.fromkeys(one.feed for one in said))
    replacing = tuple(dict.fromkeys(one.feed for one in said if one.describes.becomes))
    first = {
        item: found[0] for item, found in authorities(feeds, ref).items() if item in entity.items
    }
    return Made(
        tables=tables,
        queries={
            ref + CLAIMS: claims_sql(entity, said),
            ref + VALUES: values_sql(ref, entity, said, first),
            ref: golden_sql(ref, entity),
        },
        reads={
            ref + CLAIMS: sources,
            ref + VALUES: (ref + CLAIMS, LINKS, *replacing),
            ref: (ref + VALUES,),
        },
        origins=_origins(ref, entity, said),
    )


def _origins(ref: str, entity: Entity, said: list[Statement]) -> dict[Source, frozenset[Origin]]:
    """Column lineage, straight from the declaration."""
    numbers = {(one.feed, one.describes.identifier) for one in said}
    by_item = {
        item: {
            (one.feed, one.describes.states[item]) for one in said if item in one.describes.states
        }
        for item in entity.items
    }
    dates = {(one.feed, one.describes.dated) for one in said if one.describes.dated}
    values = set().union(*by_item.values()) if by_item else set()
    found: dict[Source, set[Source]] = {(ref, item): read for item, read in by_item.items()}
    found[ref, entity.identifier] = numbers
    for table in (ref + VALUES, ref + CLAIMS):
        found[table, "identifier"] = found[table, "stated"] = numbers
        found[table, "value"] = values
        found[table, "stated_on"] = dates
    return {
        place: frozenset(Origin(source) for source in read) for place, read in found.items() if read
    }


def _golden(entity: Entity) -> Table:
    key = Column(
        title="公民身份号码" if entity.subject == "person" else "统一社会信用代码",
        element=identifier_element(entity.subject),
        category="个人身份" if entity.subject == "person" else "法人身份",
        required=True,
    )
    plain: dict[str, Column] = {
        name: Column(
            **{
                field: getattr(item, field)
                for field in Column.__struct_fields__
                if field != "required"
            }
        )
        for name, item in entity.items.items()
    }
    return Table(
        title=entity.title,
        owner=entity.owner,
        grain="每个主体一行",
        key=(entity.identifier,),
        subject=entity.subject,
        description=entity.description,
        columns={
            entity.identifier: key,
            **plain,
            "sources": Column(title="来源数", type="integer", category="管理"),
            "conflicts": Column(title="不一致的值", type="integer", category="管理"),
            "is_contested": Column(title="疑似一号多人", type="boolean", category="管理"),
        },
    )


def _shared_columns(entity: Entity) -> dict[str, Column]:
    number = identifier_element(entity.subject)
    return {
        "identifier": Column(title="主体号码", element=number, category="个人身份"),
        "stated": Column(
            title="来源填报的号码", element=number, category="个人身份", required=True
        ),
        "item": Column(title="数据项", category="管理", required=True),
        "value": Column(title="值", category="个人身份", required=True),
        "source": Column(title="来源表", category="管理", required=True),
        "organ": Column(title="来源机构", category="管理"),
        "stated_on": Column(title="来源日期", type="date", category="管理"),
        "seen_from": Column(title="首次见到", type="instant", category="管理", required=True),
        "seen_until": Column(title="不再见到", type="instant", category="管理"),
    }


def _values(entity: Entity) -> Table:
    return Table(
        title=f"{entity.title}·逐值来源",
        owner=entity.owner,
        grain="每个主体每个数据项每个来源的每个值一行",
        key=("stated", "item", "source", "value"),
        share="none",
        description="每个值的来源、日期和去向：采用、一致、不一致、未合并、已更新。",
        columns={
            **_shared_columns(entity),
            "state": Column(title="去向", category="管理", required=True),
        },
    )


def _claims(entity: Entity) -> Table:
    return Table(
        title=f"{entity.title}·历次填报",
        owner=entity.owner,
        grain="每个来源填报过的每个值一行",
        key=("stated", "item", "source", "value"),
        share="none",
        description="来源曾经填报的全部值及首次、末次见到的时间；只增不删，合并由此可以撤销。",
        columns=_shared_columns(entity),
    )


def claims_sql(entity: Entity, said: list[Statement]) -> str:
    """What every source states now, a row per value; identifiers are checked once for all."""
    parts = [_stated(one) for one in said if one.describes.states] or [NOTHING]
    number = raised(entity.subject, "stated")
    return (
        "SELECT MAX(identifier) AS identifier, stated, item, value, source, MAX(organ) AS organ, "
        "MAX(stated_on) AS stated_on FROM (SELECT identifier, stated, UNNEST(items) AS item, "
        "UNNEST(told) AS value, source, organ, stated_on FROM "
        f"(SELECT {checked(entity.subject, 'number')} AS identifier, stated, items, told, source, "
        f"organ, stated_on FROM (SELECT {number} AS number, stated, items, told, source, organ, "
        f"stated_on FROM ({' UNION ALL '.join(parts)}) AS read WHERE stated IS NOT NULL) AS known) "
        "AS wide) AS long WHERE value IS NOT NULL AND value <> '' "
        "GROUP BY stated, item, source, value"
    )


NOTHING = (
    "SELECT '' AS stated, [''] AS items, [''] AS told, '' AS source, '' AS organ, "
    "CAST(NULL AS DATE) AS stated_on WHERE FALSE"
)


def _stated(one: Statement) -> str:
    given = one.describes
    items = ", ".join(f"'{item}'" for item in given.states)
    columns = ", ".join(f"TRIM(CAST({name} AS VARCHAR))" for name in given.states.values())
    dated = f"CAST({given.dated} AS DATE)" if given.dated else "CAST(NULL AS DATE)"
    return (
        f"SELECT {cleaned(given.identifier)} AS stated, [{items}] AS items, [{columns}] AS told, "
        f"'{one.feed}' AS source, '{one.organ}' AS organ, {dated} AS stated_on FROM {one.feed}"
    )


def values_sql(ref: str, entity: Entity, said: list[Statement], first: Mapping[str, str]) -> str:
    """The fate of every claim: linked to its subject, ranked, chosen or not, and why not."""
    return (
        f"WITH link AS ({_links(ref, entity, said)}), "
        f"said AS (SELECT COALESCE(b.canonical, a.canonical, c.identifier) AS identifier, "
        "c.stated AS stated, c.item AS item, c.value AS value, c.source AS source, "
        "c.organ AS organ, c.stated_on AS stated_on, c.seen_from AS seen_from, "
        "c.seen_until AS seen_until, "
        "COALESCE(c.stated_on, CAST(c.seen_from AS DATE)) AS since, "
        f"{_rank(entity, first)} AS rank "
        f"FROM {ref}{CLAIMS} AS c LEFT JOIN link AS a ON a.stated = c.identifier "
        "LEFT JOIN link AS b ON b.stated = a.canonical), "
        "newest AS (SELECT identifier, item, source, BOOL_OR(seen_until IS NULL) AS is_held, "
        f"ARG_MAX(value, {_NEWEST}) AS value FROM said GROUP BY identifier, item, source), "
        "marked AS (SELECT s.*, (s.identifier IS NOT NULL AND n.is_held AND n.value = s.value) "
        "AS is_live FROM said AS s LEFT JOIN newest AS n ON n.identifier = s.identifier "
        f"AND n.item = s.item AND n.source = s.source), {_suspects(ref, entity)}, "
        "ranked AS (SELECT m.*, u.source IS NOT NULL AS is_apart FROM marked AS m "
        "LEFT JOIN suspect AS u ON u.identifier = m.identifier AND u.source = m.source), "
        f"chosen AS (SELECT identifier, item, ARG_MIN(value, {_BEST}) AS value, "
        f"ARG_MIN(source, {_BEST}) AS source FROM ranked WHERE is_live AND NOT is_apart "
        "GROUP BY identifier, item) "
        "SELECT r.identifier AS identifier, r.stated AS stated, r.item AS item, "
        "r.value AS value, r.source AS source, r.organ AS organ, r.stated_on AS stated_on, "
        "r.seen_from AS seen_from, r.seen_until AS seen_until, "
        f"CASE WHEN r.is_live IS NOT TRUE THEN '{REPLACED}' WHEN r.is_apart THEN '{APART}' "
        f"WHEN r.source = w.source AND r.value = w.value THEN '{CHOSEN}' "
        f"WHEN {_same(entity)} THEN '{AGREES}' ELSE '{DIFFERS}' END AS state FROM ranked AS r "
        "LEFT JOIN chosen AS w ON w.identifier = r.identifier AND w.item = r.item"
    )


_NEWEST = (
    "COALESCE(CAST(stated_on AS VARCHAR), '0000') || CASE WHEN seen_until IS NULL THEN '1' "
    "ELSE '0' END || value"
)
"""What orders a source's values of one item: its own date, then being held now, then the text."""

_BEST = (
    "LPAD(CAST(rank AS VARCHAR), 3, '0') || CAST(99999999 - YEAR(since) * 10000 - "
    "MONTH(since) * 100 - DAY(since) AS VARCHAR) || source || stated"
)
"""What orders the sources of one item: the pack's order, then the latest date, then the name."""


def _links(ref: str, entity: Entity, said: list[Statement]) -> str:
    """Identifiers that stand for another one: by a feed that replaces numbers, or by decision."""
    told = [
        f"SELECT stated, canonical FROM {LINKS} WHERE entity = '{ref}' AND kind = 'same'",
        *(_replaced(entity, one) for one in said if one.describes.becomes),
    ]
    return (
        "SELECT t.stated AS stated, MIN(t.canonical) AS canonical FROM ("
        + " UNION ALL ".join(told)
        + f") AS t LEFT JOIN (SELECT stated, canonical FROM {LINKS} WHERE entity = '{ref}' "
        "AND kind = 'undone') AS u ON u.stated = t.stated AND u.canonical = t.canonical "
        "WHERE t.stated IS NOT NULL AND t.canonical IS NOT NULL AND t.stated <> t.canonical "
        "AND u.stated IS NULL GROUP BY t.stated"
    )


def _replaced(entity: Entity, one: Statement) -> str:
    old, new = cleaned(one.describes.identifier), cleaned(one.describes.becomes)
    return (
        f"SELECT {checked(entity.subject, 'before')} AS stated, "
        f"{checked(entity.subject, 'after')} AS canonical FROM "
        f"(SELECT {raised(entity.subject, 'before')} AS before, "
        f"{raised(entity.subject, 'after')} AS after FROM "
        f"(SELECT {old} AS before, {new} AS after FROM {one.feed}) AS read) AS long"
    )


def _rank(entity: Entity, first: Mapping[str, str]) -> str:
    """Where a source stands in the order of an item: 0 is the authoritative one."""
    whens = []
    for name, item in entity.items.items():
        if item.choose == "recent":
            whens.append(f"WHEN c.item = '{name}' THEN 0")
            continue
        better = [*([first[name]] if name in first else []), *item.order]
        whens += [
            f"WHEN c.item = '{name}' AND c.source = '{feed}' THEN {place}"
            for place, feed in enumerate(dict.fromkeys(better))
        ]
    return f"CASE {' '.join(whens)} ELSE 100 END" if whens else "100"


def _suspects(ref: str, entity: Entity) -> str:
    """Sources that speak of somebody else under the same number: their name shares no character."""
    if not entity.apart:
        return "suspect AS (SELECT identifier, source FROM marked WHERE FALSE)"
    return (
        "named AS (SELECT identifier, source, value, rank, since, stated FROM marked WHERE "
        f"is_live AND item = '{entity.apart}'), "
        f"known AS (SELECT identifier, ARG_MIN(value, {_BEST}) AS value FROM named "
        "GROUP BY identifier), "
        "suspect AS (SELECT DISTINCT n.identifier AS identifier, n.source AS source FROM named "
        "AS n JOIN known AS k ON k.identifier = n.identifier "
        f"LEFT JOIN (SELECT stated, source FROM {LINKS} WHERE entity = '{ref}' AND "
        "kind = 'accepted') AS o ON o.stated = n.identifier AND o.source = n.source "
        "WHERE n.value <> k.value AND o.stated IS NULL AND NOT "
        "LIST_HAS_ANY(STRING_SPLIT(n.value, ''), STRING_SPLIT(k.value, '')))"
    )


def _same(entity: Entity) -> str:
    loose = [name for name, item in entity.items.items() if item.same == "ending"]
    if not loose:
        return "r.value = w.value"
    names = ", ".join(f"'{name}'" for name in loose)
    return (
        f"r.value = w.value OR (r.item IN ({names}) AND (ENDS_WITH(r.value, w.value) "
        "OR ENDS_WITH(w.value, r.value)))"
    )


def golden_sql(ref: str, entity: Entity) -> str:
    """One row per subject: the chosen value of every item."""
    columns = "".join(f"{_chosen(name, item)}, " for name, item in entity.items.items())
    return (
        f"SELECT identifier AS {entity.identifier}, {columns}"
        f"COUNT(DISTINCT CASE WHEN state <> '{REPLACED}' THEN source END) AS sources, "
        f"COUNT(CASE WHEN state = '{DIFFERS}' THEN 1 END) AS conflicts, "
        f"BOOL_OR(state = '{APART}') AS is_contested "
        f"FROM {ref}{VALUES} WHERE identifier IS NOT NULL GROUP BY identifier"
    )


def _chosen(name: str, item: EntityItem) -> str:
    value = f"MAX(CASE WHEN item = '{name}' AND state = '{CHOSEN}' THEN value END)"
    return f"CAST({value} AS {TYPES[item.type]}) AS {name}"
