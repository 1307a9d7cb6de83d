"""Addresses of the office (一网协同). A module of pages lists its own in ``routes``."""

from yiwang.faces.office import (
    access,
    accounts,
    administration,
    cases,
    home,
    journal,
    policies,
    style,
)

app_name = "office"
urlpatterns = [
    *home.routes,
    *cases.routes,
    *policies.routes,
    *accounts.routes,
    *access.routes,
    *administration.routes,
    *journal.routes,
    *style.routes,
]
