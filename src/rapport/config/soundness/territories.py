"""Territories against the rules: records stand where these say, and what belongs to them stands with them."""

from collections.abc import Iterator

from rapport.config.soundness.finding import SHOWN, Finding
from rapport.platform.actor import as_system
from rapport.platform.identity import territories
from rapport.platform.jobs import unfinished
from rapport.records.territories import hearing, placed
from rapport.records.territories.rules import Asked, followers

SLICE = 2000
LEADS_TO = ("records.follow_territory", "records.move_territory")
AGAIN = "press “Sort all again” under People and roles, Territories"


def territories_in_step() -> Iterator[Finding]:
    """Once everything is heard, records lie where rules or people put them, and their deals with them."""
    if not hearing.begun() or hearing.behind() or _at_work():
        return
    with as_system("the deep check"):
        asked, last, wrong = Asked(), None, list[str]()
        while True:
            more, last, _looked = asked.page(last, SLICE)
            if last is None:
                break
            wrong += more
    if wrong:
        words = f"{len(wrong)} {asked.entity.plural} stand in another territory than the rules say"
        yield Finding(words, tuple(wrong[:SHOWN]), AGAIN)
    for entity in followers():
        if found := placed.astray(entity, "1 = 1", [], SLICE):
            words = f"{len(found)}{'+' if len(found) == SLICE else ''} {entity.plural} stand in another territory than"
            yield Finding(f"{words} what they belong to", tuple(found[:SHOWN]), AGAIN)


def _at_work() -> bool:
    """Whether rules have changed after which not everything has been looked at."""
    waiting = (unfinished(name, key) for name in LEADS_TO for key in territories.held())
    return bool(unfinished(hearing.SORT, hearing.CONSUMER)) or any(waiting)
