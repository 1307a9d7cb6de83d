"""Widgets of a screen: figures on top in their order, rows without gaps, what fits a wall."""

from yiwang.apps.boards.layout import laid_out
from yiwang.packkit.kinds.sight import Widget


def widgets(*told: str) -> list[Widget]:
    parts = (one.partition(" ") for one in told)
    return [Widget(kind=kind, title=kind, of="a.b", size=size) for kind, _, size in parts]


def test_figures_stand_on_top_and_the_last_of_a_row_takes_what_is_left():
    found = laid_out(widgets("map", "number", "list", "indicator", "chart"))

    assert found.figures == (1, 3)
    assert [(row.places, row.spans) for row in found.rows] == [((0, 2), (8, 4)), ((4,), (12,))]


def test_a_size_is_kept_and_what_no_longer_fits_begins_a_row():
    found = laid_out(widgets("chart small", "chart half", "map full", "text small"))

    assert [row.spans for row in found.rows] == [(3, 9), (12,), (12,)]
    assert found.fits_a_wall


def test_more_rows_than_a_wall_shows_do_not_fit():
    assert not laid_out(widgets(*["map full"] * 4)).fits_a_wall
    assert not laid_out(widgets(*["number"] * 17)).fits_a_wall
