"""Deals: every order is one that was won; around them those that were lost, and those that are open now."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rapport.config.demo.calendar import Calendar
from rapport.config.demo.firms import Known
from rapport.config.demo.northwind import Order, northwind
from rapport.config.demo.phrases import Voice, goods_of, told
from rapport.platform.keys import new_key
from rapport.sales.pipelines import PipelineInfo, StageInfo, pipelines

CURRENCY = "USD"
LOST, OPEN_IN_STAGE, SAMPLES = 46, 13, 18
STUCK = 0.25


@dataclass(slots=True)
class Offer:
    """A deal that is open, for the talk and the tasks about it."""

    key: str
    known: Known
    owner: str
    since: dt.datetime
    words: dict[str, Any]


class Selling:
    """Rows of deals; ``of_order``: the deal of each order, ``offers``: those open now."""

    def __init__(self, calendar: Calendar, customers: dict[str, Known], users: dict[str, str]) -> None:
        self.calendar, self.customers, self.users = calendar, customers, users
        self.pipeline: PipelineInfo = next(iter(pipelines().values()))
        self.of_order: dict[str, str] = {}
        self.opened: dict[str, dt.date] = {}
        self.offers: list[Offer] = []

    def won(self, chance: random.Random) -> Iterator[dict[str, Any]]:
        """A deal per order: opened some weeks before, won on the day of the order."""
        stage = self._ending("won")
        for order in northwind().orders:
            closed = self.calendar.day(order.date)
            opened = closed - dt.timedelta(days=chance.randint(4, 35))
            key = self.of_order[order.id] = new_key()
            self.opened[order.id] = opened
            user = self.users[order.employee]
            yield {
                "_id": key, "name": _named(order), "party": self.customers[order.customer].key, "stage": stage.id,
                "amount": order.amount, "currency": CURRENCY, "opened_on": opened, "closed_on": closed,
                "close_on": closed, "owner": user, "by": user, "at": self.calendar.moment(opened, chance),
                "_stage_since": self.calendar.moment(closed, chance), "mark": f"order-{order.id}",
            }  # fmt: skip

    def lost(self, chance: random.Random) -> Iterator[dict[str, Any]]:
        """Deals that came to nothing during the last year, with the reason."""
        stage, names = self._ending("lost"), Voice(told("deals")["open"], chance)
        reasons = Voice(told("deals")["lost"], chance)
        for number in range(LOST):
            known = chance.choice(list(self.customers.values()))
            closed = self.calendar.workday(-chance.randint(1, 30) if number % 3 == 0 else -chance.randint(20, 250))
            opened = closed - dt.timedelta(days=chance.randint(10, 70))
            words = goods_of(known.orders, _PLAIN, chance)
            yield {
                "_id": new_key(), "name": names.next().format_map(words), "party": known.key, "stage": stage.id,
                "amount": chance.randint(4, 90) * 100, "currency": CURRENCY, "opened_on": opened, "closed_on": closed,
                "lost_reason": reasons.next(), "owner": known.owner, "by": known.owner,
                "at": self.calendar.moment(opened, chance), "mark": f"lost-{number}",
                "_stage_since": self.calendar.moment(closed, chance),
            }  # fmt: skip

    def open(self, chance: random.Random) -> Iterator[dict[str, Any]]:
        """Deals of every open stage; some have rested for longer than their stage allows."""
        names = Voice(told("deals")["open"], chance)
        buyers = [each for each in self.customers.values() if each.orders]
        stages = [stage for stage in self.pipeline.stages if stage.kind == "open"]
        for number, stage in enumerate([stage for stage in stages for _each in range(OPEN_IN_STAGE)]):
            known = chance.choice(buyers)
            allowed = stage.stuck_days or 14
            rested = allowed + chance.randint(3, 20) if chance.random() < STUCK else chance.randint(0, allowed - 1)
            since = self.calendar.moment(self.calendar.today - dt.timedelta(days=rested), chance)
            opened = since.date() - dt.timedelta(days=stage.position * chance.randint(4, 9))
            words = goods_of(known.orders, _PLAIN, chance)
            offer = Offer(new_key(), known, known.owner, since, words)
            self.offers.append(offer)
            yield {
                "_id": offer.key, "name": names.next().format_map(words), "party": known.key, "stage": stage.id,
                "amount": _worth(known, chance), "currency": CURRENCY, "opened_on": opened, "owner": known.owner,
                "close_on": self.calendar.workday(chance.randint(-3, 40)), "by": known.owner,
                "at": self.calendar.moment(opened, chance), "mark": f"open-{number}", "_stage_since": since,
            }  # fmt: skip

    def samples(self, chance: random.Random) -> Iterator[dict[str, Any]]:
        """Goods given to customers to try: most are with them, some were bought or came back."""
        for number, offer in enumerate(chance.sample(self.offers, SAMPLES)):
            given = self.calendar.workday(-chance.randint(2, 40))
            yield {
                "name": offer.words["more"], "party": offer.known.key, "given_on": given, "owner": offer.owner,
                "back_by": given + dt.timedelta(days=30), "by": offer.owner, "mark": f"sample-{number}",
                "status": chance.choice(("given", "given", "given", "bought", "returned")),
                "at": self.calendar.moment(given, chance),
            }  # fmt: skip

    def _ending(self, kind: str) -> StageInfo:
        return next(stage for stage in self.pipeline.stages if stage.kind == kind)


_PLAIN = ["Chai", "Konbu", "Gnocchi di nonna Alice"]


def _worth(known: Known, chance: random.Random) -> int:
    """About what the customer orders otherwise, in full tens."""
    usual = sum(order.amount for order in known.orders) / len(known.orders)
    return int(float(usual) * chance.uniform(0.8, 3.5)) // 10 * 10 + 50


def _named(order: Order) -> str:
    first, *others = (name for name, _quantity in order.goods)
    if len(others) == 1:
        return f"{first} and {others[0]}"
    return f"{first}, {others[0]} and {len(others) - 1} more" if others else first
