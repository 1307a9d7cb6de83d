"""Addresses of web servers as people write them: http or https, a host, no secret in them."""

from urllib.parse import urlsplit


def is_address(text: str) -> bool:
    """Whether a web server could be asked there."""
    try:
        parts = urlsplit(text.strip())
        is_numbered = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_plain = not (parts.query or parts.fragment or parts.username or parts.password)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_plain and is_numbered
