"""The platform's settings on a home folder of its own, thrown away afterwards.

Django's pytest plugin reads settings before any conftest, so the folder is made here, and the
clock is set: deadlines of a year that nobody has announced are an error, on any machine's date.
"""

import os
import tempfile

os.environ["YIWANG_HOME"] = tempfile.mkdtemp(prefix="yiwang-test-")
os.environ.setdefault("YIWANG_PLACE", "siyang")

if os.environ.get("YIWANG_TEST_STORE") == "postgres":
    # The whole suite on the other store: Django makes a database of its own beside this one.
    os.environ["YIWANG_DATABASE"] = os.environ.get(
        "YIWANG_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres"
    )

import begun_at

begun_at.shift(begun_at.OF_TESTS)

from yiwang.boot.settings import *  # noqa: E402, F403

# Processes that tests start remember where the test says: see `stores`.
os.environ.pop("YIWANG_DATABASE", None)

if "sqlite" in DATABASES["default"]["ENGINE"]:  # noqa: F405
    # Said here because pytest-django knows only Django's own engine by name.
    # MIGRATE: conftest lays down a copy of the migrated database instead.
    DATABASES["default"]["TEST"] = {"NAME": ":memory:", "MIGRATE": False}  # noqa: F405
