"""Read, check, test and show packs.

A pack is a folder of declarations. This room reads it into structs (``kinds``), refuses it whole
with file, line, fault and remedy, and hands the packs of a place to the apps as a ``Library``.
"""

from yiwang.packkit.checks import check
from yiwang.packkit.findings import Finding, PackRefused
from yiwang.packkit.kinds.folders import FOLDERS
from yiwang.packkit.library import Library, check_library, whole_shelf
from yiwang.packkit.naming import NothingCalled
from yiwang.packkit.reading import Pack, read_pack, read_place
from yiwang.packkit.scaffold import new_pack
from yiwang.packkit.schemas import schemas
from yiwang.packkit.shelf import Shelf
from yiwang.packkit.trials import Outcome, run_trial, run_trials

__all__ = [
    "FOLDERS",
    "Finding",
    "Library",
    "NothingCalled",
    "Outcome",
    "Pack",
    "PackRefused",
    "Shelf",
    "check",
    "check_library",
    "new_pack",
    "read_pack",
    "read_place",
    "run_trial",
    "run_trials",
    "schemas",
    "whole_shelf",
]
