"""Addresses of oversight (一网统管). A module of pages lists its own in ``routes``."""

from yiwang.faces.oversight import (
    command,
    composing,
    devices,
    drills,
    field,
    grids,
    home,
    incidents,
    joining,
    reports,
    rolls,
    screens,
    vitals,
)

app_name = "oversight"
urlpatterns = [
    *home.routes,
    *vitals.routes,
    *reports.routes,
    *rolls.routes,
    *incidents.routes,
    *joining.routes,
    *field.routes,
    *grids.routes,
    *drills.routes,
    *command.routes,
    *devices.routes,
    *screens.routes,
    *composing.routes,
]
