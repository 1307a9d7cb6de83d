"""Every address of the platform, face by face."""

from django.urls import URLPattern, URLResolver, include, path

from yiwang.boot.running import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("oversight/", include("yiwang.faces.oversight.urls")),
    path("office/", include("yiwang.faces.office.urls")),
    path("steward/", include("yiwang.faces.steward.urls")),
    path("api/", include("yiwang.faces.api.urls")),
    *pages.routes,
    path("", include("yiwang.faces.portal.urls")),
]

handler400 = "yiwang.web.problems.bad_request"
handler403 = "yiwang.web.problems.not_allowed"
handler404 = "yiwang.web.problems.not_found"
handler500 = "yiwang.web.problems.broken"
