"""Requests counted in this process, for whoever scrapes it: by page, never by what was asked."""

import threading
from collections import Counter

_lock = threading.Lock()
_requests: Counter[tuple[str, str, int]] = Counter()
_seconds: Counter[str] = Counter()


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    with _lock:
        _requests[route, method, status] += 1
        _seconds[route] += seconds  # type: ignore[assignment]


def requests() -> tuple[dict[tuple[str, str, int], int], dict[str, float]]:
    """How many by route, method and status, and seconds spent by route."""
    with _lock:
        return dict(_requests), dict(_seconds)
