"""The territories that every request needs: their tree, who works them, and the order in which rules are asked.

Children are asked before their parent: what fits a part of it belongs there, the rest is the parent's.
"""

from dataclasses import dataclass
from functools import cached_property

from rapport.platform import db
from rapport.platform.identity import snapshot


@dataclass(frozen=True, slots=True)
class Place:
    """One territory; ``rule``: a filter as JSON, None where only people put records in; ``people``: who works it.

    ``gives``: who gets new records without owner: "nobody", its people in "turn", or ``person`` ("person").
    """

    id: str
    name: str
    parent: str | None
    rule: str | None
    gives: str
    person: str | None
    people: tuple[str, ...]


class Territories(dict[str, Place]):
    """Every territory by its id, in the order in which their rules are asked. Never changed once made."""

    @cached_property
    def children(self) -> dict[str | None, list[str]]:
        """Territory -> those right below, in their order; None: the uppermost."""
        found: dict[str | None, list[str]] = {}
        for key, place in self.items():
            found.setdefault(place.parent, []).append(key)
        return found

    @cached_property
    def _worked(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key, place in self.items():
            for user in place.people:
                found.setdefault(user, []).append(key)
        return found

    def below(self, key: str) -> list[str]:
        """A territory and all below it."""
        found, queue = [], [key]
        while queue:
            at = queue.pop(0)
            if at not in found:
                found.append(at)
                queue += self.children.get(at, ())
        return found

    def path(self, key: str | None) -> list[str]:
        """A territory and all above it."""
        found: list[str] = []
        while key in self and key not in found:
            found.append(str(key))
            key = self[str(key)].parent
        return found

    def seen_by(self, user: str) -> tuple[str, ...]:
        """Those whose records a user of level "team" reaches: the ones he works, and all below them."""
        mine = self._worked.get(user, ()) if self else ()
        return tuple(dict.fromkeys(each for key in mine for each in self.below(key)))


def held() -> Territories:
    """As this process holds them; see ``snapshot.held``."""
    found: Territories = snapshot.held().parts["territories"]
    return found


_SQL = """SELECT p.id, p.name, p.parent_id, p.rule, p.gives, p.person_id, x.user_id FROM territory p
LEFT JOIN territory_user x ON x.territory_id = p.id ORDER BY p.position, p.name_key, p.id, x.id"""


@snapshot.part("territories")
def _load() -> Territories:
    """All of them, with one statement."""
    told: dict[str, tuple[str, str | None, str | None, str, str | None]] = {}
    people: dict[str, list[str]] = {}
    for key, name, parent, rule, gives, person, user in db.rows(_SQL):
        place = str(db.unkey(key))
        told[place] = name, db.unkey(parent), rule or None, gives, db.unkey(person)
        people.setdefault(place, []).extend([str(db.unkey(user))] if user else [])
    below: dict[object, list[str]] = {}
    for key, (_name, parent, *_rest) in told.items():
        below.setdefault(parent, []).append(key)
    found = Territories()

    def ask(key: str, above: tuple[str, ...]) -> None:
        for child in below.get(key, ()) if key not in above else ():
            ask(child, (*above, key))
        found[key] = Place(key, *told[key], people=tuple(people[key]))

    for root in below.get(None, ()):
        ask(root, ())
    return found
