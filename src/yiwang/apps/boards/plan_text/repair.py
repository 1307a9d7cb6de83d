"""Headings whose bytes slipped by one (``?。ㄒ唬┲…`` was ``（一）…``), put right where possible.

A page that broke a GBK text between the two bytes of one character shows the rest of the run
shifted: each pair is read across the border of two characters. Put the lost byte back in front
and most of it reads again; what does not is a box, and the heading is marked as damaged.
"""

import re
from itertools import takewhile

SLIPPED = re.compile(r"^[?？]。")
LOST = "□"


def repaired(line: str) -> tuple[str, bool]:
    """The line, and whether it was damaged; a sound line comes back as it is."""
    if not SLIPPED.match(line):
        return line, False
    raw = b"\xa1" + line[1:].encode("gb18030")
    shifted = raw.decode("gb18030", errors="replace").strip("　 ")
    sound = _same_ending(shifted, line)
    slipped = shifted.removesuffix(sound)
    head = re.match(r"（([一二三四五六七八九十]{1,3})）?", slipped)
    if head is None:
        return line, True
    return f"（{head[1]}）{_common(slipped[head.end() :].lstrip('）'))}{sound}".rstrip("?？"), True


def _same_ending(one: str, other: str) -> str:
    """The longest text with which both end: there the pairs are in step again."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return one[len(one) - same :]


def _common(text: str) -> str:
    """``text`` with characters outside GB 2312 and ASCII as boxes: they are the seams."""
    shown = [c if _is_common(c) else LOST for c in text]
    return re.sub(f"{LOST}+", LOST, "".join(shown))


def _is_common(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
