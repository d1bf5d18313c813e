"""What a browser keeps of earlier visits, signed: who has signed in with it, and who trusts it."""

import secrets
import time
from dataclasses import dataclass, field, replace
from typing import Any

from django.core import signing

COOKIE = "rapport_device"
KNOWN_DAYS, TRUSTED_DAYS = 180, 30
MOST = 6
SALT = "rapport.device"


@dataclass(frozen=True, slots=True)
class Device:
    """``people``: user -> (generation of his trust or 0, when it was given)."""

    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    people: dict[str, tuple[int, int]] = field(default_factory=dict)

    def knows(self, user: str) -> bool:
        """Whether this user has signed in with it."""
        return user in self.people

    def trusts(self, user: str, generation: int) -> bool:
        """Whether this user need not show his second factor here."""
        given, at = self.people.get(user, (0, 0))
        return given == generation and at > time.time() - TRUSTED_DAYS * 86400

    def met(self, user: str, generation: int = 0) -> "Device":
        """The same after ``user`` has signed in; a ``generation`` makes it trusted, 0 leaves that as it was."""
        now = (generation, int(time.time())) if generation else self.people.get(user, (0, 0))
        others = [(key, value) for key, value in self.people.items() if key != user]
        return replace(self, people=dict([*others, (user, now)][-MOST:]))

    def text(self) -> str:
        """As the cookie holds it."""
        return signing.dumps([self.id, self.people], salt=SALT)


def read(text: str) -> Device:
    """The device of this cookie; a new one where there is none or it was not ours."""
    try:
        held: Any = signing.loads(text, salt=SALT, max_age=KNOWN_DAYS * 86400)
    except signing.BadSignature:
        return Device()
    return Device(held[0], {user: (given, at) for user, (given, at) in held[1].items()})


def in_words(agent: str) -> tuple[str, str]:
    """Browser and system of a User-Agent header, in names that people know; empty where it tells none."""
    return _named(agent, _BROWSERS), _named(agent, _SYSTEMS)


def _named(agent: str, known: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in known if mark in agent), "")


# The first that fits: most browsers also call themselves by the names of those they resemble.
_BROWSERS = (
    ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"), ("YaBrowser/", "Yandex"),
    ("Vivaldi/", "Vivaldi"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"), ("HeadlessChrome/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ("curl/", "curl"), ("python", "Python"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
