"""What a county is called and which prefixes its natives' numbers carry, read from its code."""

from functools import cache

from yiwang.kernel.division_history import division_at, prefixes_of

FIRST_NUMBERS = 1900
"""A year before any number was given: the oldest prefix holds from then on."""


def county_name(code: str) -> str:
    """``泗阳县`` for ``321323…``; a code that no table knows is 本县."""
    return _name(code[:6])


@cache
def _name(six: str) -> str:
    return division_at(six, 2024).name or "本县"


def short_name(county: str) -> str:
    """``泗阳`` for ``泗阳县``."""
    return county[:-1] if len(county) > 2 and county[-1] in "县市区" else county


def id_prefixes(code: str) -> tuple[tuple[int, str], ...]:
    """First year and prefix, oldest first: 泗阳 had 322226 until 1983 and 320825 until 1996."""
    return _prefixes(code[:6])


@cache
def _prefixes(six: str) -> tuple[tuple[int, str], ...]:
    since = [
        (division_at(prefix, 2024).since or FIRST_NUMBERS, prefix) for prefix in prefixes_of(six)
    ]
    (_, oldest), *later = since
    return ((FIRST_NUMBERS, oldest), *later)
