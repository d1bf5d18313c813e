"""The pen of the demonstration data: every record goes through the engine's doors, all of them as one operation."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any

from rapport.platform import db
from rapport.platform.actor import LEVELS, VERBS, Actor, acting_as
from rapport.records import intake, read, registry, write
from rapport.records.entity import Entity
from rapport.records.kinds import MoneyKind, Place, RelationKind
from rapport.records.operation import Operation, operation
from rapport.records.read import Query
from rapport.records.transfer.writing import bulk
from rapport.records.transfer.writing.instances import Blanks

SOURCE = "demo"
SLICE = 500
_FREE = {("*", verb): LEVELS["all"] for verb in VERBS}


class Pen:
    """Writes in the name of the staff. ``teams``: the team of each member, by the key of the user."""

    def __init__(self, key: str) -> None:
        self.operation = key
        self.teams: dict[str, str | None] = {}
        self.names: dict[str, str] = {}
        self.written = 0
        self._blanks: dict[str, Blanks] = {}

    @contextmanager
    def acting(self, user: str | None, at: dt.datetime) -> Iterator[Operation]:
        """A transaction of the operation, as if ``user`` wrote at that moment."""
        name = self.names.get(user or "", "Rapport")
        actor = Actor(user, name, team=self.teams.get(user or ""), grants=_FREE, source=SOURCE, reason="rapport demo")
        with acting_as(actor), operation(ready=Operation(actor, id=self.operation, at=at)) as done:
            yield done

    def has(self, key: str, field: str, value: str) -> str | None:
        """The record of this entity with that value, if there is one."""
        tree = {"field": field, "op": "eq", "value": value}
        found = read.page(Query(registry.get(key), tree, limit=1)).items()
        return str(found[0]["id"]) if found else None

    def create(self, key: str, values: Mapping[str, Any], mark: str = "") -> str:
        """One record, within :meth:`acting`; ``mark`` is its external id. Returns its key."""
        marked = {"external_source": SOURCE, "external_id": mark} if mark else {}
        self.written += 1
        return str(write.create(registry.get(key), {**values, **marked}).id)

    def many(self, key: str, rows: Iterable[Mapping[str, Any]], size: int = SLICE) -> int:
        """Records in slices, each in a transaction of its own. A row holds fields by name, ``by`` and ``at``
        (who wrote it, when), ``mark`` (its external id) and columns that the engine keeps itself, with a leading ``_``.
        """
        entity = registry.get(key)
        left, count = iter(rows), 0
        while slice_ := list(islice(left, size)):
            by_writer: dict[str | None, list[Mapping[str, Any]]] = {}
            for row in slice_:
                by_writer.setdefault(row.get("by"), []).append(row)
            with db.transaction():
                for user, found in by_writer.items():
                    with self.acting(user, max(row["at"] for row in found)) as done:
                        place = intake.place_for(done.actor)
                        bulk.create(entity, [self._build(entity, row, place, done) for row in found], done)
            count += len(slice_)
        self.written += count
        return count

    def _build(self, entity: Entity, row: Mapping[str, Any], place: Place, done: Operation) -> Any:
        blanks = self._blanks.get(entity.key) or self._blanks.setdefault(entity.key, Blanks(entity.model))
        found = intake.Intake()
        for name, value in row.items():
            if name in ("by", "at", "mark") or name.startswith("_") or value is None:
                continue
            known = entity.fields[name]
            if isinstance(known.kind, MoneyKind):
                found.amounts[known.attname] = str(value)
            elif isinstance(known.kind, RelationKind) or known.attname == "tags":
                found.values[known.attname] = value
            elif isinstance(value, str):
                found.values[known.attname] = known.kind.parse(value, place)
            else:
                found.values[known.attname] = value
        found.values |= {name[1:]: value for name, value in row.items() if name.startswith("_")}
        marks = {"external_source": SOURCE, "external_id": row["mark"]}
        record = blanks.make({**found.values, **marks})
        write.assemble(entity, record, found, done.actor, done, lambda owner, actor: self.teams.get(owner))
        record.created_at = record.updated_at = row["at"]
        for name, value in row.items():
            if name.startswith("_"):
                setattr(record, name[1:], value)
        return record


def known(entity: str, mark: str) -> str | None:
    """What is never deleted (users, teams, queues), of an earlier demonstration: it serves again."""
    tree = {
        "and": [
            {"field": "external_source", "op": "eq", "value": SOURCE},
            {"field": "external_id", "op": "eq", "value": mark},
        ]
    }
    found = read.page(Query(registry.get(entity), tree, limit=1)).items()
    return str(found[0]["id"]) if found else None
