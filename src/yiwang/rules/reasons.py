"""The reason of a condition: what it says, how it came out, which values it looked at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal as OneOf

from yiwang.rules import tree as t

Result = OneOf["yes", "no", "unknown"]
RESULT_TITLES: dict[Result, str] = {"yes": "符合", "no": "不符合", "unknown": "无法判断"}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """How one condition came out. ``names`` are what it looks at, never the values themselves."""

    id: str
    title: str
    result: Result
    names: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    basis: str = ""
    titles: Mapping[str, str] | None = None
    """Chinese titles of names."""

    @property
    def sentence(self) -> str:
        """The reason as a person reads it."""
        lacking = f"（缺 {self._named(self.missing)}）" if self.missing else ""
        looked = f"；所看：{self._named(self.names)}" if self.names else ""
        basis = f"；依据：{self.basis}" if self.basis else ""
        return f"{self.title}：{RESULT_TITLES[self.result]}{lacking}{looked}{basis}"

    def _named(self, names: tuple[str, ...]) -> str:
        titles = self.titles or {}
        return "、".join(titles.get(name, name) for name in names)


def parts_of(node: t.Node) -> Iterator[t.Node]:
    """The conditions that a condition is made of: what stands between and, or, not."""
    match node:
        case t.And() | t.Or():
            for part in node.parts:
                yield from parts_of(part)
        case t.Not():
            yield from parts_of(node.of)
        case _:
            if node.type == "boolean":
                yield node
