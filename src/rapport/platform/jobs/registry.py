"""What jobs there are and when they recur. Filled by the ``jobs.py`` room of each module at start-up."""

import datetime as dt
import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.module_loading import autodiscover_modules

from rapport.platform.jobs.states import Lane

Handler = TypeVar("Handler", bound=Callable[..., Any])


class UnknownJob(LookupError):
    """No job of that name is registered."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A registered job: its handler, its lane, and how stubborn it is."""

    name: str
    handler: Callable[..., Any]
    lane: str
    retries: int
    backoff: float


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When a job recurs: every so often, or daily at a time of day (UTC); ``only_if`` it has something to do."""

    name: str
    every: dt.timedelta | None
    daily_at: dt.time | None
    only_if: Callable[[], bool] | None = None

    def after(self, moment: dt.datetime) -> dt.datetime:
        """The next due moment later than ``moment``; what was missed meanwhile is not made up."""
        if self.every is not None:
            return moment + self.every
        assert self.daily_at is not None
        due = dt.datetime.combine(moment.date(), self.daily_at, tzinfo=dt.UTC)
        return due if due > moment else due + dt.timedelta(days=1)


_kinds: dict[str, JobKind] = {}
_recurrences: dict[str, Recurrence] = {}


def job(name: str, *, lane: str = Lane.SHORT, retries: int = 3, backoff: float = 10.0) -> Callable[[Handler], Handler]:
    """Register a handler ``(run, **args)`` under ``name``.

    ``lane="short"`` runs in a thread of the worker: at most a few seconds and no heavy imports. ``lane="long"`` runs
    in a child process of its own, whose memory goes when it ends. After an error the job is tried ``retries`` more
    times, ``backoff`` seconds later at first and twice as long after each.
    """
    chosen = Lane(lane)

    def register(handler: Handler) -> Handler:
        known = _kinds.get(name)
        if known is not None and known.handler is not handler:
            raise ValueError(f"job {name!r} is registered twice: {known.handler.__module__}, {handler.__module__}")
        _kinds[name] = JobKind(name, handler, chosen.value, retries, backoff)
        return handler

    return register


def schedule(
    *, every: dt.timedelta | float | None = None, daily_at: str | None = None,
    only_if: Callable[[], bool] | None = None,
) -> Callable[[Handler], Handler]:  # fmt: skip
    """Let the job below this decorator recur: ``every`` (seconds or timedelta) or ``daily_at="03:30"`` (UTC).

    ``only_if``: a cheap look whether there is anything to do. While there is not nothing is written; the job starts
    as soon as there is.
    """
    if (every is None) == (daily_at is None):
        raise ValueError("give either every or daily_at")
    span = dt.timedelta(seconds=every) if isinstance(every, int | float) else every
    clock = dt.time.fromisoformat(daily_at) if daily_at is not None else None

    def register(handler: Handler) -> Handler:
        names = [kind.name for kind in _kinds.values() if kind.handler is handler]
        if not names:
            raise ValueError(f"{handler.__qualname__} has a schedule but is no job: put @schedule above @job")
        for name in names:
            _recurrences[name] = Recurrence(name, span, clock, only_if)
        return handler

    return register


def kind_of(name: str) -> JobKind:
    """The registered job ``name``; raises UnknownJob with the nearest name."""
    kind = _kinds.get(name)
    if kind is None:
        near = difflib.get_close_matches(name, _kinds, 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UnknownJob(f"no job is called {name!r}.{hint}")
    return kind


def kinds() -> dict[str, JobKind]:
    """All registered jobs by name."""
    return _kinds


def recurrences() -> dict[str, Recurrence]:
    """All schedules by job name."""
    return _recurrences


def discover() -> None:
    """Import the ``jobs`` room of every installed module, so that its jobs are registered."""
    autodiscover_modules("jobs")
