"""One slice of rows into the database: a transaction of its own, short enough that people at work do not notice."""

import time
from dataclasses import dataclass, field
from typing import Any

from rapport.platform import db
from rapport.records import inserts, intake, rows, write
from rapport.records.bulk import saving
from rapport.records.entity import Entity
from rapport.records.errors import Bad, Problem, Refused
from rapport.records.operation import Operation, operation, part
from rapport.records.pace import Pace
from rapport.records.transfer.rows.draft import Draft
from rapport.records.transfer.rows.relations import Finder
from rapport.records.transfer.writing import brought, bulk, changes
from rapport.records.transfer.writing.ledger import Ledger, Stored

TRIES = 5


@dataclass(slots=True)
class Writer:
    """Writes slices; the ledger notes how far the run is inside the transaction."""

    entity: Entity
    finder: Finder
    ledger: Ledger
    pace: Pace = field(default_factory=Pace)

    def commit(self, new: list[Draft], updates: list[Draft], done: Operation) -> Stored:
        """Store new records and updates. A row that the database refuses is found by halving, and fails alone.

        Returns what no transaction took; the rest stands in the ledger.
        """
        try:
            self._in_one(new, updates, done)
            return Stored()
        except (db.IntegrityError, Problem) as error:
            if len(new) + len(updates) == 1 or not new:
                return self._refused(new, updates, error)
        half = (len(new) + 1) // 2
        first = self.commit(new[:half], [] if len(new) > 1 else updates, done)
        return first if len(new) == 1 else first + self.commit(new[half:], updates, done)

    def _refused(self, new: list[Draft], updates: list[Draft], error: Exception) -> Stored:
        for draft in (*new, *updates):
            for made in draft.needs:
                if not made.stored:
                    self.finder.forget(made)
            missing = "foreign key" in str(error).lower()
            if isinstance(error, Problem):
                draft.refuse(error)
            else:
                draft.fail("what it refers to could not be stored" if missing else write.clash(error).detail)
        return Stored(failed=[*new, *updates])

    def _in_one(self, new: list[Draft], updates: list[Draft], done: Operation) -> None:
        for attempt in range(TRIES):
            stored = Stored()
            began = time.perf_counter()
            try:
                with operation(ready=done):
                    began = time.perf_counter()
                    needed = self._needed([*new, *updates], done)
                    self._stay_open([*new, *updates])
                    bulk.create(self.entity, [draft.record for draft in new], done)
                    stored.created = len(new)
                    self._update(updates, stored, done)
                    self.ledger.note(stored, [*new, *updates])
            except db.OperationalError:
                if attempt == TRIES - 1:
                    raise
                time.sleep(0.5 * (attempt + 1))
                continue
            self.pace.learn(time.perf_counter() - began)
            for made in needed:
                made.stored = True
            self.ledger.settled(stored, [*new, *updates])
            return

    def _needed(self, drafts: list[Draft], done: Operation) -> list:
        """Related records that these rows make, each once."""
        made = {id(each): each for draft in drafts for each in draft.needs if not each.stored}
        for each in made.values():
            inserts.one(each.record)
            write.follow(done, each.entity, each.record, "created", None)
        return list(made.values())

    def _stay_open(self, drafts: list[Draft]) -> None:
        """Queues into which rows go are still open, and stay so while this transaction lasts."""
        for queue in dict.fromkeys(filter(None, (each.queue or each.spare_queue for each in drafts))):
            try:
                intake.queue_of(queue, self.finder.actor)
            except Bad as bad:
                raise Refused(str(bad), field="owner") from bad

    def _update(self, updates: list[Draft], stored: Stored, done: Operation) -> None:
        """Known records, together; several rows of one record one after the other."""
        waiting: dict[str, Draft] = {}
        for draft in updates:
            if str(draft.match) in waiting:
                self._together(waiting, stored, done)
                waiting = {}
            waiting[str(draft.match)] = draft
        self._together(waiting, stored, done)

    def _together(self, drafts: dict[str, Draft], stored: Stored, done: Operation) -> None:
        """Rows of different records. What others follow from, or what brings parts, goes the single way."""
        held = self._held(list(drafts))
        ready: list[tuple[Any, dict[str, Any]]] = []
        singly: list[str] = []
        for key, draft in drafts.items():
            record = held.get(key)
            if record is None:
                draft.fail("the record it belongs to is gone")
                stored.failed.append(draft)
                continue
            before = rows.values_of(record)
            try:
                changes.edit(self.entity, record, draft, self.finder, before)
            except Problem as problem:
                draft.refuse(problem)
                stored.failed.append(draft)
                continue
            if draft.parts or saving.moves_others(self.entity, record, before):
                singly.append(key)
            else:
                ready.append((record, before))
        try:
            with part(done):
                changed = saving.save(self.entity, ready, "changed", done)
            stored.updated += len(changed)
            stored.skipped += len(ready) - len(changed)
        except (db.IntegrityError, Problem):  # one of them stands in the way: each for itself finds it
            singly = [record.id for record, _before in ready] + singly
        for key, record in self._held(singly).items():
            self._singly(drafts[key], record, stored, done)

    def _held(self, keys: list[str]) -> dict[str, Any]:
        return rows.load_many(self.entity, keys, self.finder.actor, lock=True)

    def _singly(self, draft: Draft, record: Any, stored: Stored, done: Operation) -> None:
        try:
            with part(done):
                changed = changes.apply(self.entity, record, draft, self.finder, done)
                if (draft.parts and brought.add(draft, record.id, self.finder.place)) or changed:
                    stored.updated += 1
                else:
                    stored.skipped += 1
        except Problem as problem:
            draft.refuse(problem)
            stored.failed.append(draft)
