"""A query that stands on others is computed with them inside it."""

from yiwang.packkit.queries import parse_query, standing_on

VIEWS = {
    "pack.sums": "SELECT period AS id, SUM(amount) AS due FROM pack.lines GROUP BY period",
    "pack.lines": "SELECT id, period, amount FROM pack.ledger WHERE amount > 0",
}


def test_a_table_is_replaced_by_its_query_and_so_are_those_below_it():
    whole = standing_on("SELECT sums.id, sums.due FROM pack.sums WHERE sums.due > 1", VIEWS)

    assert parse_query(whole).reads.keys() == {"pack.ledger"}
    assert "AS sums" in whole


def test_what_has_no_query_of_its_own_stays_a_table():
    whole = standing_on(
        "SELECT r.id FROM base.resident AS r JOIN pack.lines AS l ON l.id = r.id", VIEWS
    )

    assert parse_query(whole).reads.keys() == {"base.resident", "pack.ledger"}
