"""A process that tells SensorThings clients of changes: it looks at the store, and publishes.

It looks at one number that every change of devices moves, and at the newest reading of each point;
so it costs writers nothing, and it may be ended and begun again at any time. What changes while
it is away is not told.
"""

import logging
import threading
from urllib.parse import unquote, urlparse

import paho.mqtt.client as paho
from django.conf import settings
from django.db import close_old_connections
from paho.mqtt.enums import CallbackAPIVersion

from yiwang.faces.api.sensorthings.graph import graph
from yiwang.faces.api.sensorthings.notices import Selections, Watcher
from yiwang.packkit.current import current_library

log = logging.getLogger(__name__)
BASE = "/api/sensorthings/v1.1"


def tell_changes(
    *,
    url: str,
    site: str,
    selections: Selections,
    stop: threading.Event,
    every: float = 1.0,
    ready: threading.Event | None = None,
) -> None:
    """Look ``every`` so many seconds and publish with QoS 1 what has changed, until ``stop``.

    ``ready`` is set after the first look, from when on changes are told.
    """
    watcher = Watcher(root=site.rstrip("/") + BASE, selections=selections)
    client = _connected(url)
    try:
        while True:
            try:
                library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
                for one in watcher.look(graph(library)):
                    client.publish(one.topic, one.payload, qos=1)
                if ready is not None:
                    ready.set()
            except Exception:
                log.exception("changes cannot be read; they are looked for again in %s s", every)
                close_old_connections()
            if stop.wait(every):
                return
    finally:
        client.disconnect()
        client.loop_stop()


def _connected(url: str) -> paho.Client:
    """A client that comes back by itself after whatever ended the connection."""
    at = urlparse(url)
    client = paho.Client(CallbackAPIVersion.VERSION2)
    if at.username:
        client.username_pw_set(unquote(at.username), unquote(at.password or ""))
    client.connect_async(at.hostname or "127.0.0.1", at.port or 1883)
    client.loop_start()
    return client
