"""The public status page: whether the platform answers, and how it did, as it was measured."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yiwang.apps.jobs import public as jobs
from yiwang.kernel.clock import system_clock
from yiwang.web.routes import PUBLIC, route

SPANS = (1, 7, 30, 90)
"""Days for which a share is told."""


def status(request: HttpRequest) -> HttpResponse:
    """Availability over some spans, day by day, and every outage that was measured."""
    at = system_clock()
    known = {days: jobs.availability(at=at, days=days) for days in SPANS}
    longest = known[SPANS[-1]]
    return render(
        request,
        "portal/status.html",
        {
            "at": at,
            "known": known,
            "longest": longest,
            "is_measured": longest.last is not None
            and (at - longest.last).total_seconds() < 3 * 60,
        },
    )


routes = [route("status/", status, right=PUBLIC, name="status")]
