"""政策问答: kept by the organ that answers for it, looked at again by its review date.

What nobody can answer from what is stored goes to an owner as a task, once per wording.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.answering import Told, ask
from yiwang.apps.services.models import AskedQuestion, DocumentClause, PolicyAnswer
from yiwang.kernel.errors import Invalid, NotFound
from yiwang.kernel.folding import fold
from yiwang.packkit import Library

QUESTION_FLOW = "base.question"
LONGEST = 300
OWNER = "data-bureau"


class AnswerUnknown(NotFound):
    """No answer has this number."""

    code = "services.answer_unknown"


class AnswerMalformed(Invalid):
    """An answer lacks its question, its text, its clause or a review date ahead."""

    code = "services.answer_malformed"


@dataclass(frozen=True)
class Asked:
    """What somebody asked, what is known, and whether it went to an owner."""

    told: Told
    passed_to: str
    """The organ that will answer, or ""."""


@transaction.atomic
def ask_policy(question: str, *, at: datetime) -> Asked:
    """提问: a stored answer with its clause, or a task for whoever should know.

    The wording is kept, never who asked; numbers that could be somebody's are blotted out.
    """
    wording = _blotted(" ".join(question.split())[:LONGEST])
    told = ask(wording)
    if told.answer is not None or len(fold(wording)) < 4:
        return Asked(told, "")
    owner = told.clauses[0].organ if told.clauses else OWNER
    known = AskedQuestion.objects.filter(folded=fold(wording), state="open")
    if known.update(times=F("times") + 1):
        return Asked(told, known.get().owner)
    case = casework.open_case(
        flow=QUESTION_FLOW,
        subject="",
        title="居民提问待答复",
        organ=owner,
        division="",
        facts={"问题": wording},
        actor="services",
        at=at,
    )
    AskedQuestion.objects.create(
        folded=fold(wording), text=wording, owner=owner, case=case.number, asked_at=at
    )
    return Asked(told, owner)


@transaction.atomic
def save_answer(
    *,
    question: str,
    answer: str,
    document: str,
    clauses: Sequence[str],
    review_on: date,
    officer: identity.Officer,
    at: datetime,
    also: Sequence[str] = (),
    number: int | None = None,
    asked: int | None = None,
) -> int:
    """写入问答: a new answer, or an owner's own better one; closes what was asked."""
    identity.require(officer, "services.answer")
    _require_whole(question, answer, document, clauses, review_on, at)
    row = PolicyAnswer.objects.filter(pk=number).first() if number else None
    if number and row is None:
        raise AnswerUnknown("没有这条问答。", hint="请从问答库进入。")
    if row is not None:
        identity.require(officer, "services.answer", organ=row.owner)
    else:
        row = PolicyAnswer(owner=officer.organ)
    row.question, row.answer = question.strip()[:300], answer.strip()
    row.also = [one.strip() for one in also if one.strip()]
    row.document, row.clauses, row.review_on = document, list(clauses), review_on
    row.is_own, row.reviewed_by, row.reviewed_at = True, officer.username, at
    if not row.ref:
        row.ref = f"{officer.organ}.{at:%Y%m%d%H%M%S%f}"
    row.save()
    if asked is not None:
        wanted = AskedQuestion.objects.filter(pk=asked, owner=officer.organ)
        wanted.update(state="answered", answer=row)
    journal.record("answer.saved", subject=row.ref, actor=officer.username, at=at)
    return row.pk


@transaction.atomic
def confirm_answer(
    number: int, *, review_on: date, officer: identity.Officer, at: datetime
) -> None:
    """复核: the answer is still right; the next review has its day."""
    row = PolicyAnswer.objects.filter(pk=number).first()
    if row is None:
        raise AnswerUnknown("没有这条问答。", hint="请从问答库进入。")
    identity.require(officer, "services.answer", organ=row.owner)
    if review_on <= at.date():
        raise AnswerMalformed("下次复核日期不晚于今天。", hint="写今天以后的日期。")
    row.review_on, row.reviewed_by, row.reviewed_at = review_on, officer.username, at
    row.save(update_fields=["review_on", "reviewed_by", "reviewed_at"])
    journal.record("answer.reviewed", subject=row.ref, actor=officer.username, at=at)


def install_answers(library: Library, *, at: datetime) -> None:
    """The answers of the packs; what an owner changed here stays."""
    found = library.answers()
    gone = PolicyAnswer.objects.filter(is_own=False).exclude(ref__in=found)
    gone.update(is_active=False)
    owned = set(PolicyAnswer.objects.filter(is_own=True).values_list("ref", flat=True))
    for ref, one in found.items():
        if ref not in owned:
            PolicyAnswer.objects.update_or_create(
                ref=ref,
                defaults={
                    "question": one.question,
                    "also": list(one.also),
                    "answer": one.answer,
                    "owner": one.owner,
                    "review_on": one.review_on,
                    "document": one.document,
                    "clauses": list(one.clauses),
                    "is_active": True,
                },
            )


def _require_whole(
    question: str,
    answer: str,
    document: str,
    clauses: Sequence[str],
    review_on: date,
    at: datetime,
) -> None:
    if len(question.strip()) < 4 or len(answer.strip()) < 4:
        raise AnswerMalformed("问题或答案太短。", hint="写完整的一句话。")
    keys = DocumentClause.objects.filter(document__ref=document, document__state="published")
    known = set(keys.values_list("key", flat=True))
    if not clauses or not set(clauses) <= known:
        raise AnswerMalformed(
            "答案没有写明依据的条款，或条款不在现行文件中。", hint="选文件并写条款编号，如 a4。"
        )
    if review_on <= at.date():
        raise AnswerMalformed("复核日期不晚于今天。", hint="写今天以后的日期。")


def _blotted(text: str) -> str:
    """Long runs of digits, which may be somebody's number, are not kept."""
    words, run = [], ""
    for one in [*text, ""]:
        if one.isdigit() or (run and one in "Xx" and len(run) >= 17):
            run += one
            continue
        words.append("＊" if len(run) >= 7 else run)
        words.append(one)
        run = ""
    return "".join(words)
