"""The living style guide: every component with example values, for whoever writes a page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.web.routes import SIGNED_IN, route


def style(request: HttpRequest) -> HttpResponse:
    """Every component."""
    return render(request, "office/style.html")


routes = [route("style/", style, right=SIGNED_IN, name="style", menu=_("界面样例"), icon="book")]
