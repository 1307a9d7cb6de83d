"""The portal's first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.web.routes import PUBLIC, route


def home(request: HttpRequest) -> HttpResponse:
    """What a person or firm can do here."""
    return render(request, "portal/home.html")


routes = [route("", home, right=PUBLIC, name="home", menu=_("首页"), icon="home")]
