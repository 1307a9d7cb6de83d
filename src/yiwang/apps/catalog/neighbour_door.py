"""The part of the catalogue's door about neighbouring catalogues; ``public`` adds it."""

from yiwang.apps.catalog.actions.hearing import (
    HEAR,
    ask_for_pull,
    hear_neighbours,
    run_hearing,
)
from yiwang.apps.catalog.actions.neighbours import (
    NeighbourMalformed,
    NeighbourStopped,
    NothingToDecide,
    change_neighbour,
    decide_conflict,
    issue_neighbour_key,
    register_neighbour,
    stop_neighbour,
)
from yiwang.apps.catalog.neighbour_wire import (
    NeighbourAddressMalformed,
    OfferedEntry,
    OfferedPage,
)
from yiwang.apps.catalog.queries.neighbours import (
    ConflictsWaiting,
    LinkView,
    NeighbourKeyUnknown,
    NeighbourUnknown,
    NeighbourView,
    PullView,
    conflicts_to_decide,
    neighbour,
    neighbour_entries,
    neighbours,
    neighbours_of_entry,
    offered_entries,
    pulls,
)

__all__ = [
    "HEAR",
    "ConflictsWaiting",
    "LinkView",
    "NeighbourAddressMalformed",
    "NeighbourKeyUnknown",
    "NeighbourMalformed",
    "NeighbourStopped",
    "NeighbourUnknown",
    "NeighbourView",
    "NothingToDecide",
    "OfferedEntry",
    "OfferedPage",
    "PullView",
    "ask_for_pull",
    "change_neighbour",
    "conflicts_to_decide",
    "decide_conflict",
    "hear_neighbours",
    "issue_neighbour_key",
    "neighbour",
    "neighbour_entries",
    "neighbours",
    "neighbours_of_entry",
    "offered_entries",
    "pulls",
    "register_neighbour",
    "run_hearing",
    "stop_neighbour",
]
