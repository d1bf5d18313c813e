"""Who is acting. Set at the doors, restored in jobs, missing nowhere: without an actor nothing can be read."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

LEVELS = {"none": 0, "own": 1, "team": 2, "all": 3}
CLOSED = -1  # a grant that no other makes good
Grants = dict[tuple[str, str], int]
VERBS = ("view", "add", "change", "delete", "export", "erase")
log = logging.getLogger("rapport.actor")


class NoActor(RuntimeError):
    """Code touched records without saying on whose behalf."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A user at work, or the system with a reason.

    ``teams`` are the team the user is in and all below it and below those he leads; ``queues`` are those he is a member
    of; ``territories`` those he works and all below them; ``grants`` maps (entity or ``*``, verb) to a level of LEVELS.
    ``viewer``: who looks through his eyes; then nothing is written.
    """

    id: str | None
    name: str
    email: str = ""
    roles: tuple[str, ...] = ()
    team: str | None = None
    teams: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    grants: Grants = field(default_factory=dict)
    scope: str = "admin"
    source: str = "ui"
    language: str = "en"
    time_zone: str = "UTC"
    reason: str = ""
    viewer: str | None = None
    token: int = 0  # the API token by which a program acts for the user
    known: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)  # worked out on the way

    @property
    def is_system(self) -> bool:
        return self.id is None

    def level(self, entity: str, verb: str) -> int:
        """How far this actor may do ``verb`` on ``entity``: 0 none, 1 own, 2 team and below, 3 all."""
        if self.id is None:
            return 3
        if verb != "view" and self.scope == "read":
            return 0
        own = self.grants.get((entity, verb), 0)
        return 0 if own == CLOSED else max(own, self.grants.get(("*", verb), 0))

    def reached(self, level: int) -> tuple[str, ...]:
        """The teams and queues whose records a role that reaches as far as ``level`` reaches, besides his own."""
        return (*self.teams, *self.queues) if level == 2 else self.queues if level else ()

    def may(self, entity: str, verb: str) -> bool:
        """True when the actor may do ``verb`` on at least some rows of ``entity``."""
        return self.level(entity, verb) > 0


_current: ContextVar[Actor | None] = ContextVar("actor", default=None)


def current() -> Actor:
    """The actor at work; raises NoActor when nobody is."""
    actor = _current.get()
    if actor is None:
        raise NoActor("nobody is acting: open acting_as(actor) or as_system('reason')")
    return actor


def current_or_none() -> Actor | None:
    """The actor at work, if any."""
    return _current.get()


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """Act on behalf of ``actor`` within the block."""
    token = _current.set(actor)
    try:
        yield actor
    finally:
        _current.reset(token)


@contextmanager
def trusted(reason: str) -> Iterator[Actor]:
    """Act as the present actor, past his grants: for what follows of itself from a deed he may do."""
    actor = current()
    log.debug("trusted: %s", reason)
    grants = {("*", verb): LEVELS["all"] for verb in VERBS}
    with acting_as(replace(actor, grants=grants, roles=(), scope="admin")) as free:
        yield free


@contextmanager
def as_system(reason: str, source: str = "system") -> Iterator[Actor]:
    """Act as the system, past every rule; the reason is logged."""
    log.info("as system: %s", reason)
    with acting_as(Actor(id=None, name="Rapport", source=source, reason=reason)) as actor:
        yield actor
