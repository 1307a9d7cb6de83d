"""The steward's tutorial, step by step: a workbook becomes a dataset with score, grade, lineage."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from cast import NINE, WANG_NUMBER
from county import settle
from django.conf import settings as configured

from yiwang.apps.catalog import public as catalog
from yiwang.packkit import Library

pytestmark = pytest.mark.django_db

PAGES = Path(__file__).parents[2] / "docs/tutorial"
BLOCK = re.compile(r"^`([\w./]+)`:\n\n```\w+\n(.*?)```", re.M | re.S)


def blocks(name):
    return dict(BLOCK.findall((PAGES / name).read_text("utf-8")))


@pytest.fixture
def collected(db, settings, tmp_path):
    """The steps of the tutorial, done as they are written."""
    county, written = settle(), blocks("steward.md")
    packs = tmp_path / "packs"
    shutil.copytree(configured.PACKS, packs)
    for path, text in written.items():
        if path.startswith("packs/"):
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    place = packs / "places/siyang/place.yaml"
    text = place.read_text("utf-8")
    place.write_text(text.replace("packs:\n", "packs:\n  - cards\n", 1), "utf-8")
    settings.PACKS = packs
    home = Path(configured.HOME)
    rows = [
        [WANG_NUMBER, "YD0001", "2026-03-01"],
        [WANG_NUMBER.lower(), "YD0002", ""],
        ["320825195603140000", "YD0003", "2026-03-01"],
    ]
    exec(written["cards.py"], {"home": home, "rows": rows})
    bound = home / "sources.yaml"
    bound.write_text(yaml.safe_dump({"cards": {"kind": "folder", "path": "departments/cards"}}))
    names = {"settings": configured, "catalog": catalog, "Library": Library, "now": NINE}
    exec(written["collect.py"], names)
    yield county, names
    bound.unlink()


def test_the_steps_end_in_a_scored_graded_dataset_with_lineage_and_an_entry(collected):
    county, names = collected
    run = names["run"]
    assert (run.read, run.accepted, run.rejected, run.flagged) == (3, 2, 1, 1)
    assert catalog.collections(ref="cards.card_list")[0].score < 100
    table = catalog.dataset("cards.card")
    columns = {column.name: column for column in table.column_views}
    assert columns["id_number"].grade == 3
    assert columns["id_number"].sources == (("cards.card_list", "id_number"),)
    assert table.rows == 2
    for query in ("老年优待证", "老年優待證", "lnydz"):
        found = catalog.list_entries("data", actor=county.sun, query=query)
        assert "cards.card" in {one.about for one in found}
    assert catalog.subject_column("cards.card") == "id_number"


def test_both_languages_show_the_same_steps():
    assert blocks("steward.md") == blocks("steward.zh-CN.md")
