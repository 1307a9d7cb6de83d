"""The library of a place: its packs read, checked, and kept at their last good version."""

from collections.abc import Collection
from pathlib import Path

from yiwang.kernel.garbage import uncollected
from yiwang.packkit import keeping
from yiwang.packkit.checks import check, check_place
from yiwang.packkit.findings import Finding, PackRefused
from yiwang.packkit.kinds.pack import Place
from yiwang.packkit.reading import Pack, read_pack, read_place
from yiwang.packkit.shelf import Shelf


class Library(Shelf):
    """What a place runs: only packs without a finding. ``refused`` tells which are not, and why.

    Every mapping is keyed by ``pack.id``: ``library.flows()``, ``library.flow("pack.id")``.
    """

    @classmethod
    @uncollected()
    def read(cls, packs_folder: Path, place: str, *, kept: Path | None = None) -> "Library":
        """The packs a place chose, each after those it needs.

        A pack with a fault is refused whole. With ``kept`` (``HOME/packs``), its last good copy
        stays in force; without one, it and whoever needs it are absent. Good packs are copied to
        ``kept``. A broken ``place.yaml`` without a good copy raises ``PackRefused``.
        """
        refused: dict[str, PackRefused] = {}
        choice, entries = _read_place(packs_folder / "places" / place, kept, refused)
        packs: dict[str, Pack] = {}
        for name in choice.packs:
            try:
                packs[name] = read_pack(packs_folder / name)
            except PackRefused as refusal:
                refused[name] = refusal
                _fall_back(packs, name, kept)
        while True:
            library = cls(place, choice, in_order_of_needs(packs), refused, entries)
            faulty = _faulty(library)
            if not faulty:
                break
            for name, fault in faulty.items():
                is_first = name not in refused
                refused.setdefault(name, fault)
                del packs[name]
                if is_first:
                    _fall_back(packs, name, kept)
        if kept is not None:
            for name, pack in library.packs.items():
                if name not in refused:
                    keeping.keep(pack.folder, kept)
        return library


Entries = dict[str, tuple[dict[str, str], ...]]


def _read_place(
    folder: Path, kept: Path | None, refused: dict[str, PackRefused]
) -> tuple[Place, Entries]:
    """The place, or its last good copy with the reason in ``refused`` under ``places/<id>``."""
    home = kept / "places" if kept is not None else None
    try:
        found = read_place(folder)
    except PackRefused as refusal:
        good = keeping.last_good(folder.name, home) if home is not None else None
        if good is None:
            raise
        refused[f"places/{folder.name}"] = refusal
        return read_place(good)
    if home is not None:
        keeping.keep(folder, home)
    return found


def _faulty(library: Library) -> dict[str, PackRefused]:
    """The packs with findings; when one is missing, those that need it are among them."""
    found = {name: check(pack, library) for name, pack in library.packs.items()}
    return {name: PackRefused(name, findings) for name, findings in found.items() if findings}


def _fall_back(packs: dict[str, Pack], name: str, kept: Path | None) -> None:
    good = keeping.last_good(name, kept) if kept is not None else None
    if good is not None:
        packs[name] = read_pack(good)


def in_order_of_needs(packs: dict[str, Pack]) -> dict[str, Pack]:
    """The packs, each after those it needs; a missing or circular need is the checker's affair."""
    ordered: dict[str, Pack] = {}

    def place(name: str, above: frozenset[str]) -> None:
        if name in ordered or name in above or name not in packs:
            return
        for need in packs[name].manifest.needs:
            place(need, above | {name})
        ordered[name] = packs[name]

    for name in packs:
        place(name, frozenset())
    return ordered


@uncollected()
def check_library(packs_folder: Path, names: Collection[str] = ()) -> list[Finding]:
    """Every finding of every pack and place under a folder of packs, or of the named packs alone.

    A pack that no place has chosen yet is judged among all packs, with the first place's organs.
    """
    packs, findings = read_all(packs_folder)
    asked = set(names or packs)
    waiting = asked & packs.keys()
    whole: Shelf | None = None
    for file in sorted(packs_folder.glob("places/*/place.yaml")):
        name = file.parent.name
        try:
            place, entries = read_place(file.parent)
        except PackRefused as refusal:
            findings += refusal.findings
            continue
        whole = whole or Shelf(name, place, in_order_of_needs(packs), {}, entries)
        chosen = {one: packs[one] for one in place.packs if one in packs}
        shelf = Shelf(name, place, in_order_of_needs(chosen), {}, entries)
        if not names:
            findings += check_place(shelf, file)
        for one in asked & shelf.packs.keys():
            findings += check(shelf.packs[one], shelf)
        waiting -= chosen.keys()
    if whole is not None:
        for name in waiting:
            findings += check(packs[name], whole)
    return sorted(set(findings))


def read_all(packs_folder: Path) -> tuple[dict[str, Pack], list[Finding]]:
    """Every pack under a folder that reads, and the findings of those that do not."""
    packs: dict[str, Pack] = {}
    findings: list[Finding] = []
    for manifest in sorted(packs_folder.glob("*/pack.yaml")):
        try:
            packs[manifest.parent.name] = read_pack(manifest.parent)
        except PackRefused as refusal:
            findings += refusal.findings
    return packs, findings


def whole_shelf(packs_folder: Path, place: str) -> Shelf:
    """All packs that read, chosen by the place or not: for writing and testing new ones."""
    choice, entries = read_place(packs_folder / "places" / place)
    return Shelf(place, choice, in_order_of_needs(read_all(packs_folder)[0]), {}, entries)
