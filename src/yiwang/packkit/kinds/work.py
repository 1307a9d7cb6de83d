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


class Field(Kind, frozen=True, kw_only=True):
    """One field of a form. ``prefill`` is ``pack.table.column``; prefilled is not editable."""

    title: str
    type: Type = "text"
    required: bool = False
    prefill: str = ""
    codes: str = ""
    when: str = ""
    check: str = ""
    help: str = ""


class Form(Kind, frozen=True, kw_only=True):
    """forms/: what is asked; what is already known is not asked."""

    title: str
    fields: dict[str, Field]


class Material(Kind, frozen=True, kw_only=True):
    """A material of an item and where it comes from, in order of preference."""

    title: str
    sources: tuple[Literal["license", "shared", "commitment", "upload"], ...]
    license: str = ""
    table: str = ""


class Item(Kind, frozen=True, kw_only=True):
    """items/: a service item (政务服务事项)."""

    title: str
    code: str = ""
    nature: Literal["license", "registration", "payment", "confirmation", "public_service", "other"]
    organ: str
    form: str
    flow: str
    materials: dict[str, Material] = msgspec.field(default_factory=dict)
    legal_limit: Days
    promised_limit: Days
    channels: tuple[Literal["portal", "phone", "window", "kiosk", "api"], ...] = ("portal",)
    fee: str = ""
    license: str = ""
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
]


class Move(Kind, frozen=True, kw_only=True):
    """A move out of a step: a verb, where it leads, and what it needs."""

    verb: Verb
    to: str
    """A step's id, or an end's."""
    title: str = ""
    needs: tuple[str, ...] = ()
    """Evidence by name: ``reason``, ``photo``, ``reading_normal``, a form field."""


class Step(Kind, frozen=True, kw_only=True):
    """A step of a flow: who does it, by when, and the moves out of it."""

    title: str
    role: str
    """``pack.role``; the officer must hold it in the case's organ or division."""
    limit: Days = ""
    moves: tuple[Move, ...]


class Flow(Kind, frozen=True, kw_only=True):
    """flows/: steps, moves and ends; every step reaches an end and has a deadline."""

    title: str
    profile: Literal["case", "incident"] = "case"
    start: str
    limit: Days
    """The clock over the whole."""
    steps: dict[str, Step]
    ends: dict[str, str]
    """End id to its title: ``granted: 已确认``."""


class Incident(Kind, frozen=True, kw_only=True):
    """incidents/: a kind of incident, how signals merge, who gets it, what closes it."""

    title: str
    code: str = ""
    flow: str
    grade: Literal[1, 2, 3, 4]
    """1 is the gravest."""
    merge_within: Days
    merge_metres: int
    organ: str
    basis: str = ""


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
