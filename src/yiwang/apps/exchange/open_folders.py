"""Where the files of releases lie, and what is cleared when they are no longer open."""

import shutil
from pathlib import Path

from django.conf import settings

from yiwang.lake import OpenStore

KEPT = 5
"""How many versions of a release can still be fetched."""

store = OpenStore()
"""The searchable copies that this process has open."""


def folder_of(ident: str) -> Path:
    """The folder of a release."""
    return Path(settings.HOME) / "open" / ident


def version_folder(ident: str, number: int) -> Path:
    """The folder of one version's files."""
    return folder_of(ident) / str(number)


def clear(ident: str, *, keep: int = 0) -> None:
    """Remove the files of all but the latest ``keep`` versions."""
    folder = folder_of(ident)
    if not folder.exists():
        return
    numbers = sorted(int(one.name) for one in folder.iterdir() if one.name.isdigit())
    for number in numbers[: len(numbers) - keep] if keep else numbers:
        shutil.rmtree(folder / str(number), ignore_errors=True)
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)
