"""What departments state about Wang, as the table of a person's values holds it."""

from cast import NINE, WANG_NUMBER

from yiwang.apps.catalog import public as catalog

VALUES = "base.person_values"


def say(county, *rows):
    """Publish these values of base.person: item, value, source, organ, fate."""
    types = {name: one.type for name, one in county.library.table(VALUES).columns.items()}
    lake = catalog.lake()
    full = [
        dict.fromkeys(types)
        | {"identifier": WANG_NUMBER, "stated": WANG_NUMBER, "seen_from": NINE}
        | dict(zip(("item", "value", "source", "organ", "state"), row, strict=True))
        for row in rows
    ]
    lake.write(VALUES, full, columns=types, at=NINE)
    golden = {name: one.type for name, one in county.library.table("base.person").columns.items()}
    row = dict.fromkeys(golden) | {"id_number": WANG_NUMBER, "name": "王秀英"}
    lake.write("base.person", [row], columns=golden, at=NINE)


POLICE = ("name", "王秀英", "base.police_resident", "public-security", "chosen")
WRONG = ("name", "王秀瑛", "base.insured", "human-resources", "differs")
