"""What a page wants to hear about, signed into it, so that nobody can ask for more.

A topic is a record (``party:<id>``) or an entity (``deal``, for lists and boards). The reader's own record
(``user:<id>``) is a topic of every page.
"""

import time
from dataclasses import dataclass
from typing import Any

from django.core import signing

from rapport.records.entity import registry

SALT = "rapport.live"
VALID = 3 * 86400
RENEW = VALID / 3
MOST = 40


class BadTopics(Exception):
    """Not signed here, not for this session, or too old."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics of one page, for one session of one user; ``at``: when the page was made (seconds since 1970)."""

    user: str
    session: int
    names: tuple[str, ...]
    at: float

    @property
    def entities(self) -> frozenset[str]:
        """Entities that the page shows many of."""
        return frozenset(name for name in self.names if ":" not in name)

    @property
    def records(self) -> frozenset[tuple[str, str]]:
        """Records that the page is about."""
        pairs = (name.partition(":") for name in self.names if ":" in name)
        return frozenset((entity, key) for entity, _colon, key in pairs)


def sign(user: str, session: int, names: tuple[str, ...]) -> str:
    """Topics as the page carries them."""
    names = tuple(dict.fromkeys((*names, f"user:{user}")))[:MOST]
    return signing.dumps([user, session, names, int(time.time() * 1000) / 1000], salt=SALT)


def read(text: str) -> Topics:
    """Signed topics; raises BadTopics."""
    try:
        found: Any = signing.loads(text, salt=SALT, max_age=VALID)
    except signing.BadSignature as error:
        raise BadTopics from error
    user, session, names, at = found
    known = tuple(name for name in names if name.partition(":")[0] in registry)
    return Topics(user, session, known, at)
