"""Addresses of oversight (一网统管). A module of pages lists its own in ``routes``."""

from yiwang.faces.oversight import home

app_name = "oversight"
urlpatterns = [*home.routes]
