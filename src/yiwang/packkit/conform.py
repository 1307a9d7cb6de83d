"""A YAML tree against a kind's struct: every fault with its line, then the struct itself.

Scalars are read by the type that is expected, never guessed: ``code: 01`` is the text "01" where
text is expected, and ``no`` is a word, not false.
"""

import re
from collections.abc import Callable
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from yiwang.packkit.nodes import Mapping, Node, Scalar, Sequence

T = TypeVar("T", bound=msgspec.Struct)
Tell = Callable[[int, str, str], None]

INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
BOOLEANS = {"true": True, "false": False}
NULLS = {"", "null", "~"}
WRONG = object()


def conform(node: Node, kind: type[T], tell: Tell) -> T | None:
    """The struct that ``node`` writes; None when something was told through ``tell``."""
    told: list[int] = []

    def telling(line: int, what: str, write: str) -> None:
        told.append(line)
        tell(line, what, write)

    value = _read(node, _info_of(kind), "", telling)
    if told:
        return None
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        tell(node.line, f"内容不合要求：{error}", "对照 docs/reference/pack 中该种文件的说明")
        return None


_info_of = cache(inspect.type_info)


def _read(node: Node, info: Any, name: str, tell: Tell) -> Any:
    if isinstance(info, inspect.Metadata):
        return _read(node, info.type, name, tell)
    if isinstance(info, inspect.UnionType):
        return _read_union(node, info, name, tell)
    if isinstance(info, inspect.AnyType):
        return plain_value(node)
    if isinstance(info, inspect.StructType):
        return _read_struct(node, info, name, tell)
    if isinstance(info, inspect.DictType):
        if not isinstance(node, Mapping):
            return _wrong(node, name, "一组“键: 值”", tell)
        return {
            key: _read(value, info.value_type, key, tell) for key, value in node.entries.items()
        }
    if isinstance(info, inspect.VarTupleType | inspect.ListType):
        if not isinstance(node, Sequence):
            return _wrong(node, name, "一个清单，如 [甲, 乙]", tell)
        return [_read(item, info.item_type, name, tell) for item in node.items]
    if isinstance(info, inspect.TupleType):
        if not isinstance(node, Sequence) or len(node.items) != len(info.item_types):
            return _wrong(node, name, f"{len(info.item_types)} 个值的清单", tell)
        pairs = zip(node.items, info.item_types, strict=True)
        return [_read(item, kind, name, tell) for item, kind in pairs]
    return _read_scalar(node, info, name, tell)


def _read_struct(node: Node, info: inspect.StructType, name: str, tell: Tell) -> Any:
    if not isinstance(node, Mapping):
        return _wrong(node, name, "一组“键: 值”", tell)
    fields = {field.encode_name: field for field in info.fields}
    read: dict[str, Any] = {}
    for key, value in node.entries.items():
        if key in fields:
            read[key] = _read(value, fields[key].type, key, tell)
            continue
        near = get_close_matches(key, fields, n=1, cutoff=0.6)
        write = f"是不是“{near[0]}”？" if near else f"可用的键：{'、'.join(fields)}"
        tell(node.key_lines[key], f"不认识的键“{key}”", write)
    for key, field in fields.items():
        if field.required and key not in node.entries:
            place = f"“{name}”中" if name else ""
            tell(node.line, f"{place}缺少“{key}”", f"补上 {key}: …")
    return read


def _read_union(node: Node, info: inspect.UnionType, name: str, tell: Tell) -> Any:
    if isinstance(node, Scalar):
        kinds = {type(one) for one in info.types}
        if inspect.NoneType in kinds and node.plain and node.text in NULLS:
            return None
        if inspect.BoolType in kinds and node.plain and node.text in BOOLEANS:
            return BOOLEANS[node.text]
        if inspect.IntType in kinds and node.plain and INTEGER.match(node.text):
            return int(node.text)
        if inspect.StrType in kinds:
            return node.text
    rest = [one for one in info.types if not isinstance(one, inspect.NoneType)]
    fitting = [one for one in rest if _is_compound(one) != isinstance(node, Scalar)]
    return _read(node, (fitting or rest)[0], name, tell)


def _is_compound(info: Any) -> bool:
    return isinstance(
        info, inspect.DictType | inspect.StructType | inspect.VarTupleType | inspect.TupleType
    )


def _read_scalar(node: Node, info: Any, name: str, tell: Tell) -> Any:
    if not isinstance(node, Scalar):
        return _wrong(node, name, "一个值", tell)
    text = node.text
    if isinstance(info, inspect.StrType):
        return text
    if isinstance(info, inspect.LiteralType):
        for choice in info.values:
            if str(choice) == text:
                return choice
        near = get_close_matches(text, [str(choice) for choice in info.values], n=1)
        choices = "、".join(str(choice) or "（空）" for choice in info.values)
        write = f"是不是“{near[0]}”？" if near else f"从中选一个：{choices}"
        tell(node.line, f"“{name}”不能是“{text}”", write)
        return WRONG
    if isinstance(info, inspect.BoolType) and text in BOOLEANS:
        return BOOLEANS[text]
    if isinstance(info, inspect.IntType) and INTEGER.match(text):
        return int(text)
    if isinstance(info, inspect.FloatType) and NUMBER.match(text):
        return float(text)
    if isinstance(info, inspect.DateType):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return _wrong(node, name, "日期，如 2025-01-01", tell)
    return _wrong(node, name, EXPECTED.get(type(info), "别的写法"), tell)


EXPECTED: dict[type, str] = {
    inspect.BoolType: "true 或 false",
    inspect.IntType: "整数",
    inspect.FloatType: "数字",
}


def _wrong(node: Node, name: str, expected: str, tell: Tell) -> Any:
    found = f"“{node.text}”" if isinstance(node, Scalar) else "一组内容"
    tell(node.line, f"“{name}”不能是{found}", f"这里要{expected}")
    return WRONG


def plain_value(node: Node) -> Any:
    """The node as plain values: text, integers, booleans, null, lists and mappings."""
    if isinstance(node, Mapping):
        return {key: plain_value(value) for key, value in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain_value(item) for item in node.items]
    if not node.plain:
        return node.text
    if node.text in NULLS:
        return None
    if node.text in BOOLEANS:
        return BOOLEANS[node.text]
    if INTEGER.match(node.text) and len(node.text) < 16:
        return int(node.text)
    return node.text
