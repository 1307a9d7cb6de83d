"""Releases as CKAN writes packages, resources, organizations, groups and tags."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity

Json = dict[str, Any]
FORMS = exchange.FORMATS
TITLES = {"csv": "CSV（UTF-8）", "json": "JSON", "parquet": "Parquet"}
TYPES = {
    "integer": "int8",
    "decimal": "numeric",
    "boolean": "bool",
    "date": "date",
    "instant": "timestamp",
}
"""The datastore's types as PostgreSQL, and so CKAN, calls them."""


def release_of(resource: str) -> tuple[exchange.ReleaseView, str]:
    """The open release and form that a resource id stands for, or ``ReleaseUnknown``."""
    try:
        number = uuid.UUID(str(resource)).int
    except (ValueError, AttributeError, TypeError):
        number = 0
    for place, form in enumerate(FORMS) if number else ():
        try:
            return exchange.open_release(str(uuid.UUID(int=number ^ (place + 1)))), form
        except exchange.ReleaseUnknown:
            continue
    raise exchange.ReleaseUnknown("没有这个资源。", hint="请从 package_show 取得资源 id。")


def stamp(at: datetime | None) -> str | None:
    """An instant as CKAN writes it: UTC without offset."""
    return (
        at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") if at else None
    )


class Shelf:
    """Titles of organs, themes and licences, looked up once for a whole answer."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.organs = {one.id: one for one in identity.organs()}
        self.themes = {one.id: one for one in exchange.themes()}
        self.licenses = {one.id: one for one in exchange.licenses()}

    def package(self, one: exchange.ReleaseView) -> Json:
        """One release as a package; a withdrawn one has no resources and the state ``deleted``."""
        is_gone = one.state == "withdrawn"
        license_ = self.licenses.get(one.license)
        resources = [] if is_gone else [self.resource(one, form) for form in FORMS]
        tags = [tag(word) for word in one.keywords]
        return {
            "id": one.ident,
            "name": one.name,
            "title": one.title,
            "notes": one.description or (one.reason if is_gone else ""),
            "state": "deleted" if is_gone else "active",
            "type": "dataset",
            "private": False,
            "isopen": bool(license_ and license_.is_open and one.terms == "unconditional"),
            "license_id": one.license,
            "license_title": license_.title if license_ else one.license,
            "license_url": f"{self.site}/open/licenses/{one.license}/",
            "author": None,
            "author_email": None,
            "maintainer": one.contact,
            "maintainer_email": None,
            "creator_user_id": None,
            "owner_org": one.organ,
            "organization": self.organization(one.organ),
            "groups": self._groups(one.theme),
            "tags": tags,
            "num_tags": len(tags),
            "resources": resources,
            "num_resources": len(resources),
            "metadata_created": stamp(one.published_at),
            "metadata_modified": stamp(one.changed_at),
            "url": f"{self.site}/open/{one.name}/",
            "version": str(one.version),
            "extras": _extras(one),
            "relationships_as_subject": [],
            "relationships_as_object": [],
        }

    def resource(self, one: exchange.ReleaseView, form: str) -> Json:
        """One file of the version in force."""
        file = one.files.get(form, {})
        made = one.versions[0].made_at if one.versions else one.changed_at
        return {
            "id": one.resource_id(form),
            "package_id": one.ident,
            "name": TITLES[form],
            "description": "",
            "format": form.upper(),
            "mimetype": exchange.MEDIA[form],
            "mimetype_inner": None,
            "url": f"{self.site}/open/{one.name}/data.{form}",
            "url_type": None,
            "size": file.get("size"),
            "hash": f"sha256:{file['digest']}" if file else "",
            "position": FORMS.index(form),
            "state": "active",
            "resource_type": None,
            "cache_url": None,
            "cache_last_updated": None,
            "created": stamp(one.published_at),
            "metadata_modified": stamp(made),
            "last_modified": stamp(made),
            "datastore_active": form == "csv",
        }

    def organization(self, organ: str) -> Json:
        """An organ as an organization."""
        found = self.organs.get(organ)
        title = found.title if found else organ
        return _grouped(organ, title, kind="organization")

    def group(self, theme: str) -> Json:
        """A theme as a group."""
        found = self.themes.get(theme)
        return _grouped(theme, found.title if found else theme, kind="group")

    def _groups(self, theme: str) -> list[Json]:
        group = self.group(theme)
        names = ("id", "name", "title", "display_name", "description", "image_display_url")
        return [{name: group[name] for name in names}]


@lru_cache(maxsize=4096)
def _tag_id(word: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, word))


def tag(word: str) -> Json:
    """A keyword as a tag."""
    return {
        "id": _tag_id(word),
        "name": word,
        "display_name": word,
        "state": "active",
        "vocabulary_id": None,
    }


def license_json(one: exchange.LicenseView, site: str) -> Json:
    """A licence as ``license_list`` gives it."""
    return {
        "id": one.id,
        "title": one.title,
        "url": f"{site}/open/licenses/{one.id}/",
        "status": "active",
        "family": "",
        "maintainer": "",
        "is_generic": False,
        "is_okd_compliant": False,
        "is_osi_compliant": False,
        "domain_data": True,
        "domain_content": False,
        "domain_software": False,
        "od_conformance": "not reviewed",
        "osd_conformance": "not reviewed",
    }


def fields_of(columns: Mapping[str, str], titles: Mapping[str, str]) -> list[Json]:
    """The fields of a datastore answer."""
    found: list[Json] = []
    for name, type_ in columns.items():
        kind = "int" if name == "_id" else TYPES.get(type_, "text")
        field: Json = {"id": name, "type": kind}
        if name in titles:
            field["info"] = {"label": titles[name], "notes": ""}
        found.append(field)
    return found


def facets(counts: Mapping[str, Mapping[str, int]], shelf: Shelf) -> Json:
    """``search_facets`` with titles people read."""
    titles: dict[str, Mapping[str, Any]] = {
        "organization": shelf.organs,
        "groups": shelf.themes,
        "license_id": shelf.licenses,
    }

    def shown(name: str, value: str) -> str:
        found = titles.get(name, {}).get(value)
        return found.title if found else value

    return {
        name: {
            "title": name,
            "items": [
                {"name": value, "display_name": shown(name, value), "count": n}
                for value, n in found.items()
            ],
        }
        for name, found in counts.items()
    }


def activities(releases: Iterable[exchange.ReleaseView], shelf: Shelf) -> list[Json]:
    """Recent changes as CKAN's activity stream has them; deletions are among them."""
    return [
        {
            "id": str(uuid.uuid5(uuid.UUID(one.ident), str(one.changed_at))),
            "timestamp": stamp(one.changed_at),
            "user_id": None,
            "object_id": one.ident,
            "activity_type": _activity(one),
            "data": {"package": shelf.package(one)},
        }
        for one in releases
    ]


def _activity(one: exchange.ReleaseView) -> str:
    if one.state == "withdrawn":
        return "deleted package"
    return "new package" if one.version == 1 else "changed package"


def _extras(one: exchange.ReleaseView) -> list[Json]:
    pairs = {
        "terms": one.terms,
        "update_cycle": one.cycle,
        "division": one.division,
        "rows": str(one.rows),
        "quality_score": "" if one.score is None else str(one.score),
        "k": "" if one.measured.get("k") is None else str(one.measured["k"]),
        "withdrawn_at": stamp(one.withdrawn_at) or "",
        "withdrawn_reason": one.reason if one.state == "withdrawn" else "",
    }
    return [{"key": key, "value": value} for key, value in pairs.items() if value]


def _grouped(ident: str, title: str, *, kind: str) -> Json:
    return {
        "id": ident,
        "name": ident,
        "title": title,
        "display_name": title,
        "description": "",
        "image_url": "",
        "image_display_url": "",
        "type": kind,
        "is_organization": kind == "organization",
        "approval_status": "approved",
        "state": "active",
        "created": None,
    }
