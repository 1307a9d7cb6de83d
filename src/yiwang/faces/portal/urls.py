"""Addresses of the portal (一网通办). A module of pages lists its own in ``routes``."""

from yiwang.faces.portal import applying, home, maps, mine, preferences, services, signing

app_name = "portal"
urlpatterns = [
    *home.routes,
    *services.routes,
    *applying.routes,
    *mine.routes,
    *maps.routes,
    *preferences.routes,
    *signing.routes,
]
