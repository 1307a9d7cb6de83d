"""Addresses of api (开放接口). A module of pages lists its own in ``routes``."""

from yiwang.faces.api import home

app_name = "api"
urlpatterns = [*home.routes]
