"""The sharing gate as a process of its own: `uvicorn yiwang.boot.gate:app`.

Beside Django in `demo`, alone where the gate must not share an interpreter with the pages.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.boot.settings")
django.setup()

from yiwang.faces.api.gateway import app  # noqa: E402 - needs Django set up

__all__ = ["app"]
