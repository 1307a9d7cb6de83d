"""A call on its way to the record, from its arrival to its answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec

from yiwang.apps.exchange.gate import BEARER, Call, Decision, Proof, Wish, decide
from yiwang.apps.exchange.holding import Held
from yiwang.apps.exchange.signatures import Malformed, Signed
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotAllowed


class CallRefused(NotAllowed):
    """The gate refused a call; ``data`` has the call's number under which it is explained."""

    code = "exchange.call_refused"

    def __init__(self, decision: Decision, *, number: str) -> None:
        super().__init__(
            decision.explanation, hint=decision.hint, reason=decision.code, call=number
        )
        self.status = decision.status  # type: ignore[misc] # the check that failed knows it


class Answer(msgspec.Struct, frozen=True):
    """Rows as the grant lets them out; ``receipt`` is the journal entry's id.

    ``stale`` tells since when an answer was not renewed from its source, where the grant allows it;
    ``repeats`` the call of which this is a retry.
    """

    call: str
    receipt: str
    table: str
    columns: tuple[str, ...]
    masked: tuple[str, ...]
    rows: list[dict[str, Any]]
    grant: str
    watermark: str = ""
    stale: str = ""
    repeats: str = ""


@dataclass(slots=True)
class Draft:
    """A call being answered. ``encode`` gives the bytes that will leave, so they can be metered."""

    call: Call
    at: datetime
    signed: Signed | Malformed | None = None
    encode: Callable[[Answer], bytes] | None = None
    digest: str = ""
    held: Held | None = None
    day: date | None = None
    proof: Proof = BEARER
    wish: Wish = field(default_factory=Wish)
    decision: Decision | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    masked: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    """The persons or firms that the call was about."""
    stale: str = ""
    fault: str = ""
    began: int = 0
    micros: int = 0
    used: int = 0
    repeats: str = ""
    is_free: bool = False
    """A repeat that the day's quota leaves uncounted."""
    mark: str = ""
    number: str = ""
    entry: str = ""
    """Both are given when the call's turn comes."""
    body: bytes = b""
    is_stale: bool = False
    """Judged on an old copy of the grant: to be judged again."""
    error: BaseException | None = None

    @property
    def verdict(self) -> Decision:
        """The decision, once there is one."""
        assert self.decision is not None
        return self.decision

    @property
    def is_allowed(self) -> bool:
        return self.decision is not None and self.decision.code == "allowed"

    @property
    def place(self) -> tuple[int, date]:
        """The grant and local day on which the call counts."""
        if self.day is None:
            self.day = local_date(self.at)
        return (self.held.grant_id if self.held else 0, self.day)

    def judged_again(self, *, used: int = 0, fast: bool = False) -> Decision:
        """The decision with what has been learnt since: use, replays, the size of a group."""
        assert self.held is not None
        return decide(
            self.call,
            self.held.terms,
            columns=self.held.columns,
            at=self.at,
            used_today=used,
            is_rate_exceeded=fast,
            proof=self.proof,
            wish=self.wish,
        )

    def refuse(self, decision: Decision) -> None:
        """Take the decision back, with everything that would have left."""
        self.decision = decision
        self.rows, self.masked, self.body, self.mark, self.stale = [], (), b"", "", ""

    def refuse_if_changed(self) -> None:
        """Judge again with what was learnt; a refusal stands."""
        decision = self.judged_again()
        if not decision.is_allowed:
            self.refuse(decision)

    def demand_answered(self) -> None:
        """Raise the error that the caller gets instead of an answer, if there is one."""
        if self.error is not None:
            raise self.error
        if not self.is_allowed:
            raise CallRefused(self.verdict, number=self.number)

    def answer(self) -> Answer:
        """What is handed over, or the error that the caller gets instead."""
        self.demand_answered()
        assert self.held is not None
        return Answer(
            self.number, self.entry, self.held.terms.table, self.verdict.columns, self.masked,
            self.rows, self.held.terms.number, self.mark, self.stale, self.repeats,
        )  # fmt: skip
