"""Kinds about finding and joining items: one-things and guides."""

import msgspec

from yiwang.packkit.kinds.shared import Days, Kind
from yiwang.packkit.kinds.work import Channel, Field, Holder


class BundleMember(Kind, frozen=True, kw_only=True):
    """One item of a one-thing: an organ's own matter, with its own case and clock."""

    item: str
    when: str = ""
    """Whether it is wanted, over the questions and the fields of members that always are."""
    after: tuple[str, ...] = ()
    """Members that must be granted before this one begins."""
    falls_with: tuple[str, ...] = ()
    """Members whose refusal takes this one back (补偿): stopped while under way, undone after."""


class Bundle(Kind, frozen=True, kw_only=True):
    """bundles/: what people want done at once, which takes items of several organs (一件事).

    The forms of the members are one form: a field of the same name means the same and is asked
    once. Members without ``after`` begin at the same time.
    """

    title: str
    organ: str
    """The lead organ: it pursues members that do not answer."""
    audience: Holder
    stage: str = ""
    """The stage of life it belongs to: a code of ``base.life_stage``."""
    questions: dict[str, Field] = msgspec.field(default_factory=dict)
    """What is asked first, to know which members are wanted."""
    members: dict[str, BundleMember]
    promised_limit: Days
    late_flow: str
    """The flow in which the lead organ pursues a member that is late."""
    undo_flow: str = ""
    """The flow in which an organ undoes what it had granted, where a member falls with another."""
    channels: tuple[Channel, ...] = ("portal",)
    words: tuple[str, ...] = ()
    """What people call it."""
    basis: str
    example: bool = False


class Outcome(Kind, frozen=True, kw_only=True):
    """What to do in one situation."""

    when: str
    title: str
    items: tuple[str, ...] = ()
    bundles: tuple[str, ...] = ()
    note: str = ""


class Guide(Kind, frozen=True, kw_only=True):
    """guides/: questions that narrow to the situation, and what to do in each (智能导办)."""

    title: str
    words: tuple[str, ...] = ()
    """What people call it."""
    questions: dict[str, Field]
    outcomes: tuple[Outcome, ...]
    """Every one whose ``when`` is yes applies."""
