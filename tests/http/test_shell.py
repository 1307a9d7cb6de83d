"""The frame of every page: headers, preferences, errors, language."""

import json
import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def test_every_answer_carries_a_policy_that_allows_nothing_inline_and_nothing_from_elsewhere(
    client,
):
    policy = client.get("/").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_the_first_page_weighs_little():
    client = Client()
    page = client.get("/").content
    weight = len(page)
    for address in re.findall(rb'(?:src|href)="(/static/[^"]+)"', page):
        weight += len(b"".join(client.get(address.decode()).streaming_content))

    assert weight <= 200_000


def test_preferences_are_kept_and_the_reader_comes_back_to_the_page(client):
    answer = client.post("/preferences/", {"elder": "1", "next": "/api/"})

    assert answer.headers["Location"] == "/api/"
    assert 'class="elder' in client.get("/").content.decode()


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_preferences_never_lead_to_another_host(client, back):
    answer = client.post("/preferences/", {"theme": "dark", "next": back})

    assert answer.headers["Location"] == "/"


def test_a_preference_that_does_not_exist_is_not_kept(client):
    client.post("/preferences/", {"theme": "<script>", "language": "tlh"})

    assert not client.cookies


@pytest.mark.parametrize(("address", "entry"), [("/", "/"), ("/ratings/", "/ratings/")])
def test_the_navigation_marks_the_page_that_is_read(client, address, entry):
    assert f'<a href="{entry}" aria-current="page"' in client.get(address).content.decode()


def test_a_page_that_no_entry_of_the_navigation_leads_to_marks_none(client):
    assert 'aria-current="page"' not in client.get("/sign-in/").content.decode()


def test_a_wrong_address_says_what_to_do(client):
    page = client.get("/nowhere/")

    assert page.status_code == 404
    assert "您可以这样做" in page.content.decode()


def test_an_address_that_only_takes_forms_says_so(client):
    page = client.get("/preferences/")

    assert (page.status_code, page.headers["Allow"]) == (405, "POST")
    assert "请从上一页的按钮或链接进入" in page.content.decode()


def test_a_machine_gets_problem_details(client):
    answer = client.get("/api/nowhere")
    problem = json.loads(answer.content)

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == 404
    assert problem["code"] == "web.not_found"
    assert problem["hint"]


def test_a_form_from_elsewhere_is_refused_with_an_explanation():
    page = Client(enforce_csrf_checks=True).post("/preferences/", {"elder": "1"})

    assert page.status_code == 403
    assert "没有生效" in page.content.decode()


def test_the_browsers_language_is_not_asked_the_reader_chooses(client):
    assert "跳到主要内容" in client.get("/", headers={"Accept-Language": "en"}).content.decode()

    client.post("/preferences/", {"language": "en"})

    page = client.get("/").content.decode()
    assert "Skip to main content" in page
    assert '<html lang="en"' in page
