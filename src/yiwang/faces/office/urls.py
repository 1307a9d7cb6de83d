"""Addresses of the office (一网协同). A module of pages lists its own in ``routes``."""

from yiwang.faces.office import home, style

app_name = "office"
urlpatterns = [*home.routes, *style.routes]
