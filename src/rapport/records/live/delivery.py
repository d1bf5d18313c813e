"""From facts to what each open page is told."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from typing import Any

from rapport.platform.actor import Actor
from rapport.platform.events.stream import Fact
from rapport.records.entity import registry
from rapport.records.live import sight
from rapport.records.live.connection import Connection
from rapport.records.live.sight import MOVES, Place, Told

Message = tuple[Connection, dict[str, Any]]


def deliver(facts: Iterable[Fact], to: Collection[Connection]) -> Iterator[Message]:
    """What to tell whom, in order."""
    by_entity: dict[str, list[Fact]] = defaultdict(list)
    for fact in sight.coalesced(facts):
        if fact.entity in registry:
            by_entity[fact.entity].append(fact)
    for entity, found in by_entity.items():
        yield from _Batch(entity, found, to).messages()


class _Batch:
    """Facts about one entity, and what of them is known to be visible to whom."""

    def __init__(self, entity: str, facts: list[Fact], to: Collection[Connection]) -> None:
        self.entity, self.facts = registry.get(entity), facts
        self._seen: dict[str, set[str]] = {}
        self._above = sight.above(self.entity)
        self._to = [each for each in to if self._concerns(each)]
        self._keys = {fact.record for fact in facts if fact.record}
        listening = {place[0] for each in self._to for place in each.records}
        self._parents = sight.parents(self.entity, self._keys) if self._above & listening else {}

    def _concerns(self, connection: Connection) -> bool:
        kinds = {place[0] for place in connection.records}
        return self.entity.key in connection.entities or self.entity.key in kinds or bool(self._above & kinds)

    def messages(self) -> Iterator[Message]:
        """What each page is told of this batch."""
        flood = len(self.facts) > sight.FLOOD
        for connection in self._to:
            if not connection.reader.may(self.entity.key, "view"):
                continue
            told: dict[Told, None] = {}
            for fact in self.facts:
                for each in self._of(fact, connection, flood):
                    told[each] = None
            for each in told:
                yield connection, asdict(each)

    def _of(self, fact: Fact, connection: Connection, flood: bool) -> Iterator[Told]:
        changed = Told(self.entity.key, None)
        if fact.record is None:
            yield changed
            return
        place = (self.entity.key, fact.record)
        seen = fact.record in self._visible(connection.reader)
        if place in connection.records:
            if seen:
                yield sight.told(fact)
            else:
                connection.records.discard(place)
                yield Told(*place, verb="hidden")
        elif seen and self._on_card(fact.record, connection.records):
            yield sight.told(fact)
        elif self.entity.key in connection.entities:
            if flood or (not seen and MOVES.intersection(fact.fields)):
                yield changed  # one that moves out of sight is missing from lists, without a name
            elif seen:
                yield sight.told(fact)

    def _on_card(self, key: str, open_records: set[Place]) -> bool:
        return not open_records.isdisjoint(self._parents.get(key, ()))

    def _visible(self, actor: Actor) -> set[str]:
        """One query per actor and batch."""
        held = self._seen.get(str(actor.id))
        if held is None:
            held = self._seen[str(actor.id)] = sight.visible(self.entity, actor, self._keys)
        return held
