"""Rows of tasks: most are done, some late, the rest due in the coming weeks; with parties, every sixth about a deal."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from bench import words
from bench.rowmaking import EPOCH, Made, scope_of, stamps
from rapport.platform.keys import key_at
from rapport.platform.text import fold_cached
from rapport.records import registry, searching

DONE, DATED, LATEST = 0.82, 0.95, 45
PRIORITIES = ("normal", "normal", "normal", "low", "high", "urgent")


def task_rows(made: Made, low: int, high: int, size: int, deals: int) -> Iterator[dict[str, Any]]:
    """Tasks ``low`` to ``high`` of ``size``; ``deals``: how many deals there are for them to be about."""
    dice, into, entity = made.dice, made.into, registry.get("task")
    for number in range(low, high):
        part = number / size
        created = made.moment(part)
        one = made.parties[int(max(1, len(made.parties) * part) * dice.random.random())]
        due = created + dt.timedelta(days=1 + dice.below(LATEST), hours=dice.below(10))
        done = due < made.end and dice.random.random() < DONE
        done_at = min(due + dt.timedelta(days=dice.below(4) - 2), made.end) if done else None
        done_at = max(done_at, created) if done_at else None
        key = key_at(int((created - EPOCH).total_seconds() * 1000), 3 << 40 | number)
        title = str(dice.of(words.SUBJECTS))
        dated = done or dice.random.random() < DATED
        deal = _deal(made, part, deals) if number % 6 == 0 else None
        made.search.append(
            ("task", into.key(key), searching.text_of(entity, {"title": title}), scope_of("task", one.owner))
        )
        who = into.key(one.owner.id)
        yield {
            **stamps(made, key, one.owner, into.moment(created)),
            "title": title, "title_key": fold_cached(title), "due_at": into.moment(due) if dated else None,
            "priority": dice.of(PRIORITIES), "status": "done" if done else "open", "assignee_id": who,
            "party_id": into.key(one.key), "about_entity": "deal" if deal else None, "about_id": into.key(deal),
            "done_at": done_at and into.moment(done_at), "done_by_id": who if done else None,
        }  # fmt: skip


def _deal(made: Made, part: float, deals: int) -> str | None:
    """The key of a deal that was there by then: as ``deal_rows`` makes it."""
    number = int(deals * part * made.dice.random.random())
    opened = made.moment(number / deals)
    return key_at(int((opened - EPOCH).total_seconds() * 1000), 2 << 40 | number) if deals else None
