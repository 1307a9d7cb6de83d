"""A listing reads what the reader asked for and refuses nothing with an error."""

import pytest
from django.template import engines
from django.test import RequestFactory

from yiwang.web.tables import Column, labelled, listing, wish

COLUMNS = (Column(title="编号", key="number"), Column(title="姓名"))
asked_for = RequestFactory().get


def test_the_address_says_the_order_and_the_page():
    asked = wish(asked_for("/?sort=-number&page=3"), COLUMNS, per_page=10)

    assert (asked.sort, asked.is_descending, asked.offset) == ("number", True, 20)


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "99999999999999999999", "²"])
def test_a_page_that_is_no_number_is_the_first(page):
    assert wish(asked_for("/", {"page": page}), COLUMNS).page == 1


def test_an_unknown_column_does_not_sort():
    assert wish(asked_for("/?sort=password"), COLUMNS).sort == ""


def test_a_second_click_on_a_head_turns_the_order_and_keeps_the_filter():
    request = asked_for("/?sort=number&page=4&town=爱园")
    head = listing(request, COLUMNS, ["a"], wish=wish(request, COLUMNS)).columns[0]

    assert head.order == "ascending"
    assert head.sort_address == "?sort=-number&page=1&town=%E7%88%B1%E5%9B%AD"


def test_without_a_total_one_row_more_says_that_a_page_follows():
    request = asked_for("/")
    asked = wish(request, COLUMNS, per_page=2)

    assert listing(request, COLUMNS, [1, 2, 3], wish=asked).next == "?page=2"
    assert listing(request, COLUMNS, [1, 2], wish=asked).next == ""


def test_with_a_total_the_last_page_has_no_next():
    request = asked_for("/?page=2")
    asked = wish(request, COLUMNS, per_page=2)
    page = listing(request, COLUMNS, [3], wish=asked, total=3)

    assert (page.last_page, page.next, page.previous) == (2, "", "?page=1")


def test_each_cell_carries_the_title_of_its_column_for_phones():
    cells = labelled('<td><a>1</a></td><td class="num">2</td><td>3</td>', COLUMNS)

    assert cells.count('role="cell"') == 3
    assert 'data-label="编号"><a>' in cells
    assert 'data-label="姓名" class="num"' in cells


@pytest.mark.parametrize(("columns", "is_card"), [(3, False), (4, True)])
def test_a_table_of_many_columns_is_rows_of_cards_on_a_phone(columns, is_card):
    template = engines["jinja2"].from_string("{{ ui.plain_table(head, rows, '表') }}")
    head = [f"列{n}" for n in range(columns)]
    page = template.render({"head": head, "rows": [["2026-11-30 09:05"] * columns]})

    assert ("stacks" in page) is is_card
    assert (page.count('data-label="列0"') == 1) is is_card
    assert page.count('class="day"') == columns
