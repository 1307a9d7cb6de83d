"""Lists and maps of incidents are read in the order of an index, whatever is asked beside, and
signals find their incident without reading the others that are open."""

from dataclasses import replace

import msgspec
import pytest
from cast import NINE
from django.db import connection
from django.test.utils import CaptureQueriesContext
from workshop import DISPATCHER, GRID, LI, OVERFLOW, RISING, VILLAGE, library

from yiwang.apps.casework import public as casework
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
        assert not rest, f"what is filtered by stands in the index itself: {plan}"


@pytest.mark.parametrize("asked", ASKED)
def test_the_map_reads_what_is_near_and_not_what_is_alike(db, asked):
    near = placed(south=33.69, north=33.71, west=118.69, east=118.71)

    found = asked.narrow(near).order_by("-pk").values_list("pk", flat=True)
    assert "USING COVERING INDEX case_by_place" in found.explain()


def test_a_signal_finds_its_incident_among_any_number_of_open_ones(db):
    rising = msgspec.structs.replace(
        RISING, merged="merged", ends={**RISING.ends, "merged": "已并入"}
    )
    kind = msgspec.structs.replace(OVERFLOW, gather_from=3, gather_within="15m")
    casework.install(library(flows={"rising": rising}, incidents={"overflow": kind}), at=NINE)
    signals = [
        casework.NewSignal(
            kind="work.overflow",
            source="work.silent",
            summary="失联",
            object=f"gauge-{n}",
            division=VILLAGE,
            lon=118 + n / 20,
            lat=33.7,
        )
        for n in range(2)
    ]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        casework.report_signals(signals=signals, actor="sensing", at=NINE)
    asks = [one["sql"] for one in asked if one["sql"].startswith("SELECT")]
    with connection.cursor() as cursor:
        for ask in (one for one in asks if "casework_case" in one):
            cursor.execute(f"EXPLAIN QUERY PLAN {ask}")
            plan = "\n".join(str(line[3]) for line in cursor.fetchall())
            assert "casework_case USING INDEX case_by_kind_state" not in plan, (ask, plan)
            assert "SCAN" not in plan, (ask, plan)
    assert sum("casework_case" in one for one in asks) >= 4
