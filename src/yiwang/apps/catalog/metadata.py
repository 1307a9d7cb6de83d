"""What an entry of the four lists says, pure: its fields, what is wrong, what differs, its bytes.

The data list holds the core metadata of 《政务信息资源目录编制指南（试行）》. Code tables are the
registers that ``codes`` names: dated and editable like every register.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from yiwang.apps.catalog.addresses import is_address
from yiwang.kernel.crypto import sm3

ListName = Literal["data", "demand", "sharing", "system"]
Kind = Literal["text", "long", "code", "items", "names", "day", "address"]
Values = Mapping[str, Any]
Codes = Mapping[str, Mapping[str, str]]
"""Register to its codes with titles."""

LONGEST = 2_000
MOST_ITEMS = 2_000
_SEPARATORS = re.compile(r"[;；\n]+")
_PARTS = re.compile(r"[,，\t|]+")
_NAMES = re.compile(r"[;；、,，\n]+")


@dataclass(frozen=True)
class Field:
    """One piece of metadata. ``items`` are 信息项: title, type, length, name."""

    name: str
    title: str
    kind: Kind = "text"
    codes: str = ""
    required: bool = True
    help: str = ""
    needed_if: tuple[str, str] = ("", "")
    """(field, code): required only when that field has that code."""


@dataclass(frozen=True)
class ListKind:
    """One of the four lists: its title, the letters of its codes, and the fields of an entry."""

    name: ListName
    title: str
    letters: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """The field of this name."""
        return next(one for one in self.fields if one.name == name)


_TITLE = Field("title", "名称")
_CYCLE = Field("cycle", "更新周期", "code", "base.update_cycle")

LISTS: Mapping[str, ListKind] = {
    "data": ListKind(
        "data",
        "数据目录清单",
        "",
        (
            Field("title", "信息资源名称"),
            Field("abstract", "信息资源摘要", "long"),
            Field("class", "资源分类", "code", "base.resource_class"),
            Field("format", "信息资源格式", "code", "base.resource_format"),
            Field(
                "items",
                "信息项",
                "items",
                help="每行一项：名称，类型，长度，字段名；长度和字段名可省。",
            ),
            Field("share", "共享类型", "code", "base.share_type"),
            Field(
                "share_condition",
                "共享条件",
                required=False,
                needed_if=("share", "2"),
                help="有条件共享写明条件，不予共享写明依据。",
            ),
            Field("share_mode", "共享方式", "code", "base.share_mode"),
            Field("open", "开放类型", "code", "base.open_type"),
            Field("open_condition", "开放条件", required=False, needed_if=("open", "2")),
            _CYCLE,
            Field(
                "grade",
                "数据级别",
                "code",
                "base.data_grade",
                required=False,
                help="取各信息项的最高级别；资源已接入平台的，签发时按字段得出。",
            ),
            Field("system", "来源系统", required=False, help="系统清单中的名称或代码。"),
            Field("linked", "关联资源代码", "names", required=False),
        ),
    ),
    "demand": ListKind(
        "demand",
        "数据需求清单",
        "XQ",
        (
            Field("title", "需求名称"),
            Field("items", "所需信息项", "items", help="每行一项：名称，类型；写到字段。"),
            Field("purpose", "用途"),
            Field("scenario", "事项或场景"),
            Field("basis", "需求依据"),
            Field("provider", "拟提供机构"),
            Field("share_mode", "共享方式", "code", "base.share_mode"),
            _CYCLE,
            Field("needed_on", "需要日期", "day", required=False),
        ),
    ),
    "sharing": ListKind(
        "sharing",
        "数据共享清单",
        "GX",
        (
            _TITLE,
            Field("resource", "信息资源代码"),
            Field("share", "共享类型", "code", "base.share_type"),
            Field("share_condition", "共享条件", required=False, needed_if=("share", "2")),
            Field("share_mode", "共享方式", "code", "base.share_mode"),
            Field("promise", "服务承诺", help="例如：申请后3个工作日内答复，接口可用率99%。"),
            _CYCLE,
            Field("contact", "联系岗位", required=False),
        ),
    ),
    "system": ListKind(
        "system",
        "信息系统清单",
        "XT",
        (
            Field("title", "系统名称"),
            Field("abstract", "主要功能", "long"),
            Field("status", "建设状态", "code", "base.system_status"),
            Field("hosting", "部署位置", "code", "base.system_hosting"),
            Field("network", "所在网络", "code", "base.system_network"),
            Field("protection", "等保级别", "code", "base.protection_level"),
            Field(
                "address",
                "访问地址",
                "address",
                required=False,
                help="https://主机名 或 http://主机名:端口；平台每天探测它是否应答、是否双栈。",
            ),
            Field("contract", "建设合同或来源", required=False),
            Field("source", "接入源", required=False, help="数据源绑定中的名称，用于扫描。"),
            Field("items", "支撑的业务事项", "names", required=False),
            Field("resources", "产生的数据资源", "names", required=False),
        ),
    ),
}

CLASSIFIED = re.compile(r"涉密|机密|绝密|国家秘密")
_PLAIN = re.compile(r"非涉密|不涉密|不涉及国家秘密")


def read_item(text: str) -> dict[str, str]:
    """One 信息项 from ``名称，类型，长度，字段名``."""
    parts = [part.strip() for part in _PARTS.split(text.strip())]
    names = ("title", "type", "length", "name")
    return {name: part for name, part in zip(names, parts, strict=False) if part}


def taken(kind: ListKind, given: Mapping[str, Any], *, codes: Codes) -> dict[str, Any]:
    """What was typed or imported, as values: trimmed, codes instead of their titles."""
    values: dict[str, Any] = {}
    for field in kind.fields:
        raw = given.get(field.name)
        if raw in (None, "", [], ()):
            continue
        values[field.name] = _value(field, raw, codes)
    return values


def _value(field: Field, raw: Any, codes: Codes) -> Any:
    if field.kind == "items":
        lines = _SEPARATORS.split(raw) if isinstance(raw, str) else raw
        items = [read_item(one) if isinstance(one, str) else dict(one) for one in lines if one]
        types = {title: code for code, title in codes.get("base.item_type", {}).items()}
        for item in items:
            if item.get("type"):
                item["type"] = types.get(item["type"], item["type"])
        return [item for item in items if item]
    if field.kind == "names":
        names = _NAMES.split(raw) if isinstance(raw, str) else raw
        return list(dict.fromkeys(name.strip() for name in names if name.strip()))
    text = str(raw).strip()
    if field.kind == "code":
        known = codes.get(field.codes, {})
        by_title = {title: code for code, title in known.items()}
        return text if text in known else by_title.get(text, text)
    return text


def faults(kind: ListKind, values: Values, *, codes: Codes) -> dict[str, str]:
    """Field to what is wrong with it; empty when the entry may go to the check."""
    found: dict[str, str] = {}
    for field in kind.fields:
        value = values.get(field.name)
        needed = field.required or (
            field.needed_if[0] and values.get(field.needed_if[0]) == field.needed_if[1]
        )
        if value in (None, "", []):
            if needed:
                found[field.name] = f"“{field.title}”未填。"
            continue
        if wrong := _fault(field, value, codes):
            found[field.name] = wrong
    text = _PLAIN.sub("", " ".join(str(value) for value in values.values()))
    if CLASSIFIED.search(text):
        found["title"] = "内容标有涉密字样；涉密数据和系统不得编入本清单，请走保密渠道。"
    return found


def _fault(field: Field, value: Any, codes: Codes) -> str:
    if field.kind == "code" and value not in codes.get(field.codes, {}):
        known = "、".join(codes.get(field.codes, {}).values())
        return f"“{field.title}”的取值“{str(value)[:40]}”不在代码表中（{known}）。"
    if field.kind == "day" and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        return f"“{field.title}”应写成 2026-12-31 的形式。"
    if field.kind == "address" and not is_address(str(value)):
        return f"“{field.title}”应写成 https://主机名 或 http://主机名:端口，不带参数和口令。"
    if field.kind == "items":
        return _item_fault(field, value, codes)
    if isinstance(value, str) and len(value) > LONGEST:
        return f"“{field.title}”超过 {LONGEST} 字。"
    return ""


def _item_fault(field: Field, items: Sequence[Mapping[str, str]], codes: Codes) -> str:
    if len(items) > MOST_ITEMS:
        return f"“{field.title}”超过 {MOST_ITEMS} 项。"
    titles = [item.get("title", "") for item in items]
    twice = next((title for title in titles if titles.count(title) > 1), None)
    if "" in titles or twice:
        return f"“{field.title}”里有空的或重复的名称{f'“{twice}”' if twice else ''}。"
    types = codes.get("base.item_type", {})
    for item in items:
        if item.get("type") and types and item["type"] not in types:
            return f"信息项“{item['title']}”的类型“{item['type'][:20]}”不在代码表中。"
        if not item.get("length", "0").isdecimal():
            return f"信息项“{item['title']}”的长度应为整数。"
    return ""


def completeness(kind: ListKind, values: Values) -> float:
    """目录完整度: the share of the list's fields that say something."""
    filled = sum(values.get(field.name) not in (None, "", []) for field in kind.fields)
    return filled / len(kind.fields)


def canonical(*, number: str, list_name: str, organ: str, version: int, values: Values) -> bytes:
    """The bytes that are signed: keys in order, no space, UTF-8."""
    return msgspec.json.encode(
        {
            "list": list_name,
            "number": number,
            "organ": organ,
            "values": dict(values),
            "version": version,
        },
        order="deterministic",
    )


def digest(content: bytes) -> str:
    """SM3 of the canonical bytes, in hex."""
    return sm3(content).hex()


def content_digest(kind: ListKind, values: Values) -> str:
    """SM3 of what an entry says, whatever its code, organ and version: two copies compare by it."""
    said = taken(kind, values, codes={})
    return digest(msgspec.json.encode(said, order="deterministic"))


def shown(field: Field, value: Any, *, codes: Codes) -> str:
    """A value as people read it."""
    if value in (None, "", []):
        return ""
    if field.kind == "code":
        return codes.get(field.codes, {}).get(value, str(value))
    if field.kind == "names":
        return "、".join(value)
    if field.kind == "items":
        return "\n".join(item_line(item) for item in value)
    return str(value)


def item_line(item: Mapping[str, str]) -> str:
    """One 信息项 as one line, which ``read_item`` reads again."""
    parts = [item.get(name, "") for name in ("title", "type", "length", "name")]
    while parts and not parts[-1]:
        parts.pop()
    return "，".join(part or "0" for part in parts)


@dataclass(frozen=True)
class Difference:
    """One field, or one 信息项, that differs between two versions."""

    title: str
    before: str
    after: str


def differences(
    kind: ListKind, before: Values, after: Values, *, codes: Codes
) -> tuple[Difference, ...]:
    """What changed from one version to another, item by item."""
    found: list[Difference] = []
    for field in kind.fields:
        old, new = before.get(field.name), after.get(field.name)
        if (old or None) == (new or None):
            continue
        if field.kind == "items":
            found += _item_differences(field, old or [], new or [])
        else:
            shown_old = shown(field, old, codes=codes)
            found.append(Difference(field.title, shown_old, shown(field, new, codes=codes)))
    return tuple(found)


def _item_differences(
    field: Field, old: Sequence[Mapping[str, str]], new: Sequence[Mapping[str, str]]
) -> list[Difference]:
    def keyed(items: Sequence[Mapping[str, str]]) -> dict[str, str]:
        return {item.get("name") or item["title"]: item_line(item) for item in items}

    was, is_now = keyed(old), keyed(new)
    return [
        Difference(f"{field.title} {key}", was.get(key, ""), is_now.get(key, ""))
        for key in dict.fromkeys([*was, *is_now])
        if was.get(key) != is_now.get(key)
    ]
