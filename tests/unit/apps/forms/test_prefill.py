"""What the platform holds fills the form, with its source, and cannot be altered."""

from datetime import date

import prepared
import pytest
from cast import NINE, WANG_NUMBER

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.apps.journal.models import Outbox
from yiwang.apps.subjects import public as subjects
from yiwang.kernel.errors import NotAllowed
from yiwang.lake import Lake

FORM = "elder_allowance.application"
WANG = identity.Applicant(subject=WANG_NUMBER, kind="person", name="王秀英")


@pytest.fixture
def county(db, settings, tmp_path):
    settings.HOME = tmp_path
    library = prepared.library()
    prepared.install(identity, catalog, subjects, forms, at=NINE)
    lake = Lake(tmp_path / "lake")
    columns = {name: one.type for name, one in library.table("base.resident").columns.items()}
    row = dict.fromkeys(columns) | {
        "id_number": WANG_NUMBER,
        "name": "王秀英",
        "birth_on": date(1956, 3, 14),
        "division": "321323001001",
        "phone": "13800000000",
        "is_alive": True,
    }
    lake.write("base.resident", [row], columns=columns, at=NINE)
    subjects.publish_files(lake, at=NINE)
    lake.close()


def test_what_is_known_is_filled_in_with_its_source_and_on_record(county):
    known = forms.prefill(FORM, subject=WANG_NUMBER, actor=WANG, at=NINE)

    assert known["name"].value == "王秀英"
    assert known["name"].table == "base.resident"
    assert known["name"].snapshot
    assert Outbox.objects.exists()


def test_the_client_cannot_alter_what_is_known(county):
    given = {"phone": "13800000000", "name": "王某某"}

    with pytest.raises(forms.AnswersRefused) as refusal:
        forms.check_answers(FORM, answers=given, subject=WANG_NUMBER, actor=WANG, at=NINE)
    assert set(refusal.value.data["fields"]) == {"name"}


def test_a_stranger_fills_in_nothing_of_hers(county):
    other = identity.Applicant(subject="320825195603140044", kind="person", name="别人")

    with pytest.raises(NotAllowed):
        forms.prefill(FORM, subject=WANG_NUMBER, actor=other, at=NINE)
