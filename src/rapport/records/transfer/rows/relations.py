"""Related records found for a whole slice at once: by id, external id, the fields they are known by, or their title."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.platform.keys import parse_key
from rapport.platform.text import fold
from rapport.records import heirs, intake, kinds, scope, tagging, write
from rapport.records.entity import Entity, Field, registry
from rapport.records.errors import Bad, Problem
from rapport.records.operation import Operation
from rapport.records.transfer.rows.draft import Draft, Wanted

Ask = tuple[str, str | None, str]
REMEMBERED = 200_000


@dataclass(slots=True)
class Made:
    """A related record that the import makes; ``stored`` once it is committed."""

    entity: Entity
    record: Any
    asked: Ask
    stored: bool = False


@dataclass(frozen=True, slots=True)
class Several:
    """More than one record fits."""

    keys: tuple[str, ...]


@dataclass(slots=True)
class Finder:
    """What is found is remembered over the run.

    A relation to the entity that is being imported may mean an earlier row of the slice: it is found ``late``, when
    that row has become a record (``fresh``: by folded title or external id).
    """

    entity: Entity
    actor: Actor
    place: kinds.Place
    known: dict[Ask, str | Several] = field(default_factory=dict)
    made: dict[str, Made] = field(default_factory=dict)
    fresh: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str | None] = field(default_factory=dict)
    queues: dict[str, str | Bad] = field(default_factory=dict)

    def settle(self, drafts: list[Draft], done: Operation) -> None:
        """Find what the rows name; plain relations first, then those that lie within another."""
        if len(self.known) > REMEMBERED:
            self.known.clear()
        self.queues.clear()  # they are few, and opened and closed meanwhile
        for inner in (False, True):
            batch = [
                (draft, wanted)
                for draft in drafts
                if draft.error is None
                for wanted in draft.wanted
                if (wanted.bound.narrow is not None) == inner
            ]
            if not batch:
                continue
            asks = [self._ask(draft, wanted) for draft, wanted in batch]
            self._look_up(asks)
            for (draft, wanted), ask in zip(batch, asks, strict=True):
                self._place(draft, wanted, ask, done)

    def _ask(self, draft: Draft, wanted: Wanted) -> Ask:
        if wanted.bound.is_about:
            return wanted.text["entity"], None, wanted.text["id"]
        within = None
        if wanted.bound.narrow:
            here = wanted.bound.narrow[0]
            within = draft.values.get(here) or draft.spare_values.get(here)
        return str(wanted.bound.related), within, wanted.text

    def late(self, draft: Draft, done: Operation) -> None:
        """Look once more for what was not found: among the new records of the slice; made where it may be."""
        again, draft.open = draft.open, []
        for wanted in again:
            self._place(draft, wanted, self._ask(draft, wanted), done, late=True)

    def came(self, record: Any) -> None:
        """A new record of the slice, which later rows may name."""
        for text in (getattr(record, self.entity.title, None), record.external_id):
            if text:
                self.fresh.setdefault(fold(str(text)), record.id)

    def _place(self, draft: Draft, wanted: Wanted, ask: Ask, done: Operation, late: bool = False) -> None:
        bound = wanted.bound
        found = self.known.get(ask)
        if found is None and ask[0] == self.entity.key and not late:
            draft.open.append(wanted)
            return
        if found is None and self._queued(draft, wanted):
            return
        if late:
            found = found or self.fresh.get(fold(ask[2]))
        if found is None and bound.create and parse_key(ask[2]) is None:
            try:
                found = self._make(ask, done)
            except Problem as problem:
                draft.fail(problem.detail, bound.field.name)
                return
        if not isinstance(found, str):
            draft.open.append(wanted)
            return
        made = self.made.get(found)
        if made is not None and not made.stored:
            draft.needs.append(made)
        into = draft.spare_values if wanted.spare else draft.values
        if bound.is_tags:
            self._tag(draft, into, found)
        elif bound.is_about:
            into.update(about_entity=ask[0], about_id=found)
        else:
            into[bound.field.attname] = found

    def _queued(self, draft: Draft, wanted: Wanted) -> bool:
        """Whether an owner is no user but a queue, named with or without ``queue:``: the record waits there then."""
        if wanted.bound.field.name != "owner" or not self.entity.is_queueable:
            return False
        said = intake.queue_named(wanted.text)
        queue = self._queue(said or wanted.text)
        if isinstance(queue, Bad):
            if said or queue.code == "closed":
                draft.fail(str(queue), "owner")
            return bool(said) or queue.code == "closed"
        if wanted.spare:
            draft.spare_queue = queue
        else:
            draft.queue = queue
        return True

    def _queue(self, name: str) -> str | Bad:
        if name not in self.queues:
            try:
                self.queues[name] = intake.queue_of(name, self.actor)
            except Bad as bad:
                self.queues[name] = bad
        return self.queues[name]

    def _tag(self, draft: Draft, into: dict[str, Any], key: str) -> None:
        """One tag more: shared ones in the record's column, the importer's own beside it."""
        made = self.made.get(key)
        own = made.record.owner_id if made else tagging.owner_of(key)
        if own:
            draft.own_tags = [*(draft.own_tags or ()), key]
            into.setdefault("tags", None)
        else:
            into["tags"] = tagging.pack([*(into.get("tags") or "").split(), key])

    def reason(self, draft: Draft, wanted: Wanted) -> str:
        """Why a related record was not found."""
        entity, _within, text = self._ask(draft, wanted)
        label = str(registry.get(entity).label).lower() if entity in registry else entity
        if isinstance(self.known.get((entity, _within, text)), Several):
            return f"several fit “{text[:80]}”; give an id"
        return f"there is no {label} “{text[:80]}”"

    def _make(self, ask: Ask, done: Operation) -> str:
        """A new related record: the title it was called by; one that could sign in is made inactive."""
        entity = registry.get(ask[0])
        data: dict[str, Any] = {entity.title: ask[2]}
        if "is_active" in entity.fields:
            data["is_active"] = False
        record = write.build(entity, data, self.place, self.actor, done)
        self.known[ask] = record.id
        self.made[record.id] = Made(entity, record, ask)
        return str(record.id)

    def forget(self, made: Made) -> None:
        """A related record could not be stored: the next row that names it tries anew."""
        self.known.pop(made.asked, None)
        self.made.pop(made.record.id, None)

    def _look_up(self, asks: Iterable[Ask]) -> None:
        wanted: dict[str, dict[str, set[str | None]]] = {}
        for entity, within, text in set(asks):
            if (entity, within, text) not in self.known and entity in registry:
                wanted.setdefault(entity, {}).setdefault(text, set()).add(within)
        for entity, texts in wanted.items():
            self._search(registry.get(entity), texts)

    def _search(self, entity: Entity, texts: dict[str, set[str | None]]) -> None:
        left = dict(texts)
        for known in _known_by(entity):
            operands: dict[Any, list[str]] = {}
            for text in left:
                operand = _operand(known, text, self.place)
                if operand is not None:
                    operands.setdefault(operand, []).append(text)
            if not operands:
                continue
            hits = self._rows(entity, known, list(operands))
            if known.name in ("id", "external_id"):
                hits |= self._merged(entity, known, [each for each in operands if each not in hits])
            for operand, rows in hits.items():
                for text in operands.get(operand, ()):
                    self._note(entity, text, left[text], rows)
            left = {text: within for text, within in left.items() if not self._noted(entity, text, within)}

    def _merged(self, entity: Entity, known: Field, operands: list[Any]) -> dict[Any, list[tuple[str, str | None]]]:
        """What was merged into others: they."""
        if known.name == "id":
            return {key: [(heir, None)] for key, heir in heirs.of_ids(entity, operands, self.actor).items()}
        found: dict[Any, list[tuple[str, str | None]]] = {}
        for (word, _source), heir in heirs.of_external_ids(entity, operands, self.actor).items():
            if (heir, None) not in found.setdefault(word, []):
                found[word].append((heir, None))
        return found

    def _rows(self, entity: Entity, known: Field, operands: list[Any]) -> dict[Any, list[tuple[str, str | None]]]:
        where, places = scope.condition(entity, self.actor)
        live = " AND t.binned_at IS NULL" if entity.is_record else ""
        inner = _inner_column(entity)
        extra = f', t."{inner}"' if inner else ", NULL"
        marks = ", ".join(["%s"] * len(operands))
        column = f't."{known.compare}"'
        sql = f'SELECT t.id, {column}{extra} FROM "{entity.table}" t WHERE {column} IN ({marks}) AND {where}{live}'
        asked = [db.key(each) for each in operands] if known.name == "id" else operands
        found: dict[Any, list[tuple[str, str | None]]] = {}
        for key, value, within in db.rows(sql, [*asked, *places]):
            same = db.unkey(value) if known.name == "id" else value
            found.setdefault(same, []).append((str(db.unkey(key)), db.unkey(within)))
        return found

    def _note(self, entity: Entity, text: str, within: set[str | None], rows: list[tuple[str, str | None]]) -> None:
        for each in within:
            keys = tuple(key for key, inside in rows if each is None or inside == each)
            if keys:
                self.known[entity.key, each, text] = keys[0] if len(keys) == 1 else Several(keys)

    def _noted(self, entity: Entity, text: str, within: set[str | None]) -> bool:
        return all((entity.key, each, text) in self.known for each in within)

    def team_of(self, owner: str | None, actor: Actor) -> str | None:
        """The owner's team, asked once per run."""
        if owner is None:
            return None
        if owner not in self.owners:
            made = self.made.get(owner)
            self.owners[owner] = made.record.team_id if made else write.team_of(owner, actor)
        return self.owners[owner]


def _known_by(entity: Entity) -> list[Field]:
    names = dict.fromkeys(["id", "external_id", *entity.match_on, entity.title])
    return [entity.field(name) for name in names]


def _inner_column(entity: Entity) -> str | None:
    """The column of what records of this entity always lie within."""
    return next((entity.fields[name].column for name in entity.required if entity.fields[name].relation), None)


def _operand(known: Field, text: str, place: kinds.Place) -> Any:
    if known.name == "id":
        return parse_key(text)
    if isinstance(known.kind, kinds.EmailKind) and "@" not in text:
        return None
    try:
        return known.kind.operand(text, place)
    except Bad:
        return None
