"""How the reader wants to see the platform: large type, dark, language. Kept in cookies only."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from yiwang.web.routes import PUBLIC, route
from yiwang.web.shell import ELDER_COOKIE, THEME_COOKIE

YEAR = 365 * 24 * 3600
CHOICES = {
    "elder": (ELDER_COOKIE, ("0", "1")),
    "theme": (THEME_COOKIE, ("light", "dark")),
    "language": (settings.LANGUAGE_COOKIE_NAME, tuple(code for code, _ in settings.LANGUAGES)),
}


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep the choices and go back to the page they were made on."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    response = HttpResponseRedirect(back)
    for name, (cookie, allowed) in CHOICES.items():
        if (value := request.POST.get(name, "")) in allowed:
            response.set_cookie(
                cookie,
                value,
                max_age=YEAR,
                samesite="Lax",
                httponly=True,
                secure=request.is_secure(),
            )
    return response


routes = [route("preferences/", preferences, right=PUBLIC, name="preferences")]
