"""The first page of oversight."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.web.routes import SIGNED_IN, route


def home(request: HttpRequest) -> HttpResponse:
    """What happens in the place now."""
    return render(request, "oversight/home.html")


routes = [route("", home, right=SIGNED_IN, name="home", menu=_("总览"), icon="home")]
