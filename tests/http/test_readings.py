"""What devices post, good and bad, at once: every line is in one count, and no count is a guess."""

import json
from datetime import timedelta

import pytest
from county import settle
from django.test import Client

from yiwang.apps.sensing import public as sensing
from yiwang.apps.sensing.models import QuarantinedMessage, Reading
from yiwang.kernel.clock import system_clock

pytestmark = pytest.mark.django_db

GAUGE, ADDRESS = "SW001", "/api/sensing/v1/readings"


@pytest.fixture
def posted():
    """Post lines as the gauge; returns the answer."""
    county = settle()
    sensing.install(county.library, at=system_clock())
    token = sensing.issue_token(device=GAUGE, at=system_clock())

    def post(lines: list[bytes], token: str = token):
        return Client().post(
            ADDRESS,
            b"\n".join(lines),
            content_type="application/x-ndjson",
            headers={"Authorization": f"Bearer {token}"},
        )

    return post


def line(seconds: float, value: object) -> bytes:
    """A reading observed ``seconds`` from now."""
    at = system_clock() + timedelta(seconds=seconds)
    return json.dumps({"at": at.isoformat(), "value": value}).encode()


def test_ten_thousand_lines_good_and_bad_are_each_in_one_count(posted):
    good = [line(-n / 10, 14.0) for n in range(9_000)]
    nan = [line(-n, float("nan")) for n in range(400)]
    future = [line(3600 + n, 14.0) for n in range(400)]
    torn = [one[:20] for one in good[:100]]
    again = good[:100]
    answer = posted([*good, *nan, *future, *torn, *again])

    assert answer.status_code == 200
    counts = answer.json()
    assert counts["quarantined"] == {"not_a_number": 400, "in_the_future": 400, "unreadable": 100}
    assert (counts["accepted"], counts["late"], counts["duplicate"]) == (9_000, 0, 100)
    assert Reading.objects.count() == 9_000
    assert QuarantinedMessage.objects.count() == 900


def test_a_wrong_token_takes_in_nothing_and_says_why(posted):
    answer = posted([line(0, 14.0)], token="guessed")

    assert answer.status_code == 403
    assert answer.json()["title"] == "设备令牌无效。"
    assert answer.json()["hint"]
    assert not Reading.objects.exists()


def test_a_body_that_is_too_large_is_refused_whole(posted):
    answer = posted([line(0, 14.0)] * 80_000)

    assert answer.status_code == 413
    assert "分批" in answer.json()["hint"]
    assert not Reading.objects.exists()
