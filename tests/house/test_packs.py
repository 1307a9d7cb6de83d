"""Every pack in the repository is well formed, as the platform itself judges it."""

import re

import pytest
import source
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

from yiwang import packkit
from yiwang.web.routes import address

PACKS = source.REPOSITORY / "packs"
FOLDERS = sorted(path.parent for path in PACKS.glob("*/pack.yaml"))
PLACES = sorted(path.parent.name for path in PACKS.glob("places/*/place.yaml"))
QUERIES = sorted(PACKS.glob("*/sql/*.sql"))


def _judge(read, *arguments):
    """What the platform has against it, as file:line, fault and remedy."""
    try:
        read(*arguments)
    except packkit.PackRefused as refused:
        return [str(refused)]
    return []


def test_there_are_packs_and_places_to_judge():
    assert FOLDERS
    assert PLACES
    assert QUERIES


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_pack_is_read_without_a_finding(folder):
    assert not _judge(packkit.read_pack, folder)


def test_the_packs_agree_with_each_other_in_every_place():
    assert not [f"{f.file}:{f.line} {f.what} – {f.write}" for f in packkit.check_library(PACKS)]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_a_pack_serves_can_be_looked_at(folder):
    """Each row of the list of capabilities that a pack claims names a page that exists."""
    serves = packkit.read_pack(folder).manifest.serves
    assert not {row: page for row, page in serves.items() if not address(page)}


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: f"{path.parts[-3]}.{path.stem}")
def test_a_pack_s_sql_means_the_same_on_spark(query):
    """Nothing engine-bound creeps in: it goes to Spark's dialect and back, and stays itself."""
    tree = sqlglot.parse_one(query.read_text("utf-8"), read="duckdb")
    spark = tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)
    back = sqlglot.parse_one(spark, read="spark")
    assert not list(tree.find_all(exp.Anonymous)), "a function that no dialect but one knows"
    assert not list(back.find_all(exp.Anonymous, exp.Command))
    assert _outline(back) == _outline(tree)


def _outline(tree: exp.Expression) -> list[list[str]]:
    """What must survive the way: columns given out, tables read, joins, groups."""
    select = tree.find(exp.Select)
    assert select is not None
    return [
        list(tree.named_selects),
        sorted(table.sql(dialect="duckdb").casefold() for table in tree.find_all(exp.Table)),
        sorted(re.sub(r"\W", "", join.side + join.kind) for join in tree.find_all(exp.Join)),
        [str(len(group.expressions)) for group in tree.find_all(exp.Group)],
    ]
