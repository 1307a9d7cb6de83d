"""Does a web server answer over one kind of internet address? One question, nothing kept.

Any answer counts, a refusal too: what is asked is whether somebody is there. The certificate is
not judged.
"""

import http.client
import ipaddress
import socket
import ssl
from typing import Literal
from urllib.parse import urlsplit

Family = Literal["ipv4", "ipv6"]
FAMILIES: dict[Family, socket.AddressFamily] = {
    "ipv4": socket.AF_INET,
    "ipv6": socket.AF_INET6,
}
PATIENCE = 10
"""Seconds that a system is given to answer."""


def fault_of(address: str, *, family: Family) -> str:
    """Why nobody answers at ``address``, an address that ``is_address``; empty if somebody does."""
    parts = urlsplit(address.strip())
    host, is_safe = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_safe else 80)
    try:
        found = socket.getaddrinfo(host, port, FAMILIES[family], socket.SOCK_STREAM)
    except OSError:
        return "域名没有这种地址"
    kind, _, _, _, place = found[0]
    if not _is_asked(str(place[0])):
        return "不探测这种地址"
    connection = http.client.HTTPConnection(host, port)
    try:
        with socket.socket(kind, socket.SOCK_STREAM) as plain:
            plain.settimeout(PATIENCE)
            plain.connect(place)
            connection.sock = _secured(plain, host) if is_safe else plain
            connection.request("HEAD", parts.path or "/", headers={"User-Agent": "yiwang-probe"})
            connection.getresponse().close()
    except TimeoutError:
        return f"{PATIENCE} 秒内没有应答"
    except (OSError, http.client.HTTPException) as error:
        return f"没有应答：{type(error).__name__}"
    finally:
        connection.close()
    return ""


def _is_asked(place: str) -> bool:
    """Not what only the machine itself or its hosting provider answers."""
    found = ipaddress.ip_address(place.partition("%")[0])
    return not (found.is_link_local or found.is_multicast or found.is_unspecified)


def _secured(plain: socket.socket, host: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname=host)
