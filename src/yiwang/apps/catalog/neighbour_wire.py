"""What catalogues tell each other, and the one request that asks a neighbour for its changes."""

import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from yiwang.apps.catalog.addresses import is_address
from yiwang.kernel.errors import Conflict, Invalid, Unavailable

PATH = "/api/catalogue/entries"
PAGE = 200
"""Entries in one answer, at most."""
PATIENCE = 30
LARGEST = 64 * 1024 * 1024
"""Bytes of one answer: two hundred entries of two thousand items each stay far below."""


class NeighbourDown(Unavailable):
    """The neighbour's catalogue does not answer."""

    code = "catalog.neighbour_down"


class NeighbourRefuses(Conflict):
    """The neighbour's catalogue answered, but gives no entries for this key."""

    code = "catalog.neighbour_refuses"


class NeighbourUnreadable(Conflict):
    """What the neighbour answered is no page of entries."""

    code = "catalog.neighbour_unreadable"


class NeighbourAddressMalformed(Invalid):
    """The address of a neighbour is no address of a web server."""

    code = "catalog.neighbour_address_malformed"


class OfferedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the data list as it stands; ``state`` is ``published`` or ``withdrawn``.

    ``values`` are the metadata fields of the version in force (empty once withdrawn), ``digest``
    the SM3 that its chief data officer signed. ``yours`` is the code of the reader's own entry
    that corresponds to it, ``based`` the digest of the content that both sides last agreed on.
    """

    number: str
    organ: str
    organ_title: str
    title: str
    state: str
    version: int
    values: dict[str, Any] = {}
    digest: str = ""
    signed_by: str = ""
    published_at: str = ""
    yours: str = ""
    based: str = ""


class OfferedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Changed entries, oldest change first; ask again with ``after=next`` while there are more."""

    entries: list[OfferedEntry]
    next: int
    has_more: bool


ADDRESS = "写成 https://主机名 或 https://主机名/路径，不带参数和口令。"
"""How the address of a neighbour is written."""


def base_address(text: str) -> str:
    """The address of a neighbour without a slash at its end, or ``NeighbourAddressMalformed``."""
    if not is_address(text):
        wrong = "邻目录的地址不可用。"
        raise NeighbourAddressMalformed(wrong, hint=ADDRESS, fields={"address": wrong})
    parts = urlsplit(text.strip())
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Whoever answers is who was registered."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def ask_neighbour(address: str, *, key: str, after: int) -> OfferedPage:
    """One page of a neighbour's changes. Neither address nor key stands in what is raised."""
    request = urllib.request.Request(  # noqa: S310 - base_address lets http and https through only
        f"{base_address(address)}{PATH}?{urlencode({'after': after, 'limit': PAGE})}",
        headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    try:
        with opener.open(request, timeout=PATIENCE) as answer:
            body = answer.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
        if status >= 500:
            raise NeighbourDown(
                f"邻目录应答 {status}。", hint="稍后自动再取；一直如此请联系对方。"
            ) from None
        raise NeighbourRefuses(
            f"邻目录拒绝提供条目（{status}）。", hint="请核对地址，并向对方索取新的密钥。"
        ) from None
    except (OSError, ValueError) as error:  # ValueError: the answer breaks HTTP
        raise NeighbourDown(
            "邻目录没有应答。", hint="请核对地址和网络；稍后自动再取。", kind=type(error).__name__
        ) from None
    try:
        if len(body) > LARGEST:
            raise ValueError
        page = msgspec.json.decode(body, type=OfferedPage)
    except (msgspec.DecodeError, ValueError):
        raise NeighbourUnreadable(
            "邻目录的应答读不懂。", hint="请核对地址；对方平台的版本可能不同。"
        ) from None
    if page.has_more and page.next <= after:
        raise NeighbourUnreadable("邻目录的应答不再前进。", hint="请联系对方。")
    return page
