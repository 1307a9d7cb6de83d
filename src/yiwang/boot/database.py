"""Which database remembers: SQLite in the home folder, or PostgreSQL by address."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from yiwang.kernel.errors import Invalid, Unavailable


class DatabaseAddressUnknown(Invalid):
    """YIWANG_DATABASE is neither a postgres:// nor a sqlite:// address."""

    code = "boot.database_address_unknown"


_SHAPES = "用 postgres://用户@主机/库名，或 sqlite:///文件路径，或留空。"

_OF_A_FILE = ("unable to open", "readonly database", "not a database", "malformed")


class DatabaseSilent(Unavailable):
    """The server of the store is not there, or does not let this role in."""

    code = "boot.database_silent"


def silent(error: BaseException) -> DatabaseSilent:
    """What a driver says of a store that it cannot use, with what to look at."""
    said = (str(error).strip().splitlines() or ["没有说明"])[0]
    if any(words in said for words in _OF_A_FILE):
        hint = "检查 yiwang.sqlite 和数据目录归哪个账户、能否读写；文件损坏的，从备份恢复。"
    else:
        hint = "检查数据库是否启动，YIWANG_DATABASE（或 --database）里的地址、账户和口令是否正确。"
    return DatabaseSilent(f"业务库不能用：{said}", hint=hint)


def kind_of(settings: Mapping[str, Any]) -> str:
    """``postgres`` or ``sqlite``: where a store with these settings remembers."""
    return "postgres" if "postgresql" in settings["ENGINE"] else "sqlite"


def database(address: str, *, home: Path) -> dict[str, Any]:
    """Django's settings for ``address``: empty, ``sqlite:///path`` or ``postgres://user@host/name``.

    SQLite: write-ahead log, every commit on disk before it returns (synchronous=FULL), and
    writers that queue (``yiwang.boot.sqlite``).
    """
    parts = urlsplit(address)
    if parts.scheme in ("postgres", "postgresql"):
        _demand_whole(parts)
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
    if address and parts.scheme != "sqlite":
        raise DatabaseAddressUnknown(
            f"YIWANG_DATABASE 的地址类型“{parts.scheme}”不受支持。", hint=_SHAPES
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


def _demand_whole(parts: SplitResult) -> None:
    """An address names a database, and its port is a number."""
    try:
        is_whole = bool(parts.path.strip("/")) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole:
        raise DatabaseAddressUnknown(
            "YIWANG_DATABASE 的地址没有库名，或端口不是数字。", hint=_SHAPES
        )
