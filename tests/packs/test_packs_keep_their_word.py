"""Every test that stands in a pack of this repository, run in every place that chose the pack."""

from datetime import date
from pathlib import Path

import pytest

from yiwang.lake.guard import parse_query
from yiwang.packkit import Library, Outcome, run_trial

PACKS = Path(__file__).parents[2] / "packs"
PLACES = {
    path.parent.name: Library.read(PACKS, path.parent.name)
    for path in sorted(PACKS.glob("places/*/place.yaml"))
}
TRIALS = [
    (place, pack.id, name)
    for place, library in PLACES.items()
    for pack in library.packs.values()
    for name in pack.tests
]


@pytest.mark.parametrize(("place", "pack", "name"), TRIALS, ids=map("/".join, TRIALS))
def test_what_a_pack_expects_comes_out(place: str, pack: str, name: str) -> None:
    library = PLACES[place]
    trial = library.packs[pack].tests[name]

    assert run_trial(pack, name, trial, library) == Outcome(pack, name, trial.title)


def test_every_pack_has_a_test_of_its_own() -> None:
    assert not [
        pack.id for library in PLACES.values() for pack in library.packs.values() if not pack.tests
    ]


def test_the_lake_takes_the_population_query_of_every_rule_set() -> None:
    for library in PLACES.values():
        for ref, written in library.rules().items():
            rules = library.rule_set(ref)
            assert parse_query(
                rules.population_sql(as_of=date(2026, 11, 2), table=written.table, keep=())
            )
