"""Days of the sample moved to the present: the last order lies a few days back, every day keeps its weekday."""

import datetime as dt
import random
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from rapport.platform.clock import now
from rapport.platform.identity.organisation import organisation

LEAST = 2  # days between the last order and today
OPENS, CLOSES = 8, 18  # a working day where the organisation is


@dataclass(frozen=True, slots=True)
class Calendar:
    """``shift`` is a whole number of weeks."""

    now: dt.datetime
    shift: dt.timedelta
    zone: str = "UTC"

    @classmethod
    def ending(cls, last: dt.date) -> "Calendar":
        """A calendar by which ``last`` has just been."""
        moment = now()
        weeks = (moment.date() - dt.timedelta(days=LEAST) - last).days // 7
        return cls(moment, dt.timedelta(weeks=weeks), organisation().time_zone)

    @property
    def today(self) -> dt.date:
        """The day of the loading."""
        return self.now.date()

    def day(self, then: dt.date) -> dt.date:
        """A day of the sample in our time."""
        return then + self.shift

    def moment(self, day: dt.date, chance: random.Random) -> dt.datetime:
        """Some time of a working day near ``day``, before now."""
        day -= dt.timedelta(days=max(0, day.weekday() - 4))
        minute = chance.randrange((CLOSES - OPENS) * 12) * 5
        found = self.at(day, OPENS) + dt.timedelta(minutes=minute)
        return min(found, self.now - dt.timedelta(minutes=20 + chance.randrange(90)))

    def at(self, day: dt.date, hour: int) -> dt.datetime:
        """A time of day where the organisation is."""
        here = dt.datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(self.zone))
        return here.astimezone(dt.UTC)

    def workday(self, days: int) -> dt.date:
        """The day so many working days from today (before, when negative)."""
        found, step = self.today, dt.timedelta(days=1 if days >= 0 else -1)
        for _each in range(abs(days)):
            found += step
            while found.weekday() > 4:  # noqa: PLR2004
                found += step
        return found
