"""Fills YIWANG_HOME with a county, a grant and a key, and prints what a caller needs as JSON.

A program of its own, so that a served gate has a committed database and a home of its own.
"""

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.boot.settings")


def prepare() -> dict[str, str]:
    """Migrate, settle the county, grant Li's organ a lookup, issue its key."""
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
    grant = granted(county, at=now, quota_per_day=int(sys.argv[1]), rate_per_second=100_000)
    return {
        "key": exchange.issue_key(grant.number, officer=county.li, at=now),
        "grant": grant.number,
        "id_number": WANG_NUMBER,
        "purpose": PURPOSE,
    }


if __name__ == "__main__":
    print(json.dumps(prepare()))
