"""Fills YIWANG_HOME with a county, a grant and a key, and prints what a caller needs as JSON.

A program of its own, so that a served gate has a committed database and a home of its own.
"""

import json
import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.boot.settings")


def prepare(quota: int, residents: int = 0) -> dict[str, Any]:
    """Migrate, settle the county, grant Li's organ a lookup, issue its key; more residents."""
    import begun_at
    import django

    begun_at.shift(begun_at.OF_TESTS)
    django.setup()
    from cast import WANG_NUMBER
    from county import PURPOSE, granted, settle
    from django.core.management import call_command

    from yiwang.apps.exchange import public as exchange
    from yiwang.kernel.clock import system_clock

    call_command("migrate", verbosity=0)
    county, now = settle(), system_clock()
    numbers = people(residents)
    grant = granted(county, at=now, quota_per_day=quota, rate_per_second=max(quota, 100_000))
    return {
        "key": exchange.issue_key(grant.number, officer=county.li, at=now),
        "grant": grant.number,
        "id_number": numbers[0] if numbers else WANG_NUMBER,
        "purpose": PURPOSE,
        **({"id_numbers": numbers[:: max(residents // 2000, 1)]} if numbers else {}),
    }


def people(count: int) -> list[str]:
    """Put ``count`` made-up residents into the lake; returns their numbers."""
    if not count:
        return []
    from datetime import date

    from cast import NINE
    from county import RESIDENT, resident
    from prepared import library

    from yiwang.apps.catalog import public as catalog
    from yiwang.kernel.identifiers import gbt11643

    rows = []
    for place in range(count):
        number = f"32132319{40 + place % 20}0{1 + place % 9}{10 + place % 19}{place // 3420:03d}"
        number += gbt11643.check_digit(number)
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        rows.append(resident(number, f"王秀{place}", birth))
    columns = {name: one.type for name, one in library().table(RESIDENT).columns.items()}
    catalog.lake().write(RESIDENT, rows, columns=columns, at=NINE)
    return [str(row["id_number"]) for row in rows]


if __name__ == "__main__":
    print(json.dumps(prepare(*map(int, sys.argv[1:]))))
