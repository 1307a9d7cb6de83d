"""Where feeds are read from: the bindings of ``sources.yaml``, and what lies there now."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import yaml
from django.conf import settings

from yiwang.kernel.errors import Conflict, Unavailable
from yiwang.lake import FeedPlan, Shape, Source
from yiwang.packkit import Library
from yiwang.packkit.current import current_library


class SourceUnbound(Unavailable):
    """The place binds no database or folder to the name that a feed reads from."""

    code = "catalog.source_unbound"


class AlreadyCollected(Conflict):
    """Another feed collects this table or these files already: one datum has one collector."""

    code = "catalog.already_collected"


def library() -> Library:
    """The packs in force in this place."""
    return current_library(settings.PACKS, settings.PLACE, settings.HOME)


def bound_sources(home: Path) -> dict[str, Source]:
    """The department systems by name, as ``sources.yaml`` of a data folder binds them."""
    file = home / "sources.yaml"
    bound = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {name: Source.of(binding, home=home) for name, binding in (bound or {}).items()}


def source_of(ref: str) -> Source:
    """The source of a feed; refused when another feed reads the same table or files."""
    bound, feed = bound_sources(Path(settings.HOME)), library().feeds()[ref]
    if feed.source not in bound:
        raise SourceUnbound(
            f"“{feed.title}”的来源“{feed.source}”没有绑定到数据库或文件夹。",
            hint="在数据目录的 sources.yaml 里写上它的地址。",
            source=feed.source,
        )
    require_only_collector(ref, library(), bound)
    return bound[feed.source]


def require_only_collector(ref: str, packs: Library, bound: Mapping[str, Source]) -> None:
    """一数一源: raise ``AlreadyCollected`` when an earlier feed reads what ``ref`` reads."""
    feeds = packs.feeds()
    feed = feeds[ref]
    mine = _place(bound[feed.source], packs.feed_plan(ref).shape)
    for other, one in feeds.items():
        if other >= ref or one.source not in bound:
            continue
        if _place(bound[one.source], packs.feed_plan(other).shape) == mine:
            found = packs.organs().get(one.organ)
            raise AlreadyCollected(
                f"“{feed.title}”要采集的数据已由“{one.title}”"
                f"（{found.title if found else one.organ}）采集。",
                hint=f"一数一源：请共享使用 {other}，不要重复采集。",
                feed=ref,
                collected_by=other,
            )


def _place(source: Source, shape: Shape) -> tuple[str, str, str]:
    """The physical table or files: two names may lead to one place."""
    where = source.url or str(source.path.resolve())
    what = shape.file if source.kind == "folder" else shape.table
    return source.kind, where, what.casefold()


def digest_of(plan: FeedPlan, source: Source) -> str:
    """A digest of the files' content and of the plan; empty for databases."""
    if source.kind != "folder":
        return ""
    whole = sha256(repr(plan).encode())
    for file in sorted(source.path.glob(plan.shape.file)) if source.path.is_dir() else []:
        whole.update(file.name.encode())
        with file.open("rb") as handle:
            while piece := handle.read(1 << 20):
                whole.update(piece)
    return whole.hexdigest()


def stamp_of(shape: Shape, source: Source) -> str:
    """A digest of names, sizes and times of a folder's files: cheap, to see that one came."""
    if source.kind != "folder" or not shape.file or not source.path.is_dir():
        return ""
    stats = [(file.name, file.stat()) for file in sorted(source.path.glob(shape.file))]
    told = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
    return sha256(repr(told).encode()).hexdigest()[:62] if told else ""


def shown(binding: Mapping[str, str] | Source) -> str:
    """A source as pages may show it: without address and password."""
    kind = binding.kind if isinstance(binding, Source) else binding.get("kind", "")
    return {
        "sqlite": "SQLite 数据库",
        "folder": "文件夹",
        "postgres": "PostgreSQL 数据库",
        "mariadb": "MariaDB/MySQL 数据库",
    }.get(kind, kind)
