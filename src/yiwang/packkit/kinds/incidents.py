"""Kinds about what happens: incidents, rounds that are walked, plans for what may come."""

from typing import Literal

import msgspec

from yiwang.packkit.kinds.shared import Days, Kind
from yiwang.packkit.kinds.work import Field


class Incident(Kind, frozen=True, kw_only=True):
    """incidents/: a kind of incident, how signals merge, who gets it, what closes it."""

    title: str
    code: str = ""
    flow: str
    grade: Literal[1, 2, 3, 4]
    """1 is the gravest."""
    rises: dict[str, int] = msgspec.field(default_factory=dict)
    """Grade to how many signals raise the incident to it."""
    merge_within: Days
    merge_metres: int
    gather_from: int = 0
    """From so many objects that one source (one alert) names within ``gather_within`` they are
    one incident of the smallest division that holds them all; 0: each object is its own."""
    gather_within: Days = ""
    limit: Days = ""
    """Over the whole, where the kind has its own; else the flow's."""
    organ: str
    """Who it belongs to where no duty says otherwise."""
    duty: str = ""
    """The duty by which the organ is found from the incident's place."""
    parties: dict[str, str] = msgspec.field(default_factory=dict)
    """The parties of the flow, each an organ."""
    duties: dict[str, str] = msgspec.field(default_factory=dict)
    """Parties that are found by a duty at the incident's place; their ``parties`` stand in where
    nobody has it."""
    routing: str = ""
    """``pack.register`` with columns duty, division, organ: who has a duty where."""
    group: str = ""
    """What people look for it under: 市容环境."""
    public: bool = False
    """Whether residents may report it and see that it was reported."""
    keywords: tuple[str, ...] = ()
    fields: dict[str, Field] = msgspec.field(default_factory=dict)
    """What is asked of who reports it."""
    description: str = ""
    basis: str = ""
    example: bool = False


class Round(Kind, frozen=True, kw_only=True):
    """rounds/: what is walked, visited or inspected again and again, a task for each entry."""

    title: str
    flow: str
    """Of the profile ``case``; its first step is the visit."""
    register: str
    """``pack.register`` with a column ``division``; each entry is one task."""
    label: str
    """The column that says what is visited."""
    subject: str = ""
    """The column with the code of the firm that each task is about; empty: about nobody."""
    organ: str
    cycle: str
    """When the tasks begin: ``workday 08:00``, ``monthly 1 08:00``."""
    duty: str = ""
    """What the walker of a grid cell is there for, of the duties of the cell."""
    basis: str = ""
    example: bool = False


class Level(Kind, frozen=True, kw_only=True):
    """One level of a plan: what changes while it is on."""

    title: str
    roles: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Who holds the first role holds these as well while it is on."""
    limits: dict[str, Days] = msgspec.field(default_factory=dict)
    """``pack.flow.step`` of a flow of incidents to its limit while it is on."""
    screen: str = ""
    """The screen that the command centre shows."""
    tasks: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Organ to what it does first, as sentences; each becomes an instruction."""


class Plan(Kind, frozen=True, kw_only=True):
    """plans/: an emergency plan with its levels, which are switched on and off."""

    title: str
    organ: str
    levels: dict[str, Level]
    """From the gravest: ``"1": …``."""
    flow: str
    """The flow in which its instructions are tracked."""
    kinds: tuple[str, ...] = ()
    """The kinds of incident it is for."""
    resources: tuple[str, ...] = ()
    """Registers of what can be sent: columns id, name, kind, lon, lat, contact."""
    basis: str = ""
    example: bool = False
