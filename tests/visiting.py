"""A signed-in browser of a member of the cast, and what a page says to it."""

from cast import PASSWORD
from django.test import Client


def browser_of(username: str) -> Client:
    """A browser in which ``username`` has signed in."""
    browser = Client()
    given = {"username": username, "password": PASSWORD, "code": ""}
    assert browser.post("/sign-in/", given).status_code == 302
    return browser


def text_of(browser: Client, address: str, status: int = 200) -> str:
    """The text of the page at ``address``, which answers with ``status``."""
    answer = browser.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()
