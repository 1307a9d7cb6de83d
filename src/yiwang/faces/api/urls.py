"""Addresses of the interfaces for machines. A module of pages lists its own in ``routes``."""

from yiwang.faces.api import (
    catalogue,
    ckan,
    dcat,
    docs,
    events,
    files,
    home,
    items,
    notices,
    open311,
    places,
    pushes,
    sensing,
)
from yiwang.faces.api.sensorthings import views as sensorthings

app_name = "api"
urlpatterns = [
    *home.routes,
    *docs.routes,
    *notices.routes,
    *files.routes,
    *places.routes,
    *items.routes,
    *sensing.routes,
    *sensorthings.routes,
    *pushes.routes,
    *catalogue.routes,
    *ckan.routes,
    *dcat.routes,
    *open311.routes,
    *events.routes,
]
