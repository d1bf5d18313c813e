"""How much of a long piece of work goes into one transaction, so that people at work do not notice."""

from dataclasses import dataclass

from rapport.platform import db

SMALLEST, LARGEST, FIRST = 50, 8000, 100
TARGET = {"sqlite": 0.15, "postgresql": 0.4}


@dataclass(slots=True)
class Pace:
    """How many rows a slice takes, so that the lock is held about as long as wanted."""

    size: int = FIRST
    held: float = 0.0
    longest: float = 0.0

    def learn(self, seconds: float) -> None:
        """Adapt to how long the last slice held the lock."""
        self.held = seconds
        self.longest = max(self.longest, seconds)
        factor = min(2.0, max(0.3, TARGET[db.vendor()] / max(seconds, 0.001)))
        self.size = int(min(LARGEST, max(SMALLEST, self.size * factor)))
