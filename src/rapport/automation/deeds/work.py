"""What a step works on, and what came of it."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from rapport.automation.models import Automation
from rapport.platform.actor import Actor
from rapport.records.entity import Entity
from rapport.records.operation import Operation

GO_ON, WAIT, STOP = "done", "waiting", "stopped"


@dataclass(slots=True)
class Work:
    """A record under an automation. ``at``: the number of the step; ``began``: since when the step has waited;

    ``trial``: all is taken back afterwards, and nothing leaves the house; ``approval``: the one that the run waits for.
    """

    automation: Automation
    entity: Entity
    record: str
    at: int
    actor: Actor
    done: Operation
    began: dt.datetime
    run: str = ""
    trial: bool = False
    approval: str | None = None


@dataclass(slots=True)
class Outcome:
    """How it goes on: to the next step, later, or not at all; ``said`` in words that the log keeps.

    ``approval``: what it waits for.
    """

    way: str = GO_ON
    said: str = ""
    wake_at: dt.datetime | None = None
    watches: bool = False
    approval: str | None = None
    more: dict[str, Any] = field(default_factory=dict)


class Later(Exception):
    """It did not work this time; it may the next."""
