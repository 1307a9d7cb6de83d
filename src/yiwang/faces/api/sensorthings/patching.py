"""JSON Patch (RFC 6902) on the properties of an entity. OGC SensorThings 1.1, chapter 10.3."""

from collections.abc import Mapping
from typing import Any

import msgspec
from jsonpatch import JsonPatch, JsonPatchException
from jsonpointer import JsonPointerException

from yiwang.faces.api.sensorthings.refusals import RequestMalformed, malformed

MEDIA_TYPE = "application/json-patch+json"
MOST = 100
"""Operations that one request may hold."""
LARGEST = 1 << 20
"""Bytes that the properties may grow to: copies of copies would double without end."""


def patched(told: Mapping[str, Any], operations: Any) -> dict[str, Any]:
    """The top-level properties that the operations change, with their new values.

    A property that is taken away altogether becomes null.
    """
    if not isinstance(operations, list) or len(operations) > MOST:
        raise malformed(f"JSON Patch 是一个数组，至多 {MOST} 步。")
    content = dict(told)
    for one in operations:
        try:
            content = JsonPatch([one]).apply(content)
        except (JsonPatchException, JsonPointerException, TypeError, KeyError):
            raise _broken(one) from None
        if not isinstance(content, dict) or len(msgspec.json.encode(content)) > LARGEST:
            raise _broken(one)
    names = [*told, *(name for name in content if name not in told)]
    return {name: content.get(name) for name in names if told.get(name) != content.get(name)}


def _broken(one: Any) -> RequestMalformed:
    return malformed(
        f"JSON Patch 的这一步做不了：{str(one)[:120]}", "按 RFC 6902 写 op、path、value。"
    )
