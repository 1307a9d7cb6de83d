"""A page that shows an officer the values of persons says who looked, should it be photographed."""

import re
from pathlib import Path

import pytest

FACES = Path(__file__).parents[2] / "src/yiwang/faces"
MARK = "{{ ui.watermark(page_mark()) }}"
MARKED = {
    "office": """candidate case filing filings journal journal_entry license licenses
        payment_batch policy_run roster scan""",
    "oversight": "incident",
    "steward": "conflicts file links objection rejected special",
}
"""Pages with values of persons or firms: files, cases, contested values, lists, licences, logs."""
NUMBER = re.compile(r"\{\{[^{}]*\.(?:subject|holder|applicant)\b[^{}]*\}\}")
"""What prints the number of whom something is about; a username becomes a name with ``person``."""


@pytest.mark.parametrize(
    "page", [f"{face}/{name}" for face, names in MARKED.items() for name in names.split()]
)
def test_a_page_with_personal_values_carries_the_mark_of_who_looks(page):
    face, name = page.split("/")
    assert MARK in (FACES / face / "templates" / face / f"{name}.html").read_text("utf-8")


def test_no_page_of_officers_prints_a_number_without_the_mark():
    unmarked = [
        str(file.relative_to(FACES))
        for face in MARKED
        for file in sorted((FACES / face / "templates").rglob("*.html"))
        if any(
            "mask(" not in one and "person" not in one and ".kind." not in one
            for one in NUMBER.findall(file.read_text("utf-8"))
        )
        and MARK not in file.read_text("utf-8")
    ]
    assert unmarked == []
