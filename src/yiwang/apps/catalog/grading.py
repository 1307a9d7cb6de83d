"""Why a column has its grade, pure: the reason in words and the clause it stands on."""

from collections.abc import Sequence

from yiwang.kernel.masking import element_of

PERSONAL = "《个人信息保护法》第四条（个人信息）"
SENSITIVE = "《个人信息保护法》第二十八条（敏感个人信息）"
GENERAL = "《数据安全法》第二十一条（数据分类分级保护）"

_SENSITIVE_WORDS = ("bank", "health", "medical", "disab", "医", "残疾", "账号", "金融")

TITLES = {1: "1级 公开", 2: "2级 内部", 3: "3级 敏感", 4: "4级 高敏感"}
"""What a page calls each grade."""


def clause_of(*, element: str, category: str, column: str, title: str) -> str:
    """The clause under which a column of this element and category is graded."""
    words = f"{element} {category} {column} {title}".lower()
    if any(word in words for word in _SENSITIVE_WORDS):
        return SENSITIVE
    if element_of(element=element, column=column, title=title) or "个人" in category:
        return PERSONAL
    return GENERAL


def declared_reason(organ: str, grade: int) -> str:
    """A feed's grade is the providing organ's own declaration."""
    return f"提供机构 {organ} 在归集表中定为 {grade} 级"


def derived_reason(
    sources: Sequence[tuple[str, str, int]], declared: int | None, grade: int
) -> str:
    """A table's grade comes from its sources, or was raised above them.

    ``sources`` are (table, column, grade).
    """
    highest = max((source[2] for source in sources), default=0)
    if sources and highest == grade:
        names = "、".join(f"{table}.{column}" for table, column, one in sources if one == grade)
        return f"由 {names[:200]} 计算而来，继承 {grade} 级"
    if sources and grade < highest:
        return f"由 {highest} 级字段汇总或脱敏而来，降为 {grade} 级"
    return f"数据表自行定为 {declared or grade} 级"
