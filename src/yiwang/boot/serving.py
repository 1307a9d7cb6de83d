"""Serve one place on one port, with its worker as a process beside the web process."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import uvicorn
from django.conf import settings

from yiwang.kernel.errors import Conflict


class PortTaken(Conflict):
    """Another program listens on the port."""

    code = "boot.port_taken"


def demand_port(port: int) -> None:
    """Raise ``PortTaken`` unless this process could listen on ``port`` now."""
    with socket.socket() as ours:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            ours.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as refusal:
            number = getattr(refusal, "errno", None)
            why = os.strerror(number) if number else "端口是 1 到 65535 之间的数"
            raise PortTaken(
                f"端口 {port} 不能用：{why}。",
                hint="用 --port 换一个端口（如 --port 8080），或先结束占用它的程序。",
                port=port,
            ) from refusal


def serve(
    *,
    port: int,
    say: Callable[[str], object],
    mqtt: str = "",
    field: Mapping[str, int] | None = None,
) -> None:
    """Serve until interrupted; the worker, reading devices from ``mqtt``, ends with the server."""
    demand_port(port)
    from yiwang.boot.asgi import application
    from yiwang.boot.patience import Patient
    from yiwang.boot.running.probing import note_serving
    from yiwang.boot.starting import settle_memory

    note_serving(Path(settings.HOME), port=port)

    settle_memory()
    say(f"\n打开 http://127.0.0.1:{port}/ （Ctrl-C 结束）")
    for path, title in ADDRESSES.items():
        say(f"  http://127.0.0.1:{port}{path:<20}{title}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # else nobody would end the worker
    worker = subprocess.Popen(_worker(mqtt, field or {}))  # noqa: S603 - our own command
    try:
        uvicorn.run(
            application,
            host="127.0.0.1",
            port=port,
            http=Patient,
            log_config=None,  # the lines go through our own log
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,  # open screens hold their streams for ever
        )
    finally:
        worker.terminate()
        worker.wait(10)


def _worker(mqtt: str, field: Mapping[str, int]) -> list[str]:
    """The command of the worker beside us."""
    place = ["--place", settings.PLACE, "--data", str(settings.HOME), "--mqtt", mqtt]
    ports = [part for name, at in field.items() for part in (f"--{name}", str(at))]
    return [sys.executable, "-m", "yiwang.boot.cli", "worker", *place, *ports]


ADDRESSES = {
    "/": "一网通办（居民、企业）",
    "/oversight/": "一网统管（事件、设备、大屏）",
    "/office/": "一网协同（待办、名单、账户、留痕）",
    "/steward/": "数据管理（目录、质量、共享、指标）",
    "/api/docs/": "接口文档（OpenAPI 3.1）",
}
"""Where to look first."""
