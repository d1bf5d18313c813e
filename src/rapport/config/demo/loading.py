"""Putting the demonstration in: one operation in many short transactions, noted as an import that can be taken back."""

import random
import time
from collections.abc import Callable
from typing import Any

from rapport.config.demo import book, firms, large, market, staff
from rapport.config.demo.calendar import Calendar
from rapport.config.demo.northwind import northwind
from rapport.config.demo.planning import Plan
from rapport.config.demo.selling import Selling
from rapport.config.demo.talking import Talk
from rapport.config.demo.writing import Pen
from rapport.platform import db
from rapport.platform.identity import snapshot

SEED = 1998
Tell = Callable[[str], None]


def load(size: str, tell: Tell) -> dict[str, Any]:
    """Everything of this size; returns what was loaded. The same data each time, apart from keys and days."""
    began = time.perf_counter()
    snapshot.current()
    run, alone, reader = book.begin(size), not book.own_data(), _reader()
    pen, chance = Pen(run.operation), random.Random(SEED)
    calendar = Calendar.ending(northwind().orders[-1].date)
    tell("Staff and teams …")
    users = staff.hire(pen, calendar)
    staff.introduce(pen, calendar, users)
    parts = market.split(pen, calendar, users, alone=alone)
    queues = market.open_queues(pen, calendar, users, reader[0] if reader else None)
    tell("Customers and suppliers …")
    firms.label(pen, calendar)
    customers = firms.enter_customers(pen, calendar, users, chance)
    suppliers = firms.enter_suppliers(pen, calendar, users, chance)
    firms.relate(pen, calendar, customers, suppliers)
    market.settle(pen)
    tell("Deals …")
    selling = Selling(calendar, customers, users)
    won = pen.many("deal", selling.won(chance))
    pen.many("deal", selling.lost(chance))
    pen.many("deal", selling.open(chance))
    pen.many("sample", selling.samples(chance))
    tell("Calls, mails, meetings and notes …")
    talk, plan = Talk(calendar, pen.names, chance), Plan(calendar, selling.offers, chance)
    pen.many("interaction", talk.about_orders(selling, customers))
    pen.many("interaction", talk.with_suppliers(suppliers.values()))
    pen.many("interaction", talk.about_offers(selling.offers))
    tell("Tasks …")
    pen.many("task", plan.rows())
    if reader:
        pen.many("interaction", talk.mentioning(reader, selling.offers))
        pen.many("task", plan.first_user(reader[0]))
        pen.many("approval", plan.approvals(reader[0]))
    market.let_wait(pen, calendar, queues, customers)
    if size == "large":
        large.load(pen, calendar, users, parts, tell)
    market.settle(pen)
    found = {
        "size": size, "customers": len(customers), "suppliers": len(suppliers), "employees": len(users),
        "orders_won": won, "turnover": str(sum(order.amount for order in northwind().orders)), "currency": "USD",
        "records": pen.written, "seconds": round(time.perf_counter() - began, 1),
    }  # fmt: skip
    book.end(run, pen.written)
    return {"run": run.id, **found}


def _reader() -> tuple[str, str] | None:
    """The first who can sign in: he is given some tasks and mentioned, so that his day is not empty."""
    sql = "SELECT id, name FROM user_account WHERE is_active AND password <> '' ORDER BY created_at, id LIMIT 1"
    row = db.one(sql)
    return (str(db.unkey(row[0])), row[1]) if row else None
