"""Begin Django on a chosen home folder: for commands that read or write what is remembered."""

import gc
import os
from pathlib import Path

import django
from django.apps import apps

from yiwang.boot.database import database, kind_of
from yiwang.boot.folder import claim, demand_store
from yiwang.kernel.crypto import self_test


def start_django(*, home: Path | None = None, place: str = "") -> None:
    """Load settings and models. ``home`` and ``place`` go before the environment's values.

    Settings are read once per process, so this comes before any import of an app. Nothing starts
    on a machine whose cryptography fails the standards' examples, in a folder of another place, or
    on another kind of store than the folder's.
    """
    self_test()
    if home is not None and place:
        claim(home, place=place)
    if home is not None:
        store = database(os.environ.get("YIWANG_DATABASE", ""), home=home)
        demand_store(home, kind=kind_of(store))
        os.environ["YIWANG_HOME"] = str(home.absolute())
    if place:
        os.environ["YIWANG_PLACE"] = place
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.boot.settings")
    if not apps.ready:
        django.setup()


def settle_memory() -> None:
    """Let a server's collector of cycles leave alone what was loaded for good.

    With hundreds of requests in hand it would walk the models and modules again and again: a
    quarter of the CPU of an answered call.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)
