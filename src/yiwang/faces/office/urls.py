"""Addresses of the office (一网协同). A module of pages lists its own in ``routes``."""

from django.utils.translation import gettext_lazy as _

from yiwang.faces.office import (
    absences,
    access,
    accounts,
    administration,
    beginning,
    cases,
    conduct,
    desk,
    home,
    items,
    jobs,
    journal,
    library,
    licenses,
    matching,
    paying,
    policies,
    ratings,
    report_design,
    report_field,
    reports,
    rosters,
    style,
    todo,
)
from yiwang.web.routes import section

app_name = "office"
urlpatterns = [
    *home.routes,
    *todo.routes,
    *section(
        _("办件"),
        desk.routes,
        beginning.routes,
        cases.routes,
        absences.routes,
        items.routes,
        licenses.routes,
        ratings.routes,
        conduct.routes,
    ),
    *section(_("报表"), reports.routes, rosters.routes, report_field.routes, report_design.routes),
    *section(_("政策"), policies.routes, matching.routes, paying.routes, library.routes),
    *section(
        _("系统"),
        accounts.routes,
        access.routes,
        administration.routes,
        jobs.routes,
        journal.routes,
        style.routes,
    ),
]
