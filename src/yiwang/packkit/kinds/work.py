"""Kinds about work: rules, policies, items, forms, flows, incidents, licences, roles."""

from datetime import date
from typing import Literal

import msgspec

from yiwang.packkit.kinds.shared import Days, Kind, Parameter, Type


class Condition(Kind, frozen=True, kw_only=True):
    """One condition of a rule, with the reason a person reads when it decides."""

    id: str
    title: str
    check: str
    basis: str


class DecisionRow(Kind, frozen=True, kw_only=True):
    """A row of a decision table: the first row whose ``when`` is yes gives the values."""

    when: str
    then: dict[str, str]
    """Output name to expression."""
    basis: str


class Rules(Kind, frozen=True, kw_only=True):
    """rules/: dated parameters, derived values, conditions, and a decision table.

    The verdict is yes when every condition is yes, no when any is no, else unknown because of
    what is missing.
    """

    title: str
    table: str
    """``pack.table`` whose columns the expressions read, one row per subject."""
    parameters: dict[str, Parameter] = msgspec.field(default_factory=dict)
    derived: dict[str, str] = msgspec.field(default_factory=dict)
    conditions: tuple[Condition, ...]
    outputs: dict[str, Type] = msgspec.field(default_factory=dict)
    decision: tuple[DecisionRow, ...] = ()


class Policy(Kind, frozen=True, kw_only=True):
    """policies/: a benefit that finds its people (免申即享)."""

    title: str
    organ: str
    rules: str
    subject: str
    """The column that identifies the subject: ``id_number`` or ``uscc``."""
    flow: str
    """The flow in which a candidate is confirmed."""
    division: str = ""
    """The column that says where the candidate is confirmed."""
    license: str = ""
    """The licence kind that records the decision."""
    active_from: date
    active_until: date | None = None
    basis: str
    document: str = ""
    """The policy document it comes from: ``pack.document``."""
    clauses: tuple[str, ...] = ()
    """The clauses of the document that the rules put into effect."""
    excludes: tuple[str, ...] = ()
    """Policies that nobody receives together with this one; said on both sides."""
    pays: Literal["month", "year", "once"] = "month"
    """How often what the rules give is paid."""
    push: bool = False
    """Whether who is found entitled is told, unless they said no."""
    example: bool = False


class Field(Kind, frozen=True, kw_only=True):
    """One field of a form. ``prefill`` is ``pack.table.column``; prefilled is not editable."""

    title: str
    type: Type = "text"
    required: bool = False
    prefill: str = ""
    codes: str = ""
    options: dict[str, str] = msgspec.field(default_factory=dict)
    """The choices with their titles, where no code table has them."""
    part: str = ""
    """The part of the form it stands in."""
    when: str = ""
    check: str = ""
    help: str = ""


class Part(Kind, frozen=True, kw_only=True):
    """A part of a form: it is asked as a whole, or left out as a whole."""

    title: str
    when: str = ""


class Form(Kind, frozen=True, kw_only=True):
    """forms/: what is asked; what is already known is not asked."""

    title: str
    parts: dict[str, Part] = msgspec.field(default_factory=dict)
    fields: dict[str, Field]


class Material(Kind, frozen=True, kw_only=True):
    """A material of an item and where it comes from, in order of preference."""

    title: str
    sources: tuple[Literal["license", "shared", "commitment", "upload"], ...]
    license: str = ""
    table: str = ""
    when: str = ""
    """Whether it is needed, over the fields of the item's form; empty: always."""


Channel = Literal["portal", "phone", "window", "kiosk", "api"]
Holder = Literal["person", "firm"]


class Effort(Kind, frozen=True, kw_only=True):
    """What one application took before it was simplified: the other side of 五减一免."""

    steps: int
    materials: int
    days: int
    """Working days."""
    trips: int
    until: date
    """The day from which that was no longer so."""


class Item(Kind, frozen=True, kw_only=True):
    """items/: a service item (政务服务事项)."""

    title: str
    code: str = ""
    """The basic code of the master list."""
    family: Literal["government", "public", "convenience", "intermediary"] = "government"
    """政务服务, 公共服务, 便民服务, 中介服务."""
    nature: Literal["license", "registration", "payment", "confirmation", "public_service", "other"]
    organ: str
    audience: tuple[Holder, ...] = ()
    """Who may apply; empty: who may hold the licence, or both."""
    stage: str = ""
    """The stage of life it belongs to: a code of ``base.life_stage``."""
    repeatable: bool = False
    """Whether who holds its result may ask again: for another child, another firm."""
    adoptable: bool = False
    """Whether other organs adopt it (认领) and handle it for their own division."""
    words: tuple[str, ...] = ()
    """What people call it."""
    conditions: tuple[str, ...] = ()
    result: str = ""
    steps: int = 0
    """How many steps it takes inside the administration; 0: as many as before."""
    trips: int = 0
    """How often the applicant has to come."""
    before: Effort | None = None
    form: str
    flow: str
    materials: dict[str, Material] = msgspec.field(default_factory=dict)
    legal_limit: Days
    promised_limit: Days
    channels: tuple[Channel, ...] = ("portal",)
    fee: str = ""
    license: str = ""
    parties: dict[str, str] = msgspec.field(default_factory=dict)
    """The parties of the flow, each an organ."""
    basis: str
    example: bool = False


Verb = Literal[
    "submit",
    "accept",
    "approve",
    "refuse",
    "return",
    "confirm",
    "deny",
    "dispatch",
    "handle",
    "check",
    "close",
    "reopen",
    "rate",
    "withdraw",
    "pause",
    "resume",
    "transfer",
    "assist",
    "escalate",
]


class Move(Kind, frozen=True, kw_only=True):
    """A move out of a step: a verb, where it leads, and what it needs."""

    verb: Verb
    to: str
    """A step's id, or an end's."""
    title: str = ""
    needs: tuple[str, ...] = ()
    """Evidence by name: ``reason``, ``photo``, ``reading_normal``, a form field; or ``pack.rule``,
    which the platform judges on the case's subject before the move is made."""


class Member(Kind, frozen=True, kw_only=True):
    """One of several who do a step at the same time, each with a task of its own."""

    title: str
    organ: str = ""
    """A party of the flow; empty: the step's."""
    role: str = ""
    """``pack.role``; empty: the step's."""


class Pause(Kind, frozen=True, kw_only=True):
    """Why a case may stand still, and which clocks stand still with it."""

    title: str
    stops: tuple[Literal["legal", "promised"], ...]
    most: Days
    """After this long the clocks run again, whether or not the case was resumed."""
    basis: str


Allowance = Literal["return", "sign", "delegate", "transfer", "assist", "escalate"]
"""What the owner of a step's task may do beside its moves: send the case back to any step it has
stood at (驳回), ask for a further signature (加签), let another do the work (委派), hand the task
to another post (转办), ask another post for help beside the own work (协办), hand it to the same
role one tier up (上报上级)."""


class Extension(Kind, frozen=True, kw_only=True):
    """How more time is asked for: how much, how often in one stay, and who may agree."""

    most: Days
    role: str
    organ: str = ""
    """The party whose organ agrees; empty: the step's."""
    times: int = 1


class Step(Kind, frozen=True, kw_only=True):
    """A step of a flow: who does it, by when, and the moves out of it.

    With ``members`` several do it at once (会签, 并联审批). The first move is the agreement: it is
    made once ``join`` members made it, ``all``, ``any`` or a part of them such as ``2/3``. When
    that can no longer be, the move that most others made is.
    """

    title: str
    role: str
    """``pack.role``; the officer must hold it in the step's organ or, failing that, division."""
    organ: str = ""
    """The party whose organ does it, one of the flow's ``parties``; empty: the case's own."""
    limit: Days = ""
    members: dict[str, Member] = msgspec.field(default_factory=dict)
    join: str = "all"
    hears_all: bool = False
    """Every member answers before the step is left, also when the outcome is clear."""
    may: tuple[Allowance, ...] = ()
    pauses: tuple[str, ...] = ()
    """The flow's pauses that may begin here."""
    instant: Verb | None = None
    """The move that the platform makes as a case comes here, when the rules it needs are met and
    nothing else is needed (秒批); else the step waits for its post."""
    late: Verb | None = None
    """The move that counts as made by who does not answer in time (逾期视为…)."""
    unattended: Days = ""
    """A task that nobody took for so long goes to the same role one tier up."""
    extension: Extension | None = None
    moves: tuple[Move, ...]


class Follow(Kind, frozen=True, kw_only=True):
    """What begins when a case ends: an approval is followed by its supervision."""

    flow: str
    """Of the profile ``case``, without parties."""
    organ: str
    title: str


class Flow(Kind, frozen=True, kw_only=True):
    """flows/: steps, moves and ends; every step reaches an end and has a deadline."""

    title: str
    profile: Literal["case", "incident"] = "case"
    start: str
    begun_by: str = ""
    """``pack.role`` that begins a case by hand on the page 发起办件; empty: the platform does."""
    about: str = ""
    """What such a case is about: an entry of ``pack.register``, or a case of ``pack.flow``. A
    party for which the register has a column of that name is the organ that the entry names."""
    limit: Days
    """The clock over the whole: what is promised."""
    legal_limit: Days = ""
    """What the law demands, where that is longer than what is promised."""
    steps: dict[str, Step]
    ends: dict[str, str]
    """End id to its title: ``granted: 已确认``."""
    parties: dict[str, str] = msgspec.field(default_factory=dict)
    """Organs beside the case's own, by name and title; whoever opens a case names them all."""
    pauses: dict[str, Pause] = msgspec.field(default_factory=dict)
    follows: dict[str, Follow] = msgspec.field(default_factory=dict)
    """End to what begins then, about the same subject, linked with the case."""
    merged: str = ""
    """The end of an incident that is merged into another one."""
    names: dict[str, str] = msgspec.field(default_factory=dict)
    """What its facts and evidence are called to people: ``minutes: 会议纪要``."""
    published: list[str] = msgspec.field(default_factory=list)
    """Written evidence that concerns no person and stands in ``platform.evidence``: a number of
    an asset, a score."""


class License(Kind, frozen=True, kw_only=True):
    """licenses/: a kind of electronic licence or decision record."""

    title: str
    code: str = ""
    organ: str
    holder: Literal["person", "firm"]
    fields: dict[str, Field]
    valid: Days = ""
    number_prefix: str
    shown: tuple[str, ...]
    """Fields a verifier sees, masked."""
    basis: str


class Role(Kind, frozen=True, kw_only=True):
    """roles/: a role, the rights it brings, and the posts that may hold it."""

    title: str
    rights: tuple[str, ...]
    description: str = ""
