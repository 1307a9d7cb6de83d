"""Hostile filters, sorts, column lists and words, generated: shared by the gate and the open API.

The same seed gives the same list. The default is small; ``YIWANG_LONG=1`` asks for ten thousand.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

COUNT = 10_000 if os.environ.get("YIWANG_LONG") == "1" else 300

BREAKERS = (
    "' OR '1'='1",
    '" OR 1=1 --',
    "'; DROP TABLE rows; --",
    "x') UNION SELECT content FROM about --",
    "(SELECT group_concat(sql) FROM sqlite_master)",
    "1; ATTACH DATABASE '/etc/passwd' AS p",
    "load_extension('x')",
    "readfile('/etc/passwd')",
    "read_csv('/etc/passwd')",
    "pg_read_file('/etc/passwd')",
    "http://127.0.0.1:1/",
    "../../../secrets/demo_password",
    "..%2f..%2fetc%2fpasswd",
    "${jndi:ldap://127.0.0.1}",
    "{{7*7}}",
    "\x00",
    "a\r\nSet-Cookie: a=b",
    "𠮷" * 50,
    "\u202egnp",
    "%",
    "_",
    "*",
    "\\",
    "NaN",
    "1e400",
    "-1",
    "9" * 40,
    "rowid",
    "_rowid_",
    "oid",
    "_id, (SELECT 1)",
    "rows.name",
    "main.about",
    "name COLLATE NOCASE",
    "CASE WHEN 1 THEN 1 END",
    "__class__",
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**63,
    2**200,
    1e308,
    [],
    [None],
    [[1]],
    {"$gt": ""},
    {"a": {"b": 1}},
    ["x"] * 600,
)


@dataclass(frozen=True)
class Attempt:
    """One hostile request: what is asked as columns, filters, order, words, page."""

    columns: Any
    filters: Any
    sort: str
    words: Any
    limit: Any
    offset: Any


def attempts(
    *, known: Sequence[str], hidden: Sequence[str], count: int = COUNT, seed: int = 4
) -> Iterator[Attempt]:
    """``count`` attempts that mix ``known`` columns with ``hidden`` ones and with breakers."""
    random = Random(seed)

    def text() -> str:
        part = random.choice((*BREAKERS, *hidden, *known))
        roll = random.random()
        if roll < 0.3:
            return part + random.choice(BREAKERS)
        if roll < 0.4:
            return f'"{part}"'
        return part.upper() if roll < 0.45 else part

    def value() -> Any:
        return random.choice(VALUES) if random.random() < 0.4 else text()

    def one_of(harmless: Any, *hostile: Any) -> Any:
        """Mostly harmless, so that a hostile part is not hidden behind another's refusal."""
        return harmless if random.random() < 0.7 else random.choice(hostile)

    for _ in range(count):
        yield Attempt(
            columns=one_of("", text(), [text(), text()], f"{known[0]},{text()}", value()),
            filters=one_of("", text(), {text(): value()}, {known[0]: value()}, value()),
            sort=one_of("", text(), f"{text()} desc", f"{known[0]} asc, {text()} desc"),
            words=one_of("", text(), {text(): text()}, value()),
            limit=one_of(5, "1 OR 1", -1, 2**70, None, text()),
            offset=one_of(0, "x", -5, 2**70, text()),
        )
