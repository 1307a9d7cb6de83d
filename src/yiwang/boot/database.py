"""Which database remembers: SQLite in the home folder, or PostgreSQL by address."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from yiwang.kernel.errors import Invalid, Unavailable


class DatabaseAddressUnknown(Invalid):
    """YIWANG_DATABASE is neither a postgres:// nor a sqlite:// address."""

    code = "boot.database_address_unknown"


class DatabaseSilent(Unavailable):
    """The server of the store is not there, or does not let this role in."""

    code = "boot.database_silent"


def silent(error: BaseException) -> DatabaseSilent:
    """What a driver says of a store that it cannot use, with what to look at."""
    last = (str(error).strip().splitlines() or ["没有说明"])[-1]
    return DatabaseSilent(
        f"业务库连不上：{last}",
        hint="检查数据库是否启动，YIWANG_DATABASE（或 --database）的主机、库名、账户、口令是否正确。",
    )


def database(address: str, *, home: Path) -> dict[str, Any]:
    """Django's settings for ``address``: empty, ``sqlite:///path`` or ``postgres://user@host/name``.

    SQLite: write-ahead log, every commit on disk before it returns (synchronous=FULL), and
    writers that queue (``yiwang.boot.sqlite``).
    """
    parts = urlsplit(address)
    if parts.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    if parts.scheme not in ("", "sqlite"):
        raise DatabaseAddressUnknown(
            f"YIWANG_DATABASE 的地址类型“{parts.scheme}”不受支持。",
            hint="用 postgres://用户@主机/库名，或 sqlite:///文件路径，或留空。",
        )
    return {
        "ENGINE": "yiwang.boot.sqlite",
        "NAME": Path(unquote(parts.path)) if parts.path else home / "yiwang.sqlite",
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            "timeout": 30,
        },
    }
