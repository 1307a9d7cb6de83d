"""Kinds about people and firms who use services: how they rate, how they show who they are."""

from typing import Literal

import msgspec

from yiwang.packkit.kinds.shared import Days, Kind


class RatingScheme(Kind, frozen=True, kw_only=True):
    """ratings/: how finished cases of a profile are rated (好差评), and what a bad rating begins.

    A case counts as rated by default when ``default_after`` has passed without a word; such
    cases are never mixed with what people said.
    """

    title: str
    profile: Literal["case", "incident"]
    scores: tuple[str, str, str, str, str]
    """What the scores 1 to 5 are called, the worst first."""
    bad: int
    """Up to this score a rating is bad (差评)."""
    default_after: Days
    rectification: str
    """The flow that a bad rating begins."""
    parties: dict[str, str] = msgspec.field(default_factory=dict)
    """The parties of that flow, each an organ; its own organ is that of the rated case."""
    most_per_device: int
    """Of more ratings of one organ from one device in ``within``, the further do not count."""
    most_per_hand: int
    """The same for one person or firm."""
    within: Days
    few: int
    """An organ with fewer ratings is shown with its interval only, never ranked."""
    basis: str
    example: bool = False


Shown = Literal["name", "masked_name", "number", "masked_number"]


class Code(Kind, frozen=True, kw_only=True):
    """codes/: a purpose for which people or firms show their code (一人一码、一企一码).

    A code is made for one purpose and one verifier, lasts a moment, and is good once.
    """

    title: str
    holder: Literal["person", "firm"]
    verifier: Literal["organ", "firm"]
    """Who may read it: an officer of an organ, or a firm (社会场景)."""
    lasts: Days
    shows: tuple[Shown, ...]
    licenses: tuple[str, ...] = ()
    """Kinds of licence whose state and shown fields are told, where the holder has one."""
    basis: str
