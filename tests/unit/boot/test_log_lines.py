"""The log names nobody, whatever a library writes."""

import logging
import sys

import pytest
from cast import WANG_NUMBER
from django.conf import settings
from django.utils.module_loading import import_string


@pytest.fixture
def line():
    """The formatter that the settings name."""
    wanted = settings.LOGGING["formatters"]["line"]
    return import_string(wanted["()"])(wanted["format"], style=wanted["style"])


def record(message, *values, error=None):
    return logging.LogRecord("db", logging.ERROR, __file__, 1, message, values, error)


def test_numbers_of_people_are_blotted_out(line):
    written = line.format(record("Key (subject)=(%s), phone %s", WANG_NUMBER, "13812345678"))

    assert written.endswith("Key (subject)=([号码]), phone [号码]")


def test_numbers_in_a_traceback_are_blotted_out_too(line):
    try:
        raise ValueError(f"Could not convert {WANG_NUMBER.lower()}")
    except ValueError:
        written = line.format(record("task failed", error=sys.exc_info()))

    assert "Could not convert [号码]" in written
    assert WANG_NUMBER[:17] not in written


def test_times_counts_and_case_numbers_stay_readable(line):
    written = line.format(record("SY2026110200170 took 1234567 us, 50000 rows"))

    assert written.endswith("SY2026110200170 took 1234567 us, 50000 rows")
