"""Masks of ID and mobile numbers over whole columns: their length is fixed by a standard.

The signs that are hidden are written over in strides of that length; no value is looked at alone.
Whatever is of another length or kind is masked one by one by ``kernel.masking``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from yiwang.kernel import masking


class _Shape(NamedTuple):
    """What the masked form of an element depends on."""

    lengths: tuple[int, ...]
    front: int
    back: int
    signs: bytes
    pattern: str


_SHAPES = {
    "id_number": _Shape((18, 15), 3, 2, bytes(range(0x21, 0x7F)), r"^[\x21-\x7e]+$"),
    "phone": _Shape((11,), 3, 4, b"0123456789", r"^1[0-9]+$"),
}
ELEMENTS = frozenset(_SHAPES)


def masked(column: pa.Array, *, element: str, grade: int, hidden: str) -> pa.Array:
    """A column of clear values as it may be shown; ``hidden`` stands behind every eighth."""
    if not pa.types.is_string(column.type):
        column = column.cast(pa.string())
    shape, lengths = _SHAPES[element], pc.binary_length(column)
    for length in shape.lengths:
        chosen = pc.fill_null(pc.equal(lengths, length), False)
        if not column.offset and pc.all(chosen).as_py():
            column = _of_length(column, element, grade, length)
        elif pc.any(chosen).as_py():
            shown = _of_length(column.filter(chosen), element, grade, length)
            column = pc.replace_with_mask(column, chosen, shown)
    others = pc.fill_null(
        pc.invert(pc.is_in(lengths, pa.array(shape.lengths, lengths.type))), False
    )
    others = pc.and_(others, pc.is_valid(column))
    if pc.any(others).as_py():
        shown = _one_by_one(column.filter(others), element, grade)
        column = pc.replace_with_mask(column, others, shown)
    return _marked(column, hidden) if hidden else column


def _of_length(column: pa.Array, element: str, grade: int, length: int) -> pa.Array:
    shape = _SHAPES[element]
    content = _content(column, length)
    if content.translate(None, shape.signs) or not _begins_well(content, element, length):
        plain = pc.match_substring_regex(column, shape.pattern)
        odd = pc.invert(plain)
        shown = _one_by_one(column.filter(odd), element, grade)
        if pc.any(plain).as_py():
            kept = _of_length(column.filter(plain), element, grade, length)
            column = pc.replace_with_mask(column, plain, kept)
        return pc.replace_with_mask(column, odd, shown)
    written, stars = bytearray(content), b"*" * len(column)
    for place in range(shape.front, length - shape.back):
        written[place::length] = stars
    offsets = column.buffers()[1]
    return pa.StringArray.from_buffers(len(column), offsets, pa.py_buffer(bytes(written)))


def _begins_well(content: bytes, element: str, length: int) -> bool:
    return element != "phone" or not content[::length].strip(b"1")


def _content(column: pa.Array, length: int) -> bytes:
    """The bytes of a column that begins with its first value and has nothing but such values."""
    _, _, texts = column.buffers()
    return memoryview(texts)[: len(column) * length].tobytes()


def _one_by_one(column: pa.Array, element: str, grade: int) -> pa.Array:
    values: list[Any] = column.to_pylist()
    return pa.array([masking.mask(v, element=element, grade=grade) for v in values], pa.string())


def _marked(column: pa.Array, hidden: str) -> pa.Array:
    count = len(column)
    eighth = pa.Array.from_buffers(
        pa.bool_(), count, [None, pa.py_buffer(b"\x01" * ((count + 7) // 8))]
    )
    shown = pc.binary_join_element_wise(column.filter(eighth), hidden, "")
    return pc.replace_with_mask(column, eighth, shown)
