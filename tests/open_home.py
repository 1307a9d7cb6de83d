"""A home with ten thousand open datasets and one large file, for `python -m bench open_data`.

Prints the name and the size of the large file as JSON.
"""

import json
import sys

import django

django.setup()

from cast import NINE  # noqa: E402
from county import settle  # noqa: E402
from django.core.management import call_command  # noqa: E402
from opened import HOMES, HOMES_OPEN, copies, homes, published, write  # noqa: E402

call_command("migrate", verbosity=0)
county = settle()
published(county)
copies(int(sys.argv[1]))
write(HOMES, homes(int(sys.argv[2])))
large = published(county, HOMES_OPEN, name="large", at=NINE)
sys.stdout.write(json.dumps({"name": large.name, "size": large.files["csv"]["size"]}))
