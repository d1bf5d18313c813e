"""How often a program may ask: a bucket per token and one per user, in the memory of each web process.

Nothing is written for it. Two web processes count apart, so that up to twice as much may come through; a limit is
there to stop a loop that ran wild, not to sell requests.
"""

import hashlib
import threading
import time
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest

WINDOW = 60
REMEMBERED = 10_000


@dataclass(slots=True)
class Bucket:
    """Requests left, filled up evenly: ``most`` in WINDOW seconds."""

    most: int
    left: float
    at: float

    def take(self, now: float) -> bool:
        """One request more; False when none is left."""
        self.left = min(self.most, self.left + (now - self.at) * self.most / WINDOW)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def until(self, wanted: float) -> int:
        """Whole seconds until ``wanted`` requests are left."""
        return max(0, -int(-(wanted - self.left) * WINDOW // self.most))


@dataclass(slots=True)
class Limits:
    """The buckets of this process; all are forgotten when there are too many."""

    buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, visitors: list[tuple[str, str, int]]) -> tuple[bool, str, Bucket | None]:
        """(Whether this request may pass, the name and bucket that binds) for (name, who, most) each."""
        now = time.monotonic()
        with self.lock:
            known = [(name, self._bucket(name, who, most, now)) for name, who, most in visitors if most]
            if not known:
                return True, "", None
            passed = [each.take(now) for _name, each in known]
            binding = passed.index(False) if False in passed else _tightest([each for _name, each in known])
            return all(passed), *known[binding]

    def _bucket(self, name: str, who: str, most: int, now: float) -> Bucket:
        found = self.buckets.get((name, who))
        if found is None or found.most != most:
            if len(self.buckets) >= REMEMBERED:
                self.buckets.clear()
            found = self.buckets[name, who] = Bucket(most, most, now)
        return found


def _tightest(buckets: list[Bucket]) -> int:
    return min(range(len(buckets)), key=lambda at: buckets[at].left)


limits = Limits()


def of(request: HttpRequest) -> tuple[bool, dict[str, str]]:
    """Whether the request may pass, and the headers that tell its sender where he stands."""
    entry = request.entry  # type: ignore[attr-defined]
    secret = request.META.get("HTTP_AUTHORIZATION", "") if entry.session is None else ""
    return passes(entry.actor.id, secret)


def passes(user: str, secret: str = "") -> tuple[bool, dict[str, str]]:
    """The same for a user, by the token ``secret`` where he came with one."""
    visitors = [("user", user, settings.API_RATE_USER)]
    if secret:
        visitors.insert(0, ("token", hashlib.sha256(secret.encode()).hexdigest(), settings.API_RATE_TOKEN))
    may, name, bucket = limits.ask(visitors)
    if bucket is None:
        return True, {}
    headers = {
        "RateLimit-Policy": f'"{name}";q={bucket.most};w={WINDOW}',
        "RateLimit": f'"{name}";r={int(bucket.left)};t={bucket.until(bucket.most)}',
    }
    if not may:
        headers["Retry-After"] = str(max(1, bucket.until(1)))
    return may, headers
