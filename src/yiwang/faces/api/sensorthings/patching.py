"""JSON Patch (RFC 6902) on the properties of an entity. OGC SensorThings 1.1, chapter 10.3."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from yiwang.faces.api.sensorthings.refusals import RequestMalformed, malformed

MEDIA_TYPE = "application/json-patch+json"
MOST = 100
"""Operations that one request may hold."""


def patched(told: Mapping[str, Any], operations: Any) -> dict[str, Any]:
    """The top-level properties that the operations change, with their new values.

    A property that is taken away altogether becomes null.
    """
    if not isinstance(operations, list) or len(operations) > MOST:
        raise malformed(f"JSON Patch 是一个数组，至多 {MOST} 步。")
    content = deepcopy(dict(told))
    for one in operations:
        if not isinstance(one, Mapping) or not isinstance(one.get("op"), str):
            raise _broken(one)
        act = _ACTS.get(one["op"])
        if act is None:
            raise _broken(one)
        try:
            act(content, one)
        except (KeyError, IndexError, ValueError, TypeError):
            raise _broken(one) from None
    names = [*told, *(name for name in content if name not in told)]
    return {name: content.get(name) for name in names if told.get(name) != content.get(name)}


def _steps(pointer: Any) -> list[str]:
    """The parts of a JSON Pointer (RFC 6901) that leads into the document."""
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        raise ValueError(pointer)
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def _holder(content: Any, pointer: Any) -> tuple[Any, Any]:
    """What holds the place that a pointer names, and its key there."""
    *above, last = _steps(pointer)
    for step in above:
        content = content[_index(content, step)]
    if not isinstance(content, dict | list):
        raise TypeError(pointer)
    return content, _index(content, last, adds=True)


def _index(content: Any, step: str, *, adds: bool = False) -> Any:
    if not isinstance(content, list):
        return step
    if adds and step == "-":
        return len(content)
    if not step.isdecimal():
        raise ValueError(step)
    return int(step)


def _get(content: Any, pointer: Any) -> Any:
    for step in _steps(pointer):
        content = content[_index(content, step)]
    return content


def _add(content: Any, one: Mapping[str, Any]) -> None:
    _put(content, one["path"], one["value"])


def _put(content: Any, pointer: Any, value: Any) -> None:
    held, key = _holder(content, pointer)
    if isinstance(held, list):
        if key > len(held):
            raise IndexError(key)
        held.insert(key, value)
    else:
        held[key] = value


def _remove(content: Any, one: Mapping[str, Any]) -> None:
    held, key = _holder(content, one["path"])
    del held[key]


def _replace(content: Any, one: Mapping[str, Any]) -> None:
    held, key = _holder(content, one["path"])
    held[key]
    held[key] = one["value"]


def _move(content: Any, one: Mapping[str, Any]) -> None:
    if f"{one['path']}/".startswith(f"{one['from']}/") and one["path"] != one["from"]:
        raise ValueError(one["path"])
    value = _get(content, one["from"])
    _remove(content, {"path": one["from"]})
    _put(content, one["path"], value)


def _copy(content: Any, one: Mapping[str, Any]) -> None:
    _put(content, one["path"], deepcopy(_get(content, one["from"])))


def _test(content: Any, one: Mapping[str, Any]) -> None:
    if _get(content, one["path"]) != one["value"]:
        raise ValueError(one["path"])


_ACTS: dict[str, Callable[[Any, Mapping[str, Any]], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def _broken(one: Any) -> RequestMalformed:
    return malformed(
        f"JSON Patch 的这一步做不了：{str(one)[:120]}", "按 RFC 6902 写 op、path、value。"
    )
