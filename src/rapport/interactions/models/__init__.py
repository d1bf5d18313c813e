"""What happened with a party (interactions), and what is to be done (tasks)."""

from rapport.interactions.models.interaction import CHANNELS, DIRECTIONS, Interaction
from rapport.interactions.models.task import Task

__all__ = ["CHANNELS", "DIRECTIONS", "Interaction", "Task"]
