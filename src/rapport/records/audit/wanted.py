"""What somebody looks for in the audit: whose deeds, of which kind, on what, through which door, when."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapport.platform.keys import key_at

# Verbs of the engine by the kind of deed that people look for; any other verb is one of an entity's own.
VERBS = {
    "created": ("created",), "changed": ("changed",), "binned": ("binned", "restored"),
    "merged": ("merged", "repointed"), "shared": ("shared", "unshared"), "undone": ("reverted",),
}  # fmt: skip
KINDS = (
    *VERBS, "acted", "imported", "many", "exported", "signed_in", "rights", "tokens",
)  # fmt: skip
# Doors as people know them, by where an actor says that he comes from.
DOORS: dict[str, tuple[str, ...]] = {
    "ui": ("ui", "bulk"), "api": ("api",), "assistant": ("assistant",), "import": ("import",),
    "automation": ("automation",), "cli": ("cli", "export", "demo"),
    "system": ("system", "job", "webhook", "territory"),
}  # fmt: skip
# Who may do what is kept in records of these kinds.
RIGHTS = ("user", "role", "team", "territory")
NOBODY = "system"
_OWN = frozenset(verb for verbs in VERBS.values() for verb in verbs)


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a change: enough to tell what kind of deed it belongs to."""

    entity: str
    record: Any
    verb: str
    source: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question to the audit; what is empty does not narrow it.

    ``actor`` is a user's id, or NOBODY for what Rapport did by itself. ``since`` and ``until`` bound when a deed began.
    """

    actor: str = ""
    kind: str = ""
    entity: str = ""
    record: str = ""
    door: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """Where actors of the door come from; none for any door."""
        return DOORS.get(self.door, ())

    @property
    def looks_at_steps(self) -> bool:
        """True when a deed must be looked at before it is known to fit."""
        return bool(self.entity or self.door or self.kind)

    def lowest(self) -> str | None:
        """The first key a deed within the time may have."""
        return key_at(milliseconds(self.since), 0) if self.since else None

    def highest(self) -> str | None:
        """The first key behind the time."""
        return key_at(milliseconds(self.until), 0) if self.until else None

    def fits(self, heads: Sequence[Head]) -> bool:
        """Whether a deed that begins so is among what is wanted."""
        if self.sources and not any(head.source in self.sources for head in heads):
            return False
        if self.entity and not any(head.entity == self.entity for head in heads):
            return False
        return not self.kind or self._is_kind(heads)

    def _is_kind(self, heads: Sequence[Head]) -> bool:
        if self.kind in VERBS:
            return any(head.verb in VERBS[self.kind] for head in heads)
        if self.kind == "acted":
            return any(head.verb not in _OWN for head in heads)
        if self.kind == "imported":
            return any(head.source == "import" for head in heads)
        if self.kind == "many":
            return is_many(heads)
        return self.kind == "rights" and any(head.entity in RIGHTS or head.verb in VERBS["shared"] for head in heads)


def is_many(heads: Sequence[Head]) -> bool:
    """A deed on many: one that was done as such, or to several records of one kind."""
    first = heads[0]
    alike = {head.record for head in heads if (head.entity, head.verb) == (first.entity, first.verb)}
    return first.source == "bulk" or (first.source != "import" and len(alike) > 1)


def milliseconds(moment: dt.datetime) -> int:
    """As keys count them."""
    return int(moment.timestamp() * 1000)
