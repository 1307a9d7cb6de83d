"""Fills YIWANG_HOME with residents who are signed in, and prints their sessions as JSON.

A program of its own, so that a served platform has a committed database and a home of its own.
"""

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.boot.settings")


def prepare(count: int) -> dict[str, object]:
    """Install the packs, publish ``count`` residents, and sign each in."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    import applying

    applying.settle()
    numbers = [applying.person("19800101", f"{n:03}") for n in range(count)]
    _publish(numbers)
    return {"cookie": settings.SESSION_COOKIE_NAME, "sessions": [_signed_in(n) for n in numbers]}


def _publish(numbers: list[str]) -> None:
    from datetime import date

    import prepared
    from applying import PHONE, VILLAGE
    from django.utils import timezone

    from yiwang.apps.catalog import public as catalog
    from yiwang.apps.subjects import public as subjects

    lake, table = catalog.lake(), prepared.library().table("base.resident")
    columns = {name: one.type for name, one in table.columns.items()}
    rows = [
        dict.fromkeys(columns)
        | {"id_number": number, "name": "王秀英", "birth_on": date(1980, 1, 1), "phone": PHONE,
           "division": VILLAGE, "address": "西康居委会3组8号", "is_alive": True}
        for number in numbers
    ]  # fmt: skip
    lake.write("base.resident", rows, columns=columns, at=timezone.now())
    subjects.publish_files(lake, at=timezone.now())


def _signed_in(number: str) -> str:
    from cast import PASSWORD
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from yiwang.apps.identity import public as identity

    identity.create_account(
        username=f"r{number[-6:]}", name="王秀英", password=PASSWORD, at=timezone.now(),
        kind="person", subject=number,
    )  # fmt: skip
    browser = Client()
    given = {"username": f"r{number[-6:]}", "password": PASSWORD, "code": ""}
    assert browser.post("/sign-in/", given).status_code == 302
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


if __name__ == "__main__":
    print(json.dumps(prepare(int(sys.argv[1]))))
