"""Tasks: late ones, today's, those to come, those that are done, and series."""

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from rapport.config.demo.calendar import Calendar
from rapport.config.demo.phrases import Voice, filled, told
from rapport.config.demo.selling import Offer

DONE, PLANNED = 45, 0.6
PRIORITIES = ("low", "normal", "normal", "normal", "high", "urgent")
DAYS = ((-5, -3, -2), (-1, -1, -4), (0,), (0,), (1, 2), (3, 4, 5), (7, 9, 12))  # one of each for every seller
HOURS = (9, 10, 11, 14, 15, 17)


class Plan:
    """Rows of tasks about offers and customers."""

    def __init__(self, calendar: Calendar, offers: list[Offer], chance: random.Random) -> None:
        self.calendar, self.offers, self.chance = calendar, offers, chance
        self.voice = Voice(told("tasks")["task"], chance)
        self._number = 0

    def rows(self) -> Iterator[dict[str, Any]]:
        """All of the staff's."""
        for seller in dict.fromkeys(offer.owner for offer in self.offers):
            own = [offer for offer in self.offers if offer.owner == seller]
            for days in DAYS:
                yield self._task(self.chance.choice(own), self._due(self.chance.choice(days)))
        for _each in range(DONE):
            done = self.calendar.moment(self.calendar.workday(-self.chance.randint(1, 60)), self.chance)
            row = self._task(self.chance.choice(self.offers), done + dt.timedelta(hours=self.chance.randint(-20, 60)))
            at = done - dt.timedelta(days=self.chance.randint(2, 9))
            yield {**row, "at": at, "status": "done", "answer": row["_answer"], "_done_at": done}
        for series in told("tasks")["series"]:
            offer = self.chance.choice(self.offers)
            yield self._task(offer, self._due(self.chance.randint(0, 4)), series)

    def first_user(self, user: str) -> Iterator[dict[str, Any]]:
        """Some for whoever looks at the demonstration, given by the sellers."""
        for days, hours in ((-2, 0), (0, 1), (0, 3), (1, 0), (3, 0)):
            due = self.calendar.now + dt.timedelta(hours=hours) if hours else self._due(days)
            offer = self.chance.choice(self.offers)
            yield {**self._task(offer, due), "assignee": user, "owner": user}

    def approvals(self, user: str) -> Iterator[dict[str, Any]]:
        """Questions of the sellers to whoever looks at the demonstration, about the deals that have come farthest."""
        for number, phrase in enumerate(told("tasks")["approval"], 1):
            offer = self.offers[-3 * number]
            at = self.calendar.now - dt.timedelta(hours=5 * number)
            words = {**offer.words, "firm": offer.known.firm.name}
            due = self._due(phrase["days"])
            yield {
                "question": phrase["question"].format_map(words), "decider": user, "owner": user,
                "asked_by": offer.owner, "by": offer.owner, "at": at, "mark": f"approval-{number}",
                "_about_entity": "deal", "_about_id": offer.key, "due_at": due,
            }  # fmt: skip

    def _due(self, days: int) -> dt.datetime:
        day = self.calendar.workday(days) if days else self.calendar.today
        return self.calendar.at(day, self.chance.choice(HOURS)) + dt.timedelta(minutes=self.chance.choice((0, 30)))

    def _task(self, offer: Offer, due: dt.datetime, phrase: dict[str, Any] | None = None) -> dict[str, Any]:
        words = {**offer.words, "firm": offer.known.firm.name, "first": offer.known.first}
        said = filled(phrase or self.voice.next(), words)
        self._number += 1
        answer = said.pop("answer", None)
        made = min(due, self.calendar.now) - dt.timedelta(days=self.chance.randint(1, 6))
        row = {
            **said, "due_at": due, "priority": self.chance.choice(PRIORITIES), "party": offer.known.key,
            "assignee": offer.owner, "owner": offer.owner, "by": offer.owner, "at": made, "_answer": answer,
            "mark": f"task-{self._number}",
        }  # fmt: skip
        if self.chance.random() < PLANNED:
            row |= {"_about_entity": "deal", "_about_id": offer.key}
        return row
