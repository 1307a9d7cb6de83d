"""A county's home for servers of their own: settled once, with a grant and its key."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import stores

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def county_home(tmp_path_factory):  # type: ignore[no-untyped-def]
    """Environment of a caller with the home of ``tests/gate_home.py``: KEY, ID_NUMBER, PURPOSE."""
    home = tmp_path_factory.mktemp("county")
    own = {**os.environ, **stores.store_of(home), "YIWANG_HOME": str(home)}
    own |= {"DJANGO_SETTINGS_MODULE": "yiwang.boot.settings"}
    prepared = subprocess.run(
        [sys.executable, "gate_home.py", "40"],
        cwd=TESTS, env=own, capture_output=True, text=True, check=True,
    )  # fmt: skip
    known = json.loads(prepared.stdout.splitlines()[-1])
    return {
        **own,
        **{name.upper(): text for name, text in known.items()},
        "CASE": "SY2026110200170",
    }
