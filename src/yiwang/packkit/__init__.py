"""Read, check, test and show packs.

A pack is a folder of declarations. This room reads it into structs (``kinds``), refuses it whole
with file, line, fault and remedy, and hands the packs of a place to the apps as a ``Library``.
"""

from yiwang.packkit.findings import Finding, PackRefused
from yiwang.packkit.library import Library, NothingCalled
from yiwang.packkit.reading import Pack, read_pack, read_place

__all__ = ["Finding", "Library", "NothingCalled", "Pack", "PackRefused", "read_pack", "read_place"]
