"""What every question is freed from, and headers and language of every answer."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

Answer = Callable[[HttpRequest], HttpResponseBase]

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    )
)
"""Nothing from elsewhere and nothing inline: no style attribute, no handler, no eval."""

PERMISSIONS = "camera=(), geolocation=(self), microphone=(), payment=(), usb=()"


def storable_query(get_response: Answer) -> Answer:
    """Middleware: a query without the sign 0, which no form sends and PostgreSQL cannot compare."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        asked = request.META.get("QUERY_STRING", "")
        if "%00" in asked:
            request.META["QUERY_STRING"] = asked.replace("%00", "")
        return get_response(request)

    return answer


def content_policy(get_response: Answer) -> Answer:
    """Middleware: the content security policy on every answer."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response

    return answer


def chosen_language(get_response: Answer) -> Answer:
    """Middleware: the language the reader chose, else the platform's own.

    The browser's preference is not asked: an official with an English browser works in Chinese.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(known):
            response = get_response(request)
            response.headers.setdefault("Content-Language", known)
            return response

    return answer
