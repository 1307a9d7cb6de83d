"""Files of open data: streamed in pieces, in ranges, with an entity tag; also earlier versions."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from yiwang.apps.exchange import public as exchange
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import NotFound
from yiwang.web.routes import PUBLIC, route

PIECE = 256 * 1024
BOM = b"\xef\xbb\xbf"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class FormNotOffered(NotFound):
    """A dataset is offered as CSV, JSON and Parquet."""

    code = "portal.open_form_not_offered"


class VersionGone(NotFound):
    """This version is no longer kept."""

    code = "portal.open_version_gone"


@require_safe
def download(request: HttpRequest, name: str, form: str) -> HttpResponseBase:
    """One file; ``?version=2`` an earlier one, ``?bom=1`` a CSV that spreadsheets read as UTF-8."""
    release = exchange.open_release(name)
    if form not in exchange.FORMATS:
        raise FormNotOffered("没有这种格式。", hint="可用：csv、json、parquet。")
    version = _version(release, request.GET.get("version", ""))
    bom = BOM if form == "csv" and request.GET.get("bom") == "1" else b""
    file = release.file(form).parent.parent / str(version.number) / f"data.{form}"
    tag = f'"{version.files[form]["digest"][:32]}{"-bom" if bom else ""}"'
    if request.headers.get("If-None-Match", "") in (tag, "*"):
        return HttpResponse(status=304, headers=_heads(release, version, form, tag))
    size = len(bom) + int(version.files[form]["size"])
    span = _span(request, size, tag)
    if span is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    begin, end = span
    if begin == 0:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        exchange.admit_open_use(
            release, form=form, key=key or request.GET.get("key", ""), at=system_clock()
        )
    elif release.terms == "conditional":
        raise exchange.OpenKeyRefused("有条件开放的文件只能整份下载。", hint="请去掉 Range。")
    response = StreamingHttpResponse(
        _pieces(file, bom, begin, end), status=206 if end - begin < size else 200
    )
    for head, value in _heads(release, version, form, tag).items():
        response.headers[head] = value
    response.headers["Content-Length"] = str(end - begin)
    if response.status_code == 206:
        response.headers["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
    return response


def _version(release: exchange.ReleaseView, wanted: str) -> exchange.VersionView:
    if not wanted:
        return release.versions[0]
    found = [one for one in release.versions if str(one.number) == wanted]
    if not found:
        raise VersionGone("这个版本已不保留。", hint="请下载最新版本。")
    return found[0]


def _heads(
    release: exchange.ReleaseView, version: exchange.VersionView, form: str, tag: str
) -> dict[str, str]:
    media = exchange.MEDIA[form]
    title = quote(f"{release.title}.{form}", safe="")
    return {
        "Content-Type": media if form == "parquet" else f"{media}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{release.name}.{form}"; '
        f"filename*=UTF-8''{title}",
        "ETag": tag,
        "Last-Modified": http_date(version.made_at.timestamp()),
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-cache" if release.terms == "unconditional" else "no-store",
        "Access-Control-Allow-Origin": "*",
    }


def _span(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """The bytes asked for, end exclusive; the whole file without a (fresh) range."""
    asked = request.headers.get("Range", "")
    match = _RANGE.fullmatch(asked.strip())
    if not match or request.headers.get("If-Range", tag) != tag:
        return 0, size
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size) if last and int(last) else None
    begin, end = int(first), min(int(last) + 1 if last else size, size)
    return (begin, end) if begin < end else None


def _pieces(file: Path, bom: bytes, begin: int, end: int) -> Iterator[bytes]:
    if begin < len(bom):
        yield bom[begin : min(len(bom), end)]
    with file.open("rb") as handle:
        place = max(begin - len(bom), 0)
        handle.seek(place)
        left = end - len(bom) - place
        while left > 0 and (piece := handle.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


routes = [
    route("open/<slug:name>/data.<str:form>", download, right=PUBLIC, name="open_download"),
]
