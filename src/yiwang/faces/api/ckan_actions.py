"""The actions of CKAN's API 3 that read: each takes the request's parameters and gives JSON."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yiwang.apps.exchange import public as exchange
from yiwang.faces.api import ckan_packages as packages
from yiwang.faces.api.ckan_query import (
    Terms,
    is_yes,
    listed,
    read_filters,
    read_sort,
    read_terms,
    read_words,
    whole,
)
from yiwang.kernel.errors import NotFound
from yiwang.lake import Search
from yiwang.lake.openstore import MOST_OFFSET, MOST_ROWS

Json = Any
FACETS = (*exchange.OPEN_FACETS, "tags", "res_format")


class NothingNamed(NotFound):
    """The id of an organization, group, tag or resource is not known."""

    code = "api.ckan_nothing_named"


@dataclass(frozen=True)
class Ask:
    """One call: parameters, when, where this site is, and the key that came along."""

    params: Mapping[str, Any]
    at: datetime
    site: str
    key: str = ""

    @property
    def shelf(self) -> packages.Shelf:
        """Titles for the answer."""
        return packages.Shelf(self.site)

    def text(self, name: str) -> str:
        """A parameter as text."""
        value = self.params.get(name, "")
        return value if isinstance(value, str) else str(value or "")


def package_search(ask: Ask) -> Json:
    """Search with ``q``, ``fq``, ``sort``, ``rows``, ``start``, facets and ``include_deleted``."""
    terms = _terms(ask)
    facets = _wanted_facets(ask)
    sort = read_sort(ask.text("sort")) or (("metadata_modified", True),)
    answered = exchange.search_releases(
        exchange.Asked(
            words=" ".join(terms.words),
            any_of=(("id", ()),) if terms.matches_nothing else terms.any_of,
            none_of=terms.none_of,
            changed_from=terms.since,
            changed_until=terms.until,
            sort=sort,
            offset=whole(ask.params, "start", 0, most=MOST_OFFSET),
            limit=whole(ask.params, "rows", 10, most=1000),
            includes_withdrawn=terms.includes_withdrawn
            or is_yes(ask.params.get("include_deleted")),
            only_withdrawn=terms.only_withdrawn,
            facets=facets,
        ),
        at=ask.at,
    )
    shelf = ask.shelf
    return {
        "count": answered.total,
        "sort": ask.text("sort") or "metadata_modified desc",
        "facets": answered.facets,
        "search_facets": packages.facets(answered.facets, shelf),
        "results": [shelf.package(one) for one in answered.releases],
    }


def _terms(ask: Ask) -> Terms:
    parts = [ask.text("q"), ask.text("fq"), *listed(ask.params.get("fq_list"), "fq_list")]
    return read_terms(" ".join(part for part in parts if part), now=ask.at)


def _wanted_facets(ask: Ask) -> tuple[str, ...]:
    if "facet" in ask.params and not is_yes(ask.params["facet"]):
        return ()
    given = listed(ask.params.get("facet.field"), "facet.field")
    return tuple(name for name in given if name in FACETS)


def package_show(ask: Ask) -> Json:
    """One package by name or id."""
    return ask.shelf.package(exchange.open_release(ask.text("id") or ask.text("name_or_id")))


def package_list(ask: Ask) -> Json:
    """Names of packages."""
    limit = whole(ask.params, "limit", 10**6, most=10**6)
    return exchange.open_names(offset=whole(ask.params, "offset", 0, most=MOST_OFFSET), limit=limit)


def current_package_list_with_resources(ask: Ask) -> Json:
    """Whole packages, latest change first."""
    limit = whole(ask.params, "limit", 100, most=1000)
    offset = whole(ask.params, "offset", 0, most=MOST_OFFSET)
    asked = exchange.Asked(offset=offset, limit=limit)
    shelf = ask.shelf
    return [shelf.package(one) for one in exchange.search_releases(asked, at=ask.at).releases]


def package_autocomplete(ask: Ask) -> Json:
    """Packages whose text has the words of ``q``."""
    asked = exchange.Asked(words=ask.text("q"), limit=whole(ask.params, "limit", 10, most=100))
    return [
        {
            "name": one.name,
            "title": one.title,
            "match_field": "title",
            "match_displayed": f"{one.title} ({one.name})",
        }
        for one in exchange.search_releases(asked, at=ask.at).releases
    ]


def resource_show(ask: Ask) -> Json:
    """One resource by id."""
    release, form = packages.release_of(ask.text("id"))
    return ask.shelf.resource(release, form)


def resource_search(ask: Ask) -> Json:
    """Resources by ``query=field:term`` (``name``, ``format``, ``description``, ``url``)."""
    given = ask.params.get("query", "")
    queries = given if isinstance(given, list) else [given]
    wanted = [str(one).partition(":") for one in queries if one]
    names = exchange.Asked(limit=1000)
    shelf = ask.shelf
    found = [
        resource
        for one in exchange.search_releases(names, at=ask.at).releases
        for resource in (shelf.resource(one, form) for form in packages.FORMS)
        if all(term.lower() in str(resource.get(name, "")).lower() for name, _, term in wanted)
    ]
    offset, limit = (
        whole(ask.params, "offset", 0, most=MOST_OFFSET),
        whole(ask.params, "limit", 100, most=1000),
    )
    return {"count": len(found), "results": found[offset : offset + limit]}


def _counts(ask: Ask, facet: str) -> dict[str, int]:
    asked = exchange.Asked(limit=0, facets=(facet,))
    return exchange.search_releases(asked, at=ask.at).facets[facet]


def _grouped_list(ask: Ask, facet: str, make: Callable[[str], Json]) -> Json:
    counts = _counts(ask, facet)
    names = sorted(counts)
    offset = whole(ask.params, "offset", 0, most=MOST_OFFSET)
    names = names[offset : offset + whole(ask.params, "limit", 1000, most=1000)]
    if not is_yes(ask.params.get("all_fields")):
        return names
    return [{**make(name), "package_count": counts[name]} for name in names]


def _grouped_show(ask: Ask, facet: str, make: Callable[[str], Json]) -> Json:
    name = ask.text("id")
    counts = _counts(ask, facet)
    if name not in counts:
        raise NothingNamed(f"没有“{name[:60]}”。", hint="请从清单中选择。")
    found = {**make(name), "package_count": counts[name], "users": [], "tags": [], "extras": []}
    if is_yes(ask.params.get("include_datasets")):
        asked = exchange.Asked(any_of=((facet, (name,)),), limit=1000)
        shelf = ask.shelf
        releases = exchange.search_releases(asked, at=ask.at).releases
        found["packages"] = [shelf.package(one) for one in releases]
    return found


def organization_list(ask: Ask) -> Json:
    """Organs that open data."""
    return _grouped_list(ask, "organization", ask.shelf.organization)


def organization_show(ask: Ask) -> Json:
    """One organ."""
    return _grouped_show(ask, "organization", ask.shelf.organization)


def group_list(ask: Ask) -> Json:
    """Themes."""
    return _grouped_list(ask, "groups", ask.shelf.group)


def group_show(ask: Ask) -> Json:
    """One theme."""
    return _grouped_show(ask, "groups", ask.shelf.group)


def tag_list(ask: Ask) -> Json:
    """Keywords, those with ``query`` in them."""
    words = exchange.open_keywords(query=ask.text("query"))
    return [packages.tag(word) for word in words] if is_yes(ask.params.get("all_fields")) else words


def tag_show(ask: Ask) -> Json:
    """One keyword."""
    if ask.text("id") not in exchange.open_keywords():
        raise NothingNamed("没有这个关键词。", hint="请从 tag_list 选择。")
    return packages.tag(ask.text("id"))


def license_list(ask: Ask) -> Json:
    """Licences."""
    return [packages.license_json(one, ask.site) for one in exchange.licenses()]


def status_show(ask: Ask) -> Json:
    """What answers here."""
    return {
        "ckan_version": "2.10.0",
        "site_url": ask.site,
        "site_title": "一网 Yiwang",
        "site_description": "CKAN Action API 3 (reading)",
        "locale_default": "zh_Hans_CN",
        "extensions": ["datastore"],
        "error_emails_to": None,
    }


def recently_changed_packages_activity_list(ask: Ask) -> Json:
    """Changes, latest first; deletions are among them."""
    asked = exchange.Asked(
        offset=whole(ask.params, "offset", 0, most=MOST_OFFSET),
        limit=whole(ask.params, "limit", 31, most=100),
        includes_withdrawn=True,
    )
    return packages.activities(exchange.search_releases(asked, at=ask.at).releases, ask.shelf)


def datastore_info(ask: Ask) -> Json:
    """The fields and the number of rows of a resource."""
    release, _ = packages.release_of(ask.text("id") or ask.text("resource_id"))
    titles = {one.name: one.title for one in release.columns}
    columns = exchange.open_rows(release, Search(limit=0, wants_total=False)).columns
    fields = packages.fields_of(columns, titles)
    return {
        "meta": {"count": release.rows, "table_type": "BASE TABLE", "id": ask.text("id")},
        "fields": [one for one in fields if one["id"] != "_id"],
    }


def datastore_search(ask: Ask) -> Json:
    """Rows by ``filters``, ``q``, ``fields``, ``sort``, ``limit``, ``offset``, ``distinct``."""
    resource = ask.text("resource_id") or ask.text("id")
    release, _ = packages.release_of(resource)
    words, words_in = read_words(ask.params.get("q"))
    wants_total = is_yes(ask.params.get("include_total", True))
    search = Search(
        columns=listed(ask.params.get("fields"), "fields"),
        filters=read_filters(ask.params.get("filters")),
        words=words,
        words_in=words_in,
        sort=read_sort(ask.text("sort")),
        limit=whole(ask.params, "limit", 100, most=MOST_ROWS),
        offset=whole(ask.params, "offset", 0, most=MOST_OFFSET),
        is_distinct=is_yes(ask.params.get("distinct")),
        wants_total=wants_total,
    )
    if release.terms == "conditional":
        exchange.admit_open_use(release, form="api", key=ask.key, at=ask.at)
    found = exchange.open_rows(release, search)
    style = ask.text("records_format") or "objects"
    answer = {
        "resource_id": resource,
        "fields": packages.fields_of(
            found.columns, {one.name: one.title for one in release.columns}
        ),
        "records": _as(style, found.rows),
        "records_format": style,
        "limit": search.limit,
        "include_total": wants_total,
        "_links": _links(search),
    }
    if wants_total:
        answer |= {"total": found.total, "total_was_estimated": False}
    return answer


def _as(style: str, rows: list[dict[str, Any]]) -> Json:
    if style == "lists":
        return [list(row.values()) for row in rows]
    if style in ("csv", "tsv"):
        sheet = io.StringIO(newline="")
        writer = csv.writer(sheet, delimiter="," if style == "csv" else "\t")
        writer.writerows(["" if v is None else v for v in row.values()] for row in rows)
        return sheet.getvalue()
    return rows


def _links(search: Search) -> dict[str, str]:
    base = "/api/3/action/datastore_search"
    return {
        "start": f"{base}?limit={search.limit}",
        "next": f"{base}?offset={search.offset + search.limit}&limit={search.limit}",
    }


def nothing(ask: Ask) -> Json:
    """What a site without accounts or vocabularies answers."""
    return []


ACTIONS: Mapping[str, Callable[[Ask], Json]] = {
    one.__name__: one
    for one in (
        package_search,
        package_show,
        package_list,
        current_package_list_with_resources,
        package_autocomplete,
        resource_show,
        resource_search,
        organization_list,
        organization_show,
        group_list,
        group_show,
        tag_list,
        tag_show,
        license_list,
        status_show,
        recently_changed_packages_activity_list,
        datastore_info,
        datastore_search,
    )
} | {
    "site_read": lambda ask: True,
    "vocabulary_list": nothing,
    "organization_list_for_user": nothing,
    "group_list_authz": nothing,
}
