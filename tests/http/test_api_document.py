"""The OpenAPI document: one, whole, and readable without script."""

import json

import pytest
from django.test import Client

from yiwang.faces.api.docs import api_document

pytestmark = pytest.mark.django_db


def test_the_document_is_served_and_names_its_version():
    document = json.loads(Client().get("/api/openapi.json").content)

    assert document["openapi"] == "3.1.0"
    assert "/api/v1/place" in document["paths"]


def test_every_reference_in_the_document_leads_somewhere():
    document = api_document()
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    def references(value):
        if isinstance(value, dict):
            yield from ([value["$ref"]] if "$ref" in value else [])
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    assert set(references(document)) <= known


def test_every_operation_id_is_unique():
    ids = [
        operation["operationId"]
        for methods in api_document()["paths"].values()
        for operation in methods.values()
    ]

    assert len(ids) == len(set(ids))


def test_what_the_document_says_of_the_place_is_what_is_answered():
    schema = api_document()["components"]["schemas"]["PlaceView"]
    answer = json.loads(Client().get("/api/v1/place").content)

    assert set(schema["required"]) <= set(answer) <= set(schema["properties"])


def test_the_pages_show_every_path_and_every_error_code():
    client = Client()
    page = client.get("/api/docs/").content.decode()

    assert all(path in page for path in api_document()["paths"])
    assert 'id="yiwang.not_allowed"' in client.get("/api/docs/problems/").content.decode()
