"""Addresses of steward (数据管理). A module of pages lists its own in ``routes``."""

from django.utils.translation import gettext_lazy as _

from yiwang.faces.steward import (
    addresses,
    assessments,
    at_source,
    business,
    catalog,
    census,
    chain,
    council,
    feeds,
    files,
    grading,
    home,
    indicators,
    lists,
    neighbours,
    objections,
    plans,
    projects,
    pushes,
    quality,
    releases,
    returns,
    scans,
    sharing,
    shop,
    sources,
    standards,
    watching,
)
from yiwang.web.routes import section

app_name = "steward"
urlpatterns = [
    *home.routes,
    *section(
        _("资源目录"),
        catalog.routes,
        addresses.routes,
        lists.routes,
        census.routes,
        scans.routes,
        neighbours.routes,
        business.routes,
        chain.routes,
    ),
    *section(_("数据归集"), catalog.run_routes, feeds.routes, returns.routes),
    *section(
        _("数据治理"),
        quality.routes,
        standards.routes,
        grading.routes,
        sources.routes,
        files.routes,
    ),
    *section(
        _("共享开放"),
        shop.routes,
        sharing.routes,
        pushes.routes,
        council.routes,
        at_source.routes,
        releases.routes,
        objections.routes,
        watching.routes,
    ),
    *section(_("统筹管理"), indicators.routes, assessments.routes, plans.routes, projects.routes),
]
