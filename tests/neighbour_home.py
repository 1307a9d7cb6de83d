"""Another place: settled in YIWANG_HOME, with steps that its people take there.

A program of its own (``neighbour_home.py STEP JSON``), so that it has a database, a home and keys
of its own; each step prints one line of JSON.
"""

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.boot.settings")

GIVEN = {
    "title": "用水户信息",
    "abstract": "自来水用户和用水性质。",
    "class": "3",
    "format": "3",
    "items": "户号，C，20，account\n户名，C，100，name",
    "share": "2",
    "share_condition": "按需申请",
    "share_mode": "1",
    "open": "3",
    "cycle": "2",
}


def settle(at):
    """The county with civil affairs' chief data officer."""
    import county

    from yiwang.apps.catalog import public as catalog
    from yiwang.apps.identity import public as identity

    people = county.settle()
    identity.create_account(
        username="chief",
        name="首席",
        password="Tests-only-2026",
        at=at,
        organ=people.li.organ,
        posts=["首席数据官"],
    )
    catalog.set_duty(
        organ=people.li.organ, duty="chief", username="chief", officer=people.gu, at=at
    )
    return people


def publish(number, at):
    """Submit, check and sign a draft of civil affairs."""
    from yiwang.apps.catalog import public as catalog
    from yiwang.apps.identity import public as identity

    li, gu, chief = (identity.officer(name, at=at) for name in ("li", "gu", "chief"))
    catalog.submit_entry(number=number, officer=li, at=at)
    catalog.check_entry(number=number, passes=True, reason="", officer=gu, at=at)
    catalog.publish_entry(number=number, officer=chief, at=at)


def step(name, given, at):
    """What one of the neighbour's people does."""
    from django.core.management import call_command

    from yiwang.apps.catalog import public as catalog
    from yiwang.apps.catalog.actions.hearing import hear
    from yiwang.apps.catalog.queries.neighbours import neighbour_row
    from yiwang.apps.identity import public as identity

    if name == "settle":
        call_command("migrate", verbosity=0)
        settle(at)
        return {}
    li, gu, chief = (identity.officer(one, at=at) for one in ("li", "gu", "chief"))
    match name:
        case "register":
            number, key = catalog.register_neighbour(**given, officer=gu, at=at)
            return {"number": number, "key": key}
        case "draft":
            number = catalog.draft_entry(
                list_name="data", organ=li.organ, given=GIVEN | given, officer=li, at=at
            )
            publish(number, at)
            return {"number": number}
        case "change":
            said = catalog.list_entry(given["number"], actor=li).values
            changed = said | given["values"]
            catalog.change_entry(number=given["number"], given=changed, officer=li, at=at)
            publish(given["number"], at)
        case "publish":
            publish(given["number"], at)
        case "withdraw":
            catalog.withdraw_entry(number=given["number"], reason="停办", officer=chief, at=at)
        case "hear":
            pull = hear(neighbour_row(given["neighbour"]), at=at)
            links = catalog.neighbour_entries(given["neighbour"])
            return {
                "read": pull.read, "drafted": pull.drafted, "changed": pull.changed,
                "same": pull.same, "conflicts": pull.conflicts, "gone": pull.gone,
                "links": {one.number: [one.ours, one.state] for one in links},
            }  # fmt: skip
    return {}


if __name__ == "__main__":
    import begun_at
    import django

    begun_at.shift(begun_at.OF_TESTS)
    django.setup()
    from cast import NINE

    print(json.dumps(step(sys.argv[1], json.loads(sys.argv[2]), NINE)))
