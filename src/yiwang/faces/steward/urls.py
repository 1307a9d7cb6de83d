"""Addresses of steward (数据管理). A module of pages lists its own in ``routes``."""

from yiwang.faces.steward import catalog, files, home, indicators, sharing

app_name = "steward"
urlpatterns = [*home.routes, *catalog.routes, *sharing.routes, *files.routes, *indicators.routes]
