"""Which organ of the place a plan's words mean; pure."""

import re
from collections.abc import Collection, Iterable, Mapping

from yiwang.kernel.folding import simplified

LEVEL = re.compile(r"^(?:省|市(?!场|监|容)|县|区(?!域)|镇|乡(?!村))(?=.{2,})")
ENDING = re.compile(r"(?:局|委|办|部|中心)$")
SHORT = {
    "委员会": "委",
    "办公室": "办",
    "人力资源和社会保障": "人社",
    "人力资源社会保障": "人社",
    "市场监督管理": "市监",
    "市场监管": "市监",
    "自然资源和规划": "资规",
    "发展和改革": "发改",
    "发展改革": "发改",
    "卫生健康": "卫健",
    "住房和城乡建设": "住建",
    "住房城乡建设": "住建",
    "交通运输": "交运",
    "医疗保障": "医保",
    "城市管理": "城管",
    "残疾人联合会": "残联",
    "大数据管理": "数据",
    "大数据": "数据",
    "工业和信息化": "工信",
    "文化广电和旅游": "文旅",
    "文化广电旅游": "文旅",
    "文化和旅游": "文旅",
    "文广旅": "文旅",
    "网络安全和信息化": "网信",
}
"""Usual short forms of offices, longest first where one holds another (examples, not a rule)."""


def organ_meant(words: str, organs: Mapping[str, str]) -> str:
    """The id of the one organ whose title is meant; empty for a group, none, or more than one.

    ``organs`` maps id to title. Two organs with one name leave the choice to a person.
    """
    wanted = short_form(words)
    forms = {organ: short_form(title) for organ, title in organs.items()}
    found = [organ for organ, form in forms.items() if form == wanted]
    if not found:  # 卫健局 here, 卫健委 there
        found = [o for o, form in forms.items() if ENDING.sub("", form) == ENDING.sub("", wanted)]
    return found[0] if len(found) == 1 else ""


def short_form(name: str) -> str:
    """``县人力资源和社会保障局`` and ``人社局`` as one: ``人社局``."""
    plain = LEVEL.sub("", simplified(name).strip())
    plain = plain.removeprefix("委") if plain[:1] == "委" and len(plain) > 3 else plain
    for long, short in sorted(SHORT.items(), key=lambda pair: -len(pair[0])):
        plain = plain.replace(long, short)
    return plain


def helpers_by_rule(
    defaults: Iterable[str], named: Collection[tuple[str, str]], organs: Mapping[str, str]
) -> list[tuple[str, str]]:
    """属地配合: (words, organ) of the plan's default helpers that a task does not name itself.

    ``named`` are the (words, organ) of the task's own leads and helpers.
    """
    meant = [(words, organ_meant(words, organs)) for words in defaults]
    known = {organ or words for words, organ in named}
    return [(words, organ) for words, organ in meant if (organ or words) not in known]
