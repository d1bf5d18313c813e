"""One slice of rows into the database: a transaction of its own, short enough that people at work do not notice."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rapport.platform import db
from rapport.records import rows, write
from rapport.records.entity import Entity
from rapport.records.errors import Problem
from rapport.records.operation import Operation, operation
from rapport.records.transfer.rows.draft import Draft
from rapport.records.transfer.rows.relations import Finder
from rapport.records.transfer.writing import brought, bulk, changes

SMALLEST, LARGEST, FIRST = 50, 8000, 500
TARGET = {"sqlite": 0.15, "postgresql": 0.4}
TRIES = 5


@dataclass(slots=True)
class Stored:
    """What a committed slice came to."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: list[Draft] = field(default_factory=list)


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


@dataclass(slots=True)
class Writer:
    """Writes slices; ``keep`` notes the run's counts inside the transaction."""

    entity: Entity
    finder: Finder
    keep: Callable[[Stored], None]
    pace: Pace = field(default_factory=Pace)

    def commit(self, new: list[Draft], updates: list[Draft], done: Operation) -> Stored:
        """Store new records and updates. A row that the database refuses is found by halving, and fails alone."""
        try:
            return self._in_one(new, updates, done)
        except (db.IntegrityError, Problem) as error:
            if len(new) + len(updates) == 1 or not new:
                return self._refused(new, updates, error)
        half = (len(new) + 1) // 2
        first = self.commit(new[:half], [] if len(new) > 1 else updates, done)
        if len(new) == 1:
            return first
        second = self.commit(new[half:], updates, done)
        return Stored(
            first.created + second.created, first.updated + second.updated, first.skipped + second.skipped,
            [*first.failed, *second.failed],
        )  # fmt: skip

    def _refused(self, new: list[Draft], updates: list[Draft], error: Exception) -> Stored:
        for draft in (*new, *updates):
            for made in draft.needs:
                if not made.stored:
                    self.finder.forget(made)
            missing = "foreign key" in str(error).lower()
            if isinstance(error, Problem):
                draft.fail(words(error))
            else:
                draft.fail("what it refers to could not be stored" if missing else write.clash(error).detail)
        return Stored(failed=[*new, *updates])

    def _in_one(self, new: list[Draft], updates: list[Draft], done: Operation) -> Stored:
        for attempt in range(TRIES):
            stored = Stored()
            began = time.perf_counter()
            try:
                with operation(ready=done):
                    began = time.perf_counter()
                    needed = self._needed([*new, *updates], done)
                    bulk.create(self.entity, [draft.record for draft in new], done)
                    stored.created = len(new)
                    self._update(updates, stored, done)
                    self.keep(stored)
            except db.OperationalError:
                if attempt == TRIES - 1:
                    raise
                time.sleep(0.5 * (attempt + 1))
                continue
            self.pace.learn(time.perf_counter() - began)
            for made in needed:
                made.stored = True
            return stored
        raise AssertionError("unreachable")

    def _needed(self, drafts: list[Draft], done: Operation) -> list:
        """Related records that these rows make, each once."""
        made = {id(each): each for draft in drafts for each in draft.needs if not each.stored}
        for each in made.values():
            rows.insert(each.record)
            write.follow(done, each.entity, each.record, "created", None)
        return list(made.values())

    def _update(self, updates: list[Draft], stored: Stored, done: Operation) -> None:
        keys = list(dict.fromkeys(str(draft.match) for draft in updates))
        held = changes.load(self.entity, keys, self.finder.actor, lock=True)
        for draft in updates:
            record = held.get(str(draft.match))
            if record is None:
                draft.fail("the record it belongs to is gone")
                stored.failed.append(draft)
                continue
            try:
                with db.savepoint():
                    changed = changes.apply(self.entity, record, draft, self.finder, done)
                    if (draft.parts and brought.add(draft, record.id, self.finder.place)) or changed:
                        stored.updated += 1
                    else:
                        stored.skipped += 1
            except Problem as problem:
                draft.fail(words(problem))
                stored.failed.append(draft)
                held.update(changes.load(self.entity, [record.id], self.finder.actor))


def words(problem: Problem) -> str:
    """A problem with its fields, in one line."""
    parts = [f"{each['field']}: {each['message']}" for each in problem.errors]
    return "; ".join(parts) if parts else problem.detail
