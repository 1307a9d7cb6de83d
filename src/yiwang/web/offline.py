"""Pages that work without a network: the service worker that keeps them on the phone."""

from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse


def service_worker(request: HttpRequest) -> HttpResponse:
    """The script of the worker: its address is its scope, so each such page has one beside it."""
    path = finders.find("islands/field-worker.js")
    assert isinstance(path, str)
    answer = HttpResponse(Path(path).read_bytes(), content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    return answer
