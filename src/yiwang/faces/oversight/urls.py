"""Addresses of oversight (一网统管). A module of pages lists its own in ``routes``."""

from yiwang.faces.oversight import devices, home, incidents, screens

app_name = "oversight"
urlpatterns = [*home.routes, *incidents.routes, *devices.routes, *screens.routes]
