"""Definitions come out of the store as they went in, whichever store it is."""

import json

import pytest
from cast import NINE
from django.db import connection

from yiwang.apps.forms.models import FormVersion

pytestmark = pytest.mark.django_db
FIELDS = {"访视次数": {"title": "访视次数"}, "needs": {"title": "需要"}, "a": {"title": "其他"}}


def test_the_fields_of_a_form_keep_their_order():
    kept = FormVersion.objects.create(
        ref="tests.form", version="1", content={"fields": FIELDS}, installed_at=NINE
    )

    assert list(FormVersion.objects.get(pk=kept.pk).content["fields"]) == list(FIELDS)


def test_what_an_earlier_version_kept_as_an_object_is_still_read():
    kept = FormVersion.objects.create(ref="tests.form", version="1", content={}, installed_at=NINE)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {FormVersion._meta.db_table} SET content = %s WHERE id = %s",
            [json.dumps({"title": "旧"}), kept.pk],
        )

    assert FormVersion.objects.get(pk=kept.pk).content == {"title": "旧"}
