"""Lists and maps of incidents are read in the order of an index, whatever is asked beside."""

from dataclasses import replace

import pytest
from django.db import connection
from workshop import DISPATCHER, GRID, LI

from yiwang.apps.casework.queries.incidents import AskedIncidents, _ways
from yiwang.apps.casework.unindexed import placed

WATCH = replace(DISPATCHER, rights=DISPATCHER.rights | {"incident.watch"})
ASKED = (
    AskedIncidents(),
    AskedIncidents(state="open"),
    AskedIncidents(state="ended", grade=1),
    AskedIncidents(kind="work.overflow"),
    AskedIncidents(kinds=("work.overflow", "work.other"), state="open"),
)

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="a planner with statistics decides by what there is"
)


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("officer", [WATCH, GRID, LI], ids=lambda one: one.username)
def test_no_list_scans_a_table_or_sorts(db, officer, asked):
    for rows, key in _ways(officer, asked):
        plan = rows.order_by(f"-{key}").values_list(key, flat=True)[:200].explain()
        first, *rest = plan.splitlines()
        assert "SEARCH" in first, plan
        assert "(profile=? AND state=?)" not in first, plan
        assert all("INTEGER PRIMARY KEY" in line for line in rest), plan


@pytest.mark.parametrize("asked", ASKED)
def test_the_map_reads_what_is_near_and_not_what_is_alike(db, asked):
    near = placed(south=33.69, north=33.71, west=118.69, east=118.71)

    assert "case_by_place" in asked.narrow(near).explain()
