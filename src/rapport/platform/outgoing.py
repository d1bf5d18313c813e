"""Requests that leave the house, to addresses that somebody typed in: never into the network that we stand in.

The name is looked up once, every address it has must be public, and the connection goes to the address that was looked
at; so a name that points elsewhere a moment later (DNS rebinding) gains nothing. Redirects are not followed.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

TIMEOUT = 8.0
READ = 4096
_SECURE = ssl.create_default_context()


class Unreachable(Exception):
    """Nobody answered, in words for people."""


class Private(Unreachable):
    """The address lies in our own network."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered: status, and how the text begins."""

    status: int
    text: str


def refused(url: str) -> str:
    """Why ``url`` may not be asked, as far as it says so itself (no look-up); empty when nothing is wrong."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return _("This is no web address.")
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        return _("This is no web address.")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _("This address is private.") if host == "localhost" and not settings.OUTGOING_PRIVATE else ""
    return "" if _allowed(address) else _("This address is private.")


def post(url: str, body: bytes, headers: Mapping[str, str], most: int = READ) -> Reply:
    """Send ``body``; at most ``most`` bytes of the answer are read. Raises Unreachable."""
    return _ask("POST", url, body, headers, most)


def get(url: str, most: int) -> Reply:
    """Fetch what is there, at most ``most`` bytes of it; raises Unreachable."""
    return _ask("GET", url, None, {}, most)


def _ask(method: str, url: str, body: bytes | None, headers: Mapping[str, str], most: int) -> Reply:
    if why := refused(url):
        raise Private(why)
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    host, port = str(parts.hostname), parts.port or (443 if secure else 80)
    try:
        connection = _Pinned(host, port, _address(host, port), secure)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body, {"User-Agent": "Rapport", **headers})
            found = connection.getresponse()
            return Reply(found.status, found.read(most).decode("utf-8", "replace"))
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}"[:300]) from error


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was looked at, under the name that was asked for."""

    def __init__(self, host: str, port: int, address: str, secure: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._address, self._secure = address, secure
        if (port, secure) in ((443, True), (80, False)):
            self.default_port = port  # not said in “Host”

    def connect(self) -> None:
        """Connect, within TIMEOUT for all of it."""
        began = time.monotonic()
        self.sock: Any = socket.create_connection((self._address, self.port), TIMEOUT)
        if self._secure:
            self.sock.settimeout(max(0.1, TIMEOUT - (time.monotonic() - began)))
            self.sock = _SECURE.wrap_socket(self.sock, server_hostname=self.host)


def _address(host: str, port: int) -> str:
    """An address of the host; raises Private when any of them is in our own network."""
    found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not all(_allowed(ipaddress.ip_address(each.partition("%")[0])) for each in found):
        raise Private(_("This address is private."))
    return found[0]


def _allowed(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if settings.OUTGOING_PRIVATE:
        return True
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    plain = mapped or address
    return plain.is_global and not plain.is_multicast and not plain.is_reserved
