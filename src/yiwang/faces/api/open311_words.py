"""The words of Open311 GeoReport v2: services, definitions and filings, read and written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec

from yiwang.apps.casework import public as casework
from yiwang.kernel.errors import Invalid, NotFound
from yiwang.packkit.kinds.incidents import Incident

ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,64})\](\[\])?\Z")
CONTACT = ("email", "first_name", "last_name", "phone", "account_id", "device_id")
TYPES = {"integer": "number", "decimal": "number", "date": "datetime", "instant": "datetime"}
LONGEST = 4000


class FilingIncomplete(Invalid):
    """The report lacks what the standard or the service asks for, or it cannot be read."""

    code = "api.filing_incomplete"


REFUSALS = (FilingIncomplete, NotFound, casework.IntakeKeyUnknown, casework.KindNotForKey)

Count = Annotated[int, msgspec.Meta(ge=1)]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How requests are looked for."""

    service_request_id: str = ""
    """Numbers, separated by commas; then the span is not asked for."""
    service_code: str = ""
    start_date: str = ""
    """With offset; the span is at most 90 days."""
    end_date: str = ""
    status: str = ""
    """``open`` or ``closed``."""
    page: Count = 1
    page_size: Count = 50
    jurisdiction_id: str = ""


class ServiceDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of who reports a service."""

    service_code: str
    attributes: list[dict[str, Any]]


def service_of(ref: str, kind: Incident) -> dict[str, Any]:
    """A service in the standard's words."""
    return {
        "service_code": ref,
        "service_name": kind.title,
        "description": kind.description,
        "metadata": bool(kind.fields),
        "type": "realtime",
        "keywords": ",".join(kind.keywords),
        "group": kind.group,
    }


def definition_of(ref: str, kind: Incident) -> dict[str, Any]:
    """A service's definition in the standard's words."""
    attributes = [
        {
            "variable": True,
            "code": name,
            "datatype": TYPES.get(one.type, "string"),
            "required": one.required,
            "datatype_description": one.help,
            "order": order,
            "description": one.title,
            "values": [],
        }
        for order, (name, one) in enumerate(kind.fields.items(), 1)
    ]
    return {"service_code": ref, "attributes": attributes}


@dataclass(frozen=True)
class Filing:
    """A report as it was posted; nothing in it is believed yet."""

    code: str
    description: str
    address: str
    lon: float | None
    lat: float | None
    attributes: Mapping[str, str]
    contact: Mapping[str, str]
    media: str = ""
    problems: tuple[str, ...] = field(default=())

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "Filing":
        """Read a posted form."""
        problems: list[str] = []
        attributes = {
            found[1]: str(value)[:500]
            for name, value in form.items()
            if (found := ATTRIBUTE.match(name))
        }
        lat, lon = (_degrees(form.get(name, ""), name, problems) for name in ("lat", "long"))
        return cls(
            code=_text(form, "service_code"),
            description=_text(form, "description"),
            address=_text(form, "address_string") or _text(form, "address_id"),
            lon=lon,
            lat=lat,
            attributes=attributes,
            contact={name: _text(form, name)[:120] for name in CONTACT if _text(form, name)},
            media=_text(form, "media_url")[:500],
            problems=tuple(problems),
        )

    def require(self, kind: Incident) -> None:
        """``FilingIncomplete`` unless it says where, and all that the service asks for."""
        problems = list(self.problems)
        if (self.lon is None) != (self.lat is None):
            problems.append("lat 和 long 要同时给出")
        if self.lon is None and not self.address:
            problems.append("缺少位置：lat 和 long，或 address_string")
        missing = [
            one.title
            for name, one in kind.fields.items()
            if one.required and not self.attributes.get(name, "").strip()
        ]
        problems += [f"缺少属性：{title}" for title in missing]
        if problems:
            raise FilingIncomplete("；".join(problems) + "。", hint="补齐后重新提交。")

    def signal(self, source: str) -> casework.NewSignal:
        """The signal it is."""
        facts: dict[str, Any] = dict(self.attributes)
        if self.media:
            facts["媒体地址"] = self.media
        return casework.NewSignal(
            kind=self.code,
            source=source,
            summary=self.description or self.address or "居民上报",
            lon=self.lon,
            lat=self.lat,
            facts=facts,
            address=self.address,
            channel="open311",
            contact=self.contact,
        )


def _text(form: Mapping[str, str], name: str) -> str:
    return str(form.get(name, "")).replace("\0", "").strip()[:LONGEST]


def _degrees(text: str, name: str, problems: list[str]) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) <= (90 if name == "lat" else 180):
        problems.append(f"{name} 不是有效的坐标")
        return None
    return value
