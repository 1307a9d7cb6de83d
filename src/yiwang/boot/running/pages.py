"""Addresses for machines that watch: alive, ready, metrics."""

import hmac
import secrets
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from yiwang.boot.running import checks, metrics
from yiwang.boot.secret_files import kept_secret
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import NotAllowed
from yiwang.web.problems import problem_answer
from yiwang.web.routes import PUBLIC, route


class MetricsKeyMissing(NotAllowed):
    """Metrics are for who holds the key of the installation."""

    code = "boot.metrics_key_missing"
    status = 401


def live(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is looked at, so that it is not killed for a slow disk."""
    return JsonResponse({"status": "live"})


def ready(request: HttpRequest) -> HttpResponse:
    """Store, disk and journal can be used; 503 says which cannot, without details."""
    found = checks.look(system_clock(), checks.READY)
    bad = sorted({one.name for one in found if one.level == "bad"})
    answer = {"status": "unready" if bad else "ready", "failing": bad}
    return JsonResponse(answer, status=503 if bad else 200)


def measured(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics for ``Authorization: Bearer <secrets/metrics_key>``."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not hmac.compare_digest(given.encode(), metrics_key().encode()):
        refusal = MetricsKeyMissing(
            "没有给出指标密钥。",
            hint="在采集端配置 Authorization: Bearer，密钥在数据目录的 secrets/metrics_key。",
        )
        return problem_answer(request, refusal)
    return HttpResponse(metrics.text(system_clock()), content_type="text/plain; version=0.0.4")


def metrics_key() -> str:
    """The key that a scraper shows: made once, readable by the platform's account only."""
    path = Path(settings.HOME) / "secrets" / "metrics_key"
    return kept_secret(path, make=lambda: secrets.token_urlsafe(32)).strip()


routes = [
    route("health/live", live, right=PUBLIC, name="health_live"),
    route("health/ready", ready, right=PUBLIC, name="health_ready"),
    route("metrics", measured, right=PUBLIC, name="metrics"),
]
