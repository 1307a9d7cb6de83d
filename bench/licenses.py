"""Ten thousand licences issued in one go, each signed with SM2, in the record and the journal."""

import time
from collections.abc import Iterator
from dataclasses import replace

from bench._apart import apart

KIND, MANY = "common_licenses.elder_card", 10_000


def run() -> Iterator[str]:
    """Measure in a process of its own, in an empty home."""
    yield from apart("bench.licenses")


def measure() -> None:
    """Issue them all: whole or not at all."""
    import django

    django.setup()
    import prepared
    from cast import NINE, WANG_NUMBER
    from django.core.management import call_command
    from workshop import LI

    from yiwang.apps.credentials import public as credentials

    call_command("migrate", verbosity=0)
    credentials.install(prepared.library(), at=NINE)
    officer = replace(LI, rights=LI.rights | {"credentials.issue"})
    fields = {"name": "王秀英", "id_number": WANG_NUMBER, "birth_on": "1956-03-14"}
    wanted = [credentials.NewLicense(holder=WANG_NUMBER, fields=fields) for _ in range(MANY)]
    begun, worked = time.perf_counter(), time.process_time()
    credentials.issue_many(kind=KIND, licenses=wanted, officer=officer, at=NINE)
    print(
        f"{MANY:,} licences issued: {time.perf_counter() - begun:.1f} s (bar 60 s), "
        f"CPU {time.process_time() - worked:.1f} s"
    )


if __name__ == "__main__":
    measure()
