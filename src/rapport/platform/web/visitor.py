"""Where a request comes from: the address of the visitor's machine, also behind a proxy, and his browser."""

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

from rapport.platform.identity.sign_ins import Visitor


def visitor(request: HttpRequest) -> Visitor:
    """Who knocks, as far as the line tells."""
    return Visitor(address(request), request.headers.get("User-Agent", ""))


def address(request: HttpRequest) -> str:
    """The visitor's address: of the machines that a request says it passed, the last that is no proxy of ours."""
    passed = request.headers.get("X-Forwarded-For", "").split(",")
    at = str(request.META.get("REMOTE_ADDR", ""))
    while passed and _ours(at):
        before = passed.pop().strip()
        if not _is_address(before):
            break
        at = before
    return at[:64]


@lru_cache(maxsize=4096)
def _ours(at: str) -> bool:
    if not _is_address(at):
        return False
    found = ipaddress.ip_address(at)
    return any(found in network for network in settings.PROXIES)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
