"""Calls, mails, meetings and notes: before and after every order, with suppliers, around what is open now."""

import datetime as dt
import random
from collections.abc import Iterable, Iterator
from typing import Any

from rapport.config.demo.calendar import Calendar
from rapport.config.demo.firms import Known
from rapport.config.demo.northwind import Order, northwind
from rapport.config.demo.phrases import Voice, filled, goods_of, told
from rapport.config.demo.selling import Offer, Selling
from rapport.platform import mentions

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
WITH_PERSON = 0.65


class Talk:
    """Rows of interactions. ``names``: how each user is called."""

    def __init__(self, calendar: Calendar, names: dict[str, str], chance: random.Random) -> None:
        self.calendar, self.names, self.chance = calendar, names, chance
        self._voices: dict[tuple[str, str], Voice] = {}
        self._number = 0

    def about_orders(self, selling: Selling, customers: dict[str, Known]) -> Iterator[dict[str, Any]]:
        """What led to each order, and what came after it."""
        for order in northwind().orders:
            known, user = customers[order.customer], selling.users[order.employee]
            words = goods_of([order], [], self.chance)
            about = {"_about_entity": "deal", "_about_id": selling.of_order[order.id]}
            for day in self._days_of(order, selling):
                kind = "before" if day <= self.calendar.day(order.date) else "after"
                yield self.row(kind, known, user, self.calendar.moment(day, self.chance), words) | about

    def _days_of(self, order: Order, selling: Selling) -> list[dt.date]:
        closed, opened = self.calendar.day(order.date), selling.opened[order.id]
        before = [opened + (closed - opened) * self.chance.random() for _each in range(self.chance.randint(1, 2))]
        after = [closed + dt.timedelta(days=self.chance.randint(1, 16)) for _each in range(self.chance.randint(0, 2))]
        return sorted(day for day in (*before, *after) if day < self.calendar.today)

    def with_suppliers(self, suppliers: Iterable[Known]) -> Iterator[dict[str, Any]]:
        """A word every few months."""
        for known in suppliers:
            makes = northwind().makes[known.firm.id]
            for _each in range(self.chance.randint(4, 9)):
                day = self.calendar.today - dt.timedelta(days=self.chance.randint(2, 600))
                words = goods_of([], makes, self.chance)
                yield self.row("supplier", known, known.owner, self.calendar.moment(day, self.chance), words)

    def about_offers(self, offers: Iterable[Offer]) -> Iterator[dict[str, Any]]:
        """What has been said since a deal came into its stage, and shortly before."""
        for offer in offers:
            for _each in range(self.chance.randint(1, 4)):
                day = min(offer.since.date() + dt.timedelta(days=self.chance.randint(-6, 4)), self.calendar.today)
                at = self.calendar.moment(day, self.chance)
                about = {"_about_entity": "deal", "_about_id": offer.key}
                yield self.row("open", offer.known, offer.owner, at, offer.words) | about

    def mentioning(self, reader: tuple[str, str], offers: list[Offer]) -> Iterator[dict[str, Any]]:
        """Notes that ask whoever looks at the demonstration for a word."""
        name = mentions.token("user", reader[0], reader[1])
        asked = (
            f"{name} they ask for sixty days to pay. Can we agree to that for a first order?",
            f"{name} could you join the call on Thursday? They want to hear about the delivery from the top.",
            f"The offer went out today, {name}; you know the owner, a word from you would help.",
        )
        for body, offer in zip(asked, offers, strict=False):
            at = self.calendar.now - dt.timedelta(minutes=self.chance.randint(40, 2000))
            row = self.row("open", offer.known, offer.owner, at, offer.words)
            about = {"_about_entity": "deal", "_about_id": offer.key}
            kept = {name: row[name] for name in ("by", "at", "owner", "mark", "party")}
            yield {**kept, "channel": "note", "body": body, "_at": at, **about}

    def row(self, kind: str, known: Known, user: str, at: dt.datetime, words: dict[str, Any]) -> dict[str, Any]:
        """One interaction of a kind of phrases."""
        voice = self._voices.get((kind, known.owner))
        if voice is None:
            voice = self._voices[kind, known.owner] = Voice(told("talks")[kind], self.chance)
        contact, first = known.contact, known.first
        day = WEEKDAYS[(at.weekday() + self.chance.randint(1, 3)) % 5]
        me = self.names[user].split()[0]
        said = filled(voice.next(), {**words, "first": first, "me": me, "firm": known.firm.name, "day": day})
        self._number += 1
        party = contact if self.chance.random() < WITH_PERSON else known.key
        return {**said, "party": party, "owner": user, "by": user, "at": at, "_at": at, "mark": f"talk-{self._number}"}
