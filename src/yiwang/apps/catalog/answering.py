"""Does a web server answer over one kind of internet address, and where does it send a stranger?

Any answer counts, a refusal too: what is asked is whether somebody is there. The certificate is
not judged. A redirect within the host is followed, so that the last word is the host at which a
stranger would sign in; that host is named and not asked.
"""

import http.client
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin, urlsplit

from yiwang.apps.catalog.addresses import is_address

Family = Literal["ipv4", "ipv6"]
FAMILIES: dict[Family, socket.AddressFamily] = {
    "ipv4": socket.AF_INET,
    "ipv6": socket.AF_INET6,
}
PATIENCE = 10
"""Seconds that a system is given to answer."""
HOPS = 4
"""Redirects within a host that are followed."""


@dataclass(frozen=True)
class Answer:
    """``fault`` says why nobody answers; ``leads_to`` is the other host that strangers are sent to.

    Both may be empty: somebody answers, and sends nobody elsewhere.
    """

    fault: str = ""
    leads_to: str = ""


def answer_of(address: str, *, family: Family) -> Answer:
    """What is said at ``address``, an address that ``is_address``."""
    first = address.strip()
    fault, onward = _asked(first, family)
    for _ in range(HOPS):
        if not onward or _host(onward) != _host(first):
            break
        _, onward = _asked(onward, family)
    return Answer(fault, "" if _host(onward) == _host(first) else _host(onward))


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def _asked(address: str, family: Family) -> tuple[str, str]:
    """Why nobody answers, and the address that whoever answers sends on to."""
    parts = urlsplit(address)
    host, is_safe = _host(address), parts.scheme == "https"
    port = parts.port or (443 if is_safe else 80)
    try:
        found = socket.getaddrinfo(host, port, FAMILIES[family], socket.SOCK_STREAM)
    except OSError:
        return "域名没有这种地址", ""
    kind, _, _, _, place = found[0]
    if not _may_be_asked(str(place[0])):
        return "不探测这种地址", ""
    connection = http.client.HTTPConnection(host, port)
    try:
        with socket.socket(kind, socket.SOCK_STREAM) as plain:
            plain.settimeout(PATIENCE)
            plain.connect(place)
            connection.sock = _secured(plain, host) if is_safe else plain
            path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            connection.request("HEAD", path, headers={"User-Agent": "yiwang-probe"})
            with connection.getresponse() as response:
                onward = _onward(address, response)
    except TimeoutError:
        return f"{PATIENCE} 秒内没有应答", ""
    except (OSError, http.client.HTTPException) as error:
        return f"没有应答：{type(error).__name__}", ""
    finally:
        connection.close()
    return "", onward


def _onward(address: str, response: http.client.HTTPResponse) -> str:
    """The address that a redirect names; empty if it is none of a web server, or no redirect."""
    if not 300 <= response.status < 400:
        return ""
    try:
        parts = urlsplit(urljoin(address, response.headers.get("Location", "")))
    except ValueError:
        return ""
    bare = parts._replace(query="", fragment="").geturl()
    return parts._replace(fragment="").geturl() if is_address(bare) else ""


def _may_be_asked(place: str) -> bool:
    """Not what only the machine itself or its hosting provider answers."""
    found = ipaddress.ip_address(place.partition("%")[0])
    return not (found.is_link_local or found.is_multicast or found.is_unspecified)


def _secured(plain: socket.socket, host: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname=host)
