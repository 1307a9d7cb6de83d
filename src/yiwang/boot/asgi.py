"""The one-port server of `demo`: the gate beside Django, which runs as WSGI in threads.

Measured (stack notes): Django's own ASGI handler costs twice the CPU of WSGI for sync views; the
gate as a plain ASGI function costs a fraction of either.
"""

import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.boot.settings")

pages = WSGIMiddleware(get_wsgi_application(), workers=8)

from yiwang.boot.running.counting import count_request  # noqa: E402
from yiwang.faces.api.gateway import gateway  # noqa: E402 - needs Django set up
from yiwang.faces.oversight.live import is_live, live  # noqa: E402

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Route `/gate/…` to the gate, live screens to their streams, everything else to Django."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"].startswith("/gate/"):
        await gateway(scope, receive, _counted("/gate/", scope, send))
    elif scope["type"] == "http" and is_live(scope["path"]):
        await live(scope, receive, _counted("/oversight/screens/<ref>/live/", scope, send))
    else:
        await pages(scope, receive, send)  # type: ignore[arg-type]


def _counted(route: str, scope: Scope, send: Send) -> Send:
    """``send`` that counts the answer when it begins, as the middleware counts those of Django."""
    began = time.perf_counter()

    async def counting(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            spent = time.perf_counter() - began
            count_request(route, scope["method"], message["status"], spent)
        await send(message)

    return counting


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
