"""The sharing gate as a process of its own: `python -m yiwang.boot.gate 8181`.

Beside Django in `demo`, alone where the gate must not share an interpreter with the pages.
"""

import os
import sys

import django
import uvicorn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.boot.settings")
django.setup()

from yiwang.boot.prompt import Prompt  # noqa: E402 - needs Django set up
from yiwang.boot.starting import settle_memory  # noqa: E402 - needs Django set up
from yiwang.faces.api.gateway import app  # noqa: E402 - needs Django set up

settle_memory()


def serve(port: int) -> None:
    """Answer until interrupted; who calls is told by key or signature, not by address."""
    uvicorn.run(app, port=port, http=Prompt, log_config=None, access_log=False, proxy_headers=False)


if __name__ == "__main__":
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else 8181)
