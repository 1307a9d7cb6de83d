"""Ids for machines and numbers for people."""

import os
import re
import time
from collections.abc import Iterator
from datetime import date
from itertools import islice, product

from yiwang.kernel.errors import Invalid

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]
_NUMBER = re.compile(r"([A-Z]{1,6})(\d{8})(\d{4,9})([0-9X])")


class NumberMistyped(Invalid):
    """A human-readable number has a wrong form or check character."""

    code = "kernel.number_mistyped"


def new_id() -> str:
    """A new 26-character id, sortable by time of creation (ULID layout: 48 bits ms, 80 random)."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    return "".join([_PAIRS[value >> shift & 1023] for shift in range(120, -1, -10)])


def new_ids(count: int) -> Iterator[str]:
    """As many new ids, in ascending order; a run of 1,048,576 shares its random part."""
    while count > 0:
        run = new_id()[:-4]
        for last in islice(product(_CROCKFORD, repeat=4), count):
            yield run + "".join(last)
        count -= len(_CROCKFORD) ** 4


def number(*, prefix: str, day: date, sequence: int) -> str:
    """A number people read aloud: prefix, day, at least four digits, check character.

    ``number(prefix="SY", day=date(2026, 11, 2), sequence=17)`` → ``SY2026110200170``; the check
    character is ISO 7064 MOD 11-2 over the digits, so one wrong or two swapped digits are found.
    """
    digits = f"{day:%Y%m%d}{sequence:04d}"
    return f"{prefix}{digits}{check_character(digits)}"


def check_number(text: str) -> str:
    """``text`` in canonical form (upper case, no spaces), or ``NumberMistyped``."""
    cleaned = re.sub(r"\s", "", text).upper()
    match = _NUMBER.fullmatch(cleaned)
    if not match or check_character(match[2] + match[3]) != match[4]:
        raise NumberMistyped(
            f"编号“{text}”有误：形式或校验位不对。", hint="请对照回执逐位核对后重新输入。"
        )
    return cleaned


def check_character(digits: str) -> str:
    """The ISO 7064 MOD 11-2 check character (0-9 or X) of a string of digits."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2 % 11
    return "0123456789X"[(12 - total) % 11]
