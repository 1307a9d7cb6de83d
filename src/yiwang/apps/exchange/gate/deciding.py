"""The decision: the questions are asked in order, and the first no is the reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from yiwang.apps.exchange.gate.questions import (
    FLEETING,
    QUESTIONS,
    WITHOUT_GRANT,
    Matter,
    Question,
    shape_of,
)
from yiwang.apps.exchange.gate.terms import (
    BEARER,
    COMPARED,
    KEYS_AT_ONCE,
    PAGE,
    SINGLE,
    Call,
    ColumnTerm,
    Proof,
    Terms,
    Wish,
)

NO_WISH = Wish()
MOST_SHAPES = 200
"""Shapes remembered of one grant; callers ask for few."""
_EVER = datetime(1, 1, 1, tzinfo=UTC)
NOTHING = Terms("", "", "", "", (), (), "", (), 0, 0, 0, _EVER, _EVER)
"""What a caller without a grant may do."""


@dataclass(frozen=True)
class Check:
    """One question the gate asked: ``passed`` is None when an earlier one had already refused."""

    code: str
    title: str
    passed: bool | None
    sentence: str


@dataclass(frozen=True)
class Decision:
    """The verdict. ``code`` is ``allowed`` or the first failed check's code."""

    code: str
    status: int
    explanation: str
    hint: str
    matter: Matter = field(repr=False)  # holds what was asked for
    asked: tuple[Question, ...] = field(repr=False)
    columns: tuple[str, ...] = ()

    @property
    def is_allowed(self) -> bool:
        return self.code == "allowed"

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every question with its answer; written out only when somebody reads it."""
        return _checks(self.asked, self.matter, self.code)


def decide(
    call: Call,
    terms: Terms | None,
    *,
    columns: Mapping[str, ColumnTerm],
    at: datetime,
    used_today: int,
    is_rate_exceeded: bool = False,
    proof: Proof = BEARER,
    wish: Wish = NO_WISH,
    passed: set[tuple[object, ...]] | None = None,
) -> Decision:
    """Judge ``call`` against ``terms`` (None: no grant has this key) at the instant ``at``.

    ``columns`` describes the granted table as it is catalogued today, ``used_today`` counts the
    grant's answered calls of the local day. ``passed`` remembers, for these very ``terms`` and
    ``columns``, the shapes of calls that were allowed: their steady questions are not asked again.
    """
    asked, held = (QUESTIONS, terms) if terms else (WITHOUT_GRANT, NOTHING)
    wanted = call.columns or held.columns
    matter = Matter(call, held, wanted, columns, at, used_today, is_rate_exceeded, proof, wish)
    shape = shape_of(call)
    for question in FLEETING if passed and shape in passed else asked:
        if not question.holds(matter):
            no, hint = question.no(matter), question.hint(matter)
            return Decision(question.code, question.status, no, hint, matter, asked)
    if passed is not None and len(passed) < MOST_SHAPES:
        passed.add(shape)
    return Decision("allowed", 200, "各项核对均通过，准予调用。", "", matter, asked, wanted)


def checks_of_allowed(
    call: Call,
    terms: Terms,
    *,
    columns: Mapping[str, ColumnTerm],
    at: datetime,
    used: int,
    repeats: str,
) -> tuple[Check, ...]:
    """The checks of a call that was allowed, from what is on record of it.

    An allowed call passed every question, so only its code is kept; the sentences are written
    again from the grant, which never changes but for its end. What is not on record (keys, a
    filter, a token) is not guessed at: such sentences are true either way. ``used`` is the call's
    place in the day's use, 0 where it was not counted.
    """
    wanted = call.columns or terms.columns
    proof = Proof("signed") if terms.assurance == "signed" else BEARER
    matter = Matter(call, terms, wanted, columns, at, max(0, used - 1), False, proof, NO_WISH)
    said = _said_of_record(call, terms, repeats, is_counted=bool(used))
    return tuple(
        replace(check, sentence=said.get(check.code, check.sentence))
        for check in _checks(QUESTIONS, matter, "allowed")
    )


def _said_of_record(call: Call, terms: Terms, repeats: str, *, is_counted: bool) -> dict[str, str]:
    """The sentences that depend on what a record does not hold."""
    said = {
        "retry_differs": f"这是调用 {repeats} 的重试，内容与它相同。"
        if repeats
        else "没有重试标识，或它未用于别的请求。"
    }
    if terms.assurance != "signed":
        names = ("signature_malformed", "signature_expired", "signature_forged")
        said |= dict.fromkeys(names, "以密钥为凭据；如有签名，签名有效。")
        said["signature_replayed"] = "以密钥为凭据；如有签名，是第一次使用。"
    if call.form == "batch":
        said["batch_too_large"] = f"批量查询，不超过 {KEYS_AT_ONCE} 个键、{PAGE} 行。"
    if call.form not in SINGLE:
        said["filter_refused"] = "没有筛选与排序，或可以识别。"
        said["group_too_small"] = f"没有筛选，或筛选后不少于 {terms.smallest_group} 行。"
    if call.form in COMPARED:
        said["since_unknown"] = (
            "给出的起始快照可以比对。" if call.form == "changes" else ("没有起始快照，或可以比对。")
        )
    if repeats and not is_counted:
        said["quota_over"] = "重试不计入当日配额。"
    return said


def _checks(questions: tuple[Question, ...], matter: Matter, code: str) -> tuple[Check, ...]:
    refused = next((n for n, asked in enumerate(questions) if asked.code == code), len(questions))
    return tuple(
        Check(
            code=asked.code,
            title=asked.title,
            passed=True if place < refused else False if place == refused else None,
            sentence=asked.yes(matter)
            if place < refused
            else asked.no(matter)
            if place == refused
            else "前一项已拒绝，未再核对。",
        )
        for place, asked in enumerate(questions)
    )
