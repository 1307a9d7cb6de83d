"""Pages of the files: ask for one with purpose and case, and read it field by field."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.subjects import public as subjects
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid, NotFound
from yiwang.web.routes import route


def file(request: HttpRequest) -> HttpResponse:
    """The form; POST opens the file. Never GET: a number in an address ends up in logs."""
    found, error = None, None
    given = request.POST
    if request.method == "POST":
        try:
            found = _opened(request)
        except (Invalid, NotFound, subjects.PurposeUnknown) as refused:
            error = refused
    response = render(
        request,
        "steward/file.html",
        {
            "file": found,
            "given": given,
            "error": error,
            "kind": given.get("kind", "person"),
            "purposes": _purposes(request),
        },
        status=error.status if error else 200,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _purposes(request: HttpRequest) -> list[tuple[str, str]]:
    """The purposes of this officer, of either kind of file."""
    actor = request.actor
    both = {one for kind in ("person", "firm") for one in subjects.purposes_of(actor, subject=kind)}
    return [(one, one) for one in sorted(both)]


def _opened(request: HttpRequest) -> subjects.PersonFile:
    given = request.POST
    number, purpose, case = (given.get(name, "").strip() for name in ("number", "purpose", "case"))
    actor, at = request.actor, system_clock()
    if given.get("kind") == "firm":
        return subjects.firm_file(number=number, actor=actor, purpose=purpose, case=case, at=at)
    return subjects.person_file(id_number=number, actor=actor, purpose=purpose, case=case, at=at)


routes = [
    route("files/", file, right="subjects.see", name="file", menu=_("一人一档"), icon="person")
]
