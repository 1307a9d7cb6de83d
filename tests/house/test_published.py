"""What the apps publish to the lake is what packs may read, column by column."""

import pytest
import source

from yiwang.apps.boards import public as boards
from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.credentials import public as credentials
from yiwang.apps.exchange import public as exchange
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.apps.sensing import public as sensing
from yiwang.apps.services import public as services
from yiwang.apps.subjects import public as subjects
from yiwang.packkit import whole_shelf
from yiwang.packkit.platform import PLATFORM

ROOMS = (
    identity,
    jobs,
    casework,
    catalog,
    credentials,
    exchange,
    forms,
    sensing,
    services,
    subjects,
)


@pytest.mark.django_db
def test_the_platform_s_tables_are_published_as_packs_read_them():
    published = {name: columns for room in ROOMS for name, (columns, _) in room.published().items()}

    promised = {
        name: {column: type_ for column, (type_, _) in columns.items()}
        for name, columns in PLATFORM.items()
    }
    assert published == promised


def test_every_right_that_a_pack_s_role_names_is_one_of_an_app():
    known = {
        right
        for room in (*ROOMS, boards, identity, jobs, journal, subjects)
        for right in getattr(room, "RIGHTS", {})
    }
    for ref, role in whole_shelf(source.REPOSITORY / "packs", "siyang").roles().items():
        assert set(role.rights) <= known, ref
