"""Addresses of the interfaces for machines. A module of pages lists its own in ``routes``."""

from yiwang.faces.api import docs, home, places, sensing

app_name = "api"
urlpatterns = [*home.routes, *docs.routes, *places.routes, *sensing.routes]
