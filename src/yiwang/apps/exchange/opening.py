"""The gate of opening, pure: what a column is, which may go out, and whether the groups are large.

A table about persons (or a graded column made of one) is measured by its quasi-identifiers, a
table of groups of persons by its numbers of persons; a table about things needs no measure.
Nothing here is lowered by hand: a proposer may only add to what the catalogue says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from yiwang.kernel.masking import element_of
from yiwang.lake import Measured, OpenColumn, OpenPlan

About = Literal["things", "groups", "persons"]
Role = Literal["plain", "identifier", "quasi", "sensitive", "count"]

ROLES: dict[str, str] = {
    "plain": "一般字段",
    "identifier": "直接标识",
    "quasi": "准标识",
    "sensitive": "敏感属性",
    "count": "人数",
}
"""What a page calls each role."""

COARSE: dict[str, str] = {
    "month": "只到月",
    "year": "只到年",
    "years:5": "五年一段",
    "years:10": "十年一段",
    "years:20": "二十年一段",
    "band:5": "每 5 一段",
    "band:10": "每 10 一段",
    "band:50": "每 50 一段",
    "band:100": "每 100 一段",
    "band:1000": "每 1000 一段",
    "digits:9": "只到乡镇",
    "digits:6": "只到县",
    "prefix:4": "只留前 4 位",
    "prefix:2": "只留前 2 位",
    "prefix:1": "只留首位",
}
"""What a page calls each generalisation."""

_OF_PERSONS = ("id_number", "name", "phone", "bank_card", "address")
_SENSITIVE = ("健康", "医", "残疾", "救助", "金融")
_MOST_OPEN = 2
"""A grade above this never leaves by opening, however it is generalised."""


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """开放阈值: what must hold for these terms on this day, and where that stands."""

    k: int
    l: int  # noqa: E741 - l-diversity is called so
    most_left_out: int
    """Percent of rows that may be left out because their groups are too small."""
    basis: str


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A column that is proposed, with what the catalogue knows of it."""

    name: str
    title: str
    type: str
    element: str
    codes: str
    category: str
    grade: int
    open: str
    coarse: str = ""
    declared: str = ""
    """A role the proposer adds: ``quasi`` or ``sensitive``."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why the gate does not let something out: the column (empty: the whole) and a sentence."""

    column: str
    sentence: str


def about(columns: Iterable[Chosen], *, subject: str, comes_of_persons: bool) -> About:
    """Whether rows tell of persons, of groups of persons, or of things."""
    if subject == "person":
        return "persons"
    if not comes_of_persons:
        return "things"
    return "persons" if any(one.grade > 1 for one in columns) else "groups"


def role_of(column: Chosen, kind: About) -> Role:
    """What a column is in the measure; the proposer may declare more, never less."""
    if column.element in _OF_PERSONS:
        return "identifier"
    if kind == "things":
        return "plain"
    if kind == "groups":
        is_number = column.type in ("integer", "decimal") and not column.coarse
        return "count" if is_number else "plain"
    if element_of(element=column.element, title=column.title):
        return "identifier"
    if column.declared in ("quasi", "sensitive"):
        return column.declared  # type: ignore[return-value]
    return "sensitive" if any(word in column.category for word in _SENSITIVE) else "quasi"


def plan_of(
    table: str, columns: Sequence[Chosen], kind: About, *, k: int, leaves_out: bool
) -> OpenPlan:
    """What the lake measures and writes."""
    roles = {one.name: role_of(one, kind) for one in columns}

    def having(role: Role) -> tuple[str, ...]:
        return tuple(name for name, own in roles.items() if own == role)

    return OpenPlan(
        table=table,
        columns=tuple(
            OpenColumn(name=one.name, type=one.type, coarse=one.coarse)  # type: ignore[arg-type]
            for one in columns
        ),
        quasi=(*having("quasi"), *having("identifier")),
        sensitive=having("sensitive"),
        counts=having("count"),
        k=k,
        leaves_out=leaves_out,
    )


def columns_refused(columns: Sequence[Chosen], kind: About, *, terms: str) -> list[Refusal]:
    """The columns that may not go out, whatever is measured."""
    found = []
    for one in columns:
        sentence = _why_not(one, role_of(one, kind), terms)
        if sentence:
            found.append(Refusal(column=one.name, sentence=f"“{one.title}”{sentence}"))
    return found


def _why_not(one: Chosen, role: Role, terms: str) -> str:
    if role == "identifier":
        return "直接指向个人，不得开放。"
    if one.open == "none":
        return "在目录中标明不予开放；如可开放，请先在数据表契约中改 open 属性。"
    if one.grade > _MOST_OPEN:
        return f"为 {one.grade} 级，不得开放。"
    is_measured = role in ("quasi", "sensitive")
    if terms == "unconditional" and one.open != "unconditional" and not is_measured:
        return "在目录中标明有条件开放，不能无条件开放。"
    return ""


def measure_refused(
    measured: Measured, plan: OpenPlan, threshold: Threshold, *, titles: dict[str, str]
) -> list[Refusal]:
    """Why what was measured does not suffice; empty when it does."""
    if not measured.rows:
        return [Refusal(column="", sentence="数据表没有行，没有可开放的内容。")]
    if not (plan.quasi or plan.counts):
        return []
    found = []
    if plan.leaves_out:
        percent = 100 * measured.share_below
        if percent > threshold.most_left_out:
            found.append(
                Refusal(
                    column="",
                    sentence=f"不足 {threshold.k} 人的组占 {percent:.1f}% 的行，"
                    f"超过允许略去的 {threshold.most_left_out}%。",
                )
            )
    elif measured.below:
        what = "人数格" if plan.counts else "准标识组合"
        found.append(
            Refusal(
                column="",
                sentence=f"最小的{what}只有 {measured.smallest} 人，阈值为 {threshold.k}；"
                f"{measured.below} 行低于阈值。",
            )
        )
    if plan.sensitive and (measured.least_varied or 0) < threshold.l:
        names = "、".join(titles.get(name, name) for name in plan.sensitive)
        found.append(
            Refusal(
                column="",
                sentence=f"同组之内“{names}”只有 {measured.least_varied} 种取值，"
                f"阈值为 {threshold.l}：知道一个人在哪一组就知道其敏感属性。",
            )
        )
    return found
