"""Every test that stands in a pack of this repository, run in every place that chose the pack."""

from datetime import date
from functools import cache
from pathlib import Path

import pytest
import yaml

from yiwang.lake.guard import parse_query
from yiwang.packkit import Library, Outcome, run_trial

PACKS = Path(__file__).parents[2] / "packs"
PLACES = sorted(path.parent.name for path in PACKS.glob("places/*/place.yaml"))
TRIALS = [
    (place, pack, file.stem)
    for place in PLACES
    for pack in yaml.safe_load((PACKS / "places" / place / "place.yaml").read_text("utf-8"))[
        "packs"
    ]
    for file in sorted((PACKS / pack / "tests").glob("*.yaml"))
]


@cache
def library_of(place: str) -> Library:
    return Library.read(PACKS, place)


@pytest.mark.parametrize(("place", "pack", "name"), TRIALS, ids=map("/".join, TRIALS))
def test_what_a_pack_expects_comes_out(place: str, pack: str, name: str) -> None:
    library = library_of(place)
    trial = library.packs[pack].tests[name]

    assert run_trial(pack, name, trial, library) == Outcome(pack, name, trial.title)


def test_every_pack_has_a_test_of_its_own() -> None:
    assert not [
        pack.id for place in PLACES for pack in library_of(place).packs.values() if not pack.tests
    ]


def test_the_lake_takes_the_population_query_of_every_rule_set() -> None:
    for library in map(library_of, PLACES):
        for ref, written in library.rules().items():
            rules = library.rule_set(ref)
            assert parse_query(
                rules.population_sql(as_of=date(2026, 11, 2), table=written.table, keep=())
            )
