"""The first page of office."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.web.routes import SIGNED_IN, route


def home(request: HttpRequest) -> HttpResponse:
    """What waits for this officer."""
    return render(request, "office/home.html")


routes = [route("", home, right=SIGNED_IN, name="home", menu=_("工作台"), icon="home")]
