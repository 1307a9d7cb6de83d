"""Query options and resource paths, as the standard writes them."""

import re
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from yiwang.faces.api.sensorthings.filters import Node, parse_filter, parse_order
from yiwang.faces.api.sensorthings.refusals import malformed

MOST = 1000
"""Entities on one page at most; 100 unless asked."""
USUAL = 100
DEEPEST = 6
_OPTIONS = ("filter", "orderby", "select", "expand", "top", "skip", "count", "resultFormat")
_STEP = re.compile(
    r"(?P<name>@iot\.\w+|\$\w+|[A-Za-z]\w*)(?:\((?P<id>'(?:[^']|'')*'|-?\d{1,18})\))?"
)


@dataclass(frozen=True)
class Options:
    """What is wanted of a set of entities, and of those that are told with each."""

    filter: Node | None = None
    order: tuple[tuple[Node, bool], ...] = ()
    select: tuple[str, ...] = ()
    expand: dict[str, "Options"] = field(default_factory=dict)
    top: int = USUAL
    skip: int = 0
    count: bool = False
    result_format: str = ""


@dataclass(frozen=True)
class Step:
    """A part of a path: a name, perhaps with the id of one entity."""

    name: str
    id: str | int | None = None


def steps_of(path: str) -> tuple[Step, ...]:
    """``Things('SW001')/Datastreams`` as steps."""
    found, at = [], 0
    text = path.strip("/")
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None or text[match.end() : match.end() + 1] not in ("", "/"):
            raise malformed(f"路径 {path[:100]} 看不懂。", "写作 Things('SW001')/Datastreams。")
        found.append(Step(match["name"], id_of(match["id"])))
        at = match.end() + 1
    return tuple(found)


def id_of(text: str | None) -> str | int | None:
    """An id as it stands in parentheses."""
    if text is None:
        return None
    return text[1:-1].replace("''", "'") if text.startswith("'") else int(text)


def options_of(query: dict[str, str]) -> Options:
    """The options of a request; an unknown one is refused."""
    for name in query:
        if not name.startswith("$") or name[1:] not in _OPTIONS:
            raise malformed(f"没有查询选项 {name[:40]}。", "可用：$" + "、$".join(_OPTIONS) + "。")
    return _options({name[1:]: text for name, text in query.items()}, 0)


def _options(given: dict[str, str], depth: int) -> Options:
    if depth > DEEPEST:
        raise malformed("$expand 嵌套太深。")
    found = Options()
    for name, text in given.items():
        match name:
            case "filter":
                found = replace(found, filter=parse_filter(text))
            case "orderby":
                found = replace(found, order=parse_order(text))
            case "select":
                chosen = tuple(part.strip() for part in text.split(",") if part.strip())
                found = replace(found, select=chosen)
            case "expand":
                found = replace(found, expand=_expanded(text, depth))
            case "top":
                found = replace(found, top=min(_whole(name, text), MOST))
            case "skip":
                found = replace(found, skip=_whole(name, text))
            case "count":
                if text not in ("true", "false"):
                    raise malformed("$count 只能是 true 或 false。")
                found = replace(found, count=text == "true")
            case "resultFormat":
                if text != "dataArray":
                    raise malformed("$resultFormat 只有 dataArray。")
                found = replace(found, result_format=text)
            case _:
                raise malformed(f"没有查询选项 {name[:40]}。")
    return found


def _expanded(text: str, depth: int) -> dict[str, Options]:
    found: dict[str, Options] = {}
    for item in _parted(text, ","):
        name, _, inner = item.strip().partition("(")
        if inner and not inner.endswith(")"):
            raise malformed("$expand 的括号不成对。")
        given = {}
        for part in _parted(inner[:-1], ";") if inner else ():
            key, equals, value = part.strip().partition("=")
            if not equals or not key.startswith("$"):
                raise malformed("$expand 的选项写作 ($top=1;$orderby=…)。")
            given[key[1:]] = value
        first, *rest = name.strip().split("/")
        options = _options(given, depth + 1)
        for step in reversed(rest):
            options = Options(expand={step: options})
        known = found.get(first)
        found[first] = replace(known, expand=known.expand | options.expand) if known else options
    return found


def _parted(text: str, sign: str) -> list[str]:
    """Cut at a sign that stands outside parentheses and quotes."""
    parts, depth, is_quoted, begin = [], 0, False, 0
    for at, character in enumerate(text):
        if character == "'":
            is_quoted = not is_quoted
        elif not is_quoted:
            depth += (character == "(") - (character == ")")
            if character == sign and depth == 0:
                parts.append(text[begin:at])
                begin = at + 1
    if depth or is_quoted:
        raise malformed("括号或引号不成对。")
    return [*parts, text[begin:]]


def _whole(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise malformed(f"${name} 要是不为负的整数。")
    return int(text)


def unquoted(query: str) -> dict[str, str]:
    """The options of a query string; each may stand once."""
    found: dict[str, str] = {}
    for part in query.split("&") if query else ():
        name, _, value = part.partition("=")
        key = unquote(name.replace("+", " "))
        if key in found:
            raise malformed(f"查询选项 {key[:40]} 写了两次。")
        found[key] = unquote(value.replace("+", " "), errors="replace")
    return found
