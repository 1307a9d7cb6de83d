"""A lake of its own for every test, and a department's folder beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from yiwang.lake import Lake, Source


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    lake = Lake(tmp_path / "lake")
    yield lake
    lake.close()


@pytest.fixture
def folder(tmp_path: Path) -> Source:
    """The folder in which a department leaves its files."""
    (tmp_path / "department").mkdir()
    return Source(kind="folder", path=tmp_path / "department")
