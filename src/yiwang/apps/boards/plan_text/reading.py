"""A plan from its text: outline, tasks by who answers for them, targets, doubts."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from string import ascii_lowercase

from yiwang.apps.boards.plan_text.model import Heading, PlanText, Target, Task
from yiwang.apps.boards.plan_text.numbers import milestones, targets
from yiwang.apps.boards.plan_text.outline import NUMERALS, Stretch, outline
from yiwang.apps.boards.plan_text.responsible import Responsible, brackets
from yiwang.kernel.errors import Invalid
from yiwang.kernel.folding import simplified

AIMS = re.compile(r"指导思想|基本原则|总体目标|主要目标|总体要求|总体思路|工作目标|发展目标")
NUMBER = re.compile(r"^[一-龥]{1,6}发?〔20\d\d〕\s*\d+\s*号")
DAY = re.compile(r"(20\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
TABLE = re.compile(r"(?:指标|任务|清单|分工)表$")
SHORT_TITLE = 24


class PlanUnreadable(Invalid):
    """The text has no chapter heading: it is no plan, or its text was lost in conversion."""

    code = "boards.plan_unreadable"


def read_plan(text: str) -> PlanText:
    """The entries a published plan proposes; raises ``PlanUnreadable`` without headings."""
    stretches = list(outline(text))
    if not any(stretch.headings for stretch in stretches):
        raise PlanUnreadable(
            "这份文本里找不到“一、”这样的章节标题，无法提取任务。",
            hint="确认导入的是方案正文（TXT 或 DOCX），扫描件请先转换为文字。",
        )
    issued = _issued(stretches)
    parted = list(_parted(stretches))
    tasks = tuple(_tasks(parted, issued))
    return PlanText(
        title=_title(stretches[0].text),
        number=_first(NUMBER, stretches[0].text),
        issued_on=issued,
        tasks=tasks,
        targets=tuple(_all_targets(stretches, tasks, issued)),
        default_helpers=_default_helpers(stretches),
        doubts=tuple(_doubts(stretches)),
    )


def _parted(
    stretches: Iterable[Stretch],
) -> Iterator[tuple[Stretch, list[tuple[str, Responsible]]]]:
    """Each stretch that holds tasks, cut at its brackets: text and who answers for it."""
    listed = list(stretches)
    for at, stretch in enumerate(listed):
        if not stretch.headings or any(AIMS.search(simplified(h.title)) for h in stretch.headings):
            continue
        parts, start = [], 0
        for opened, closed, who in brackets(stretch.text):
            parts.append((stretch.text[start:opened].strip(), who))
            start = closed
        is_leaf = at + 1 == len(listed) or _level(listed[at + 1]) <= _level(stretch)
        if not parts and is_leaf and stretch.text:
            parts = [(stretch.text, Responsible((), ()))]
        if parts:
            yield stretch, parts


def _level(stretch: Stretch) -> int:
    return stretch.headings[-1].level if stretch.headings else 0


def _tasks(
    parted: Iterable[tuple[Stretch, list[tuple[str, Responsible]]]], issued: date | None
) -> Iterator[Task]:
    for stretch, parts in parted:
        letters = ascii_lowercase if len(parts) > 1 else ("",)
        for letter, (text, who) in zip(letters, parts, strict=False):
            title = stretch.headings[-1].title
            if letter > "a" or not title:
                title = _opening(text)
            yield Task(
                number=_path(stretch.headings) + letter,
                title=title,
                chapter=stretch.headings[0].title,
                section=next((h.title for h in stretch.headings if h.level == 2), ""),
                text=text,
                leads=who.leads,
                helpers=who.helpers,
                milestones=milestones(text, issued=issued),
                is_damaged=any(heading.is_damaged for heading in stretch.headings),
            )


def _path(headings: tuple[Heading, ...]) -> str:
    """``二-3-14``: the chapter as written, then section and item."""
    chapter, *below = (heading.number for heading in headings)
    first = NUMERALS[chapter - 1] if chapter <= len(NUMERALS) else str(chapter)
    return "-".join([first, *map(str, below)])


def _opening(text: str) -> str:
    """The first words of a text, short enough to be a title."""
    return re.split(r"[，。；]", text, maxsplit=1)[0][:SHORT_TITLE]


def _all_targets(
    stretches: Iterable[Stretch], tasks: tuple[Task, ...], issued: date | None
) -> Iterator[Target]:
    """Targets of the general goals and chapter heads, then those of each task."""
    covered = {task.text for task in tasks}
    for stretch in stretches:
        if stretch.headings and not any(text in stretch.text for text in covered):
            yield from targets(stretch.text, issued=issued)
    for task in tasks:
        yield from targets(f"{task.title}。{task.text}", issued=issued, task=task.number)


def _default_helpers(stretches: Iterable[Stretch]) -> tuple[str, ...]:
    for stretch in stretches:
        for _, _, who in brackets(stretch.text):
            if who.is_default:
                return who.helpers
    return ()


def _doubts(stretches: list[Stretch]) -> Iterator[str]:
    for stretch in stretches:
        if stretch.headings and stretch.headings[-1].is_damaged:
            heading = stretch.headings[-1]
            yield f"标题受损，请核对：{_path(stretch.headings)} {heading.title}"
        for line in stretch.text.splitlines():
            if TABLE.search(simplified(line)):
                yield f"“{line}”只有表名没有表格内容，请从原件补录。"


def _issued(stretches: list[Stretch]) -> date | None:
    """The date under the letter: the first before the outline, else the last of the text."""
    found = DAY.findall(stretches[0].text) or DAY.findall(stretches[-1].text)[-1:]
    return date(*map(int, found[0])) if found else None


def _title(head: str) -> str:
    """The paper that is 印发, else the first line before the outline that names a plan."""
    issued = re.search(r"《([^《》]{4,60})》[^。]{0,20}印[发發]", head) or re.search(
        r"印[发發]《([^《》]{4,60})》|《([^《》]{4,60})》已", head
    )
    if issued:
        return next(filter(None, issued.groups()))
    lines = [line for line in head.splitlines() if re.search("方案|意[见見]|规划|規劃", line)]
    return next((line for line in lines if len(line) <= 60 and "。" not in line), "")


def _first(pattern: re.Pattern[str], text: str) -> str:
    return next((m.group() for line in text.splitlines() if (m := pattern.match(line))), "")
