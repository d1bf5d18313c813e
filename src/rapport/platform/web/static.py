"""Static files carry a hash of their content in the address, so browsers may keep them for ever."""

import functools
import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage


@functools.cache
def _mark(path: str) -> str:
    try:
        return hashlib.sha256((Path(settings.STATIC_ROOT) / path).read_bytes()).hexdigest()[:10]
    except FileNotFoundError:
        return "0"


class HashedNames(StaticFilesStorage):
    """``url("ui/rapport.css")`` -> ``/static/ui/rapport.css?v=0a1b2c3d4e``."""

    def url(self, name: str | None) -> str:
        return f"{settings.STATIC_URL}{name}?v={_mark(name or '')}"


def immutable(path: str, url: str) -> bool:
    """Everything below /static/ is asked for by its hash."""
    return True
