"""What is being done now: one id for all the writes of one deed, so that it can be shown and taken back as one."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.platform.clock import now
from rapport.platform.keys import new_key
from rapport.records.errors import Forbidden


@dataclass(slots=True)
class Operation:
    """A deed: who, from where, when; nested actions share it.

    ``at_end``: what its writes have gathered, by the function that writes it down before the transaction ends.
    ``reverting``: it takes back another one, whose consequences are among what it takes back. ``leading``: records
    whose consequences are being carried out; nothing flows back to them.
    """

    actor: Actor
    id: str = field(default_factory=new_key)
    at: dt.datetime = field(default_factory=now)
    at_end: dict[Callable[["Operation"], None], list[Any]] = field(default_factory=dict)
    reverting: bool = False
    leading: set[str] = field(default_factory=set)

    @property
    def source(self) -> str:
        return self.actor.source

    @property
    def at_param(self) -> Any:
        """``at`` as this database takes it in a parameter."""
        return moment_param(self.at)


def moment_param(moment: dt.datetime | None) -> Any:
    """A moment as this database takes it in a parameter of plain SQL (the spelling Django's own writes use)."""
    if moment is None or not db.is_sqlite():
        return moment
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(" ")


_current: ContextVar[Operation | None] = ContextVar("operation", default=None)
_performed: ContextVar[list[str] | None] = ContextVar("performed", default=None)


@contextmanager
def performed() -> Iterator[list[str]]:
    """The ids of the operations that are carried out within the block."""
    done: list[str] = []
    token = _performed.set(done)
    try:
        yield done
    finally:
        _performed.reset(token)


@contextmanager
def operation(key: str | None = None, *, ready: Operation | None = None) -> Iterator[Operation]:
    """The operation at work, or a new one in its own transaction; ``key`` names it beforehand.

    ``ready``: one that was made outside the lock (imports prepare their records with it).
    """
    running = _current.get()
    if running is not None:
        yield running
        return
    done = ready or (Operation(current(), id=key) if key else Operation(current()))
    if done.actor.viewer:
        raise Forbidden(_("You look through somebody else's eyes: nothing can be changed."))
    token = _current.set(done)
    try:
        with db.transaction():
            yield done
            for finish in list(done.at_end):
                finish(done)
    finally:
        done.at_end.clear()  # what was not stored belongs to what was rolled back
        _current.reset(token)
    told = _performed.get()
    if told is not None:
        told.append(done.id)


@contextmanager
def part(done: Operation) -> Iterator[None]:
    """A part of an operation that may fail alone: what it wrote and what it gathered goes with it."""
    held = {finish: len(found) for finish, found in done.at_end.items()}
    try:
        with db.savepoint():
            yield
    except BaseException:
        for finish, found in list(done.at_end.items()):
            del found[held.get(finish, 0) :]
        raise
