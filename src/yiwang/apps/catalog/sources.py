"""The department systems of this home: where each is, whose it is, and which feeds read it."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from yiwang.apps.catalog.feed_sources import bound_sources, library
from yiwang.kernel.errors import NotFound
from yiwang.lake import Source


class SourceUnknown(NotFound):
    """No source of this name is bound in ``sources.yaml``."""

    code = "catalog.source_unknown"


@dataclass(frozen=True)
class BoundSource:
    """数据源: a name that feeds use, the kind of system, the organ it belongs to, its feeds."""

    name: str
    kind: str
    organ: str
    feeds: tuple[str, ...]
    binding: Source


def sources() -> dict[str, BoundSource]:
    """Every source that ``sources.yaml`` binds; empty where nothing is bound yet."""
    packs = library()
    organs = packs.place.organs
    found = {}
    for name, binding in bound_sources(Path(settings.HOME)).items():
        feeds = {ref: feed for ref, feed in packs.feeds().items() if feed.source == name}
        owners = [feed.organ for feed in feeds.values()]
        organ = max(set(owners), key=owners.count, default=name if name in organs else "")
        found[name] = BoundSource(name, binding.kind, organ, tuple(sorted(feeds)), binding)
    return found


def source(name: str) -> BoundSource:
    """One source, or ``SourceUnknown``."""
    found = sources().get(name)
    if found is None:
        raise SourceUnknown(
            f"没有绑定数据源“{name}”。", hint="请在数据目录的 sources.yaml 里写明它在哪里。"
        )
    return found
