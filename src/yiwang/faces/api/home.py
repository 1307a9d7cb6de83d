"""The first page of api."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.web.routes import PUBLIC, route


def home(request: HttpRequest) -> HttpResponse:
    """What a machine can ask here."""
    return render(request, "api/home.html")


routes = [route("", home, right=PUBLIC, name="home", menu=_("首页"), icon="home")]
