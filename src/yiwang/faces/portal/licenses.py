"""My licences on paper."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.faces.portal.services import applicant_of
from yiwang.kernel.clock import system_clock
from yiwang.web.acts import file_answer
from yiwang.web.routes import SIGNED_IN, route


def printed(request: HttpRequest, number: str) -> HttpResponse:
    """The printout of one of my licences."""
    actor, at = applicant_of(request), system_clock()
    found = credentials.license_of(number, actor=actor, at=at)
    file = credentials.printout(
        found,
        organ=identity.organ(found.organ).title,
        address=request.build_absolute_uri(reverse("portal:verify")),
        at=at,
    )
    return file_answer(file, kind="application/pdf", name=number)


routes = [
    route(
        "my/licenses/<str:number>/print/",
        printed,
        right=SIGNED_IN,
        name="license_print",
        under="mine",
    ),
]
