"""One thing by its name, or the name that was probably meant."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

from yiwang.kernel.errors import NotFound

T = TypeVar("T")


class NothingCalled(NotFound):
    """No pack of this place holds a thing of this kind by this name."""

    code = "packkit.nothing_called"


def named(ref: str, found: Mapping[str, T], kind: str) -> T:
    """The thing called ``ref``, or ``NothingCalled`` with the nearest name."""
    if ref in found:
        return found[ref]
    near = get_close_matches(ref, found, n=1)
    raise NothingCalled(
        f"{kind} 中没有“{ref}”。",
        hint=f"是不是“{near[0]}”？" if near else f"现有：{'、'.join(found) or '无'}。",
        kind=kind,
        ref=ref,
    )
