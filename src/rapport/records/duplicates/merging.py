"""Merging: one record takes over another with all that belongs to it; the other stays as a tombstone that leads there.

Its parts (contact points, roles) and what names it (deals, interactions) go over, each with a change of its own under
one operation, so that undoing it is what undoing anything is. What is many goes over in slices; see ``moving``.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.platform.jobs import enqueue
from rapport.records import heirs, rows, scope, timeline, write
from rapport.records.duplicates import choosing, moving, pairs
from rapport.records.entity import Entity
from rapport.records.errors import Invalid, NotFound, Refused
from rapport.records.models import Story
from rapport.records.operation import Operation, operation

AT_ONCE = 2_000
VERB = "merge"


def merge(
    entity: Entity, winner: str, loser: str, choices: Mapping[str, Any] | None = None, *, version: int | None = None
) -> Any:  # fmt: skip
    """``winner`` takes over ``loser``; returns it. ``choices``: whose value a field keeps, see ``choosing``.

    Raises NotFound, Forbidden (both must be open to change, the loser to deletion), Refused, Invalid, Stale.
    """
    with operation() as done:
        kept, gone = both(entity, winner, loser, done.actor, lock=True)
        rows.expect(kept, version)
        values = choosing.chosen(entity, kept, gone, choices or {})
        if values.get("owner_id", kept.owner_id) != kept.owner_id:
            scope.guard_owner(entity, done.actor, kept)
        _take_parts(done, entity, kept, gone)
        _bury(done, entity, gone, kept)
        moved = moving.move(done, entity, gone.id, kept.id, AT_ONCE)
        before = rows.values_of(kept)
        for name, value in values.items():
            choosing.assign(kept, name, value)
        if "owner_id" in values:
            kept.team_id = write.team_of(kept.owner_id, done.actor)
        write.save(entity, kept, before, "merged", done)
        write.carry_out(kept.amends())
        _tell(done, entity, kept, gone)
        pairs.merged(done, kept.id, gone.id)
        if moved >= AT_ONCE:
            args = {"entity": entity.key, "loser": gone.id, "winner": kept.id, "operation_id": done.id}
            enqueue("records.follow_merge", args, key=gone.id)
        return next(iter(rows.raw(entity, "id = %s", [db.key(kept.id)], 1)))


def act(entity: Entity, key: str, args: Mapping[str, Any], *, version: int | None = None) -> Any:
    """The action of the API: ``{"with": id, "choices": {field: "winner" | "loser" | "both"}}``."""
    for name in args:
        if name not in ("with", "choices"):
            raise Invalid.at(name, _("This action takes: %(names)s.") % {"names": "with, choices"}, "unknown_field")
    choices = args.get("choices") or {}
    if not isinstance(choices, Mapping):
        raise Invalid.at("choices", _("Give an object: a field, and whose value it keeps."), "type")
    return merge(entity, key, choosing.key_given(args.get("with")), choices, version=version)


def both(entity: Entity, winner: str, loser: str, actor: Actor | None = None, *, lock: bool = False) -> tuple[Any, Any]:
    """The two records, as the actor may merge them."""
    if not is_mergeable(entity):
        raise NotFound(f"{entity.plural} are not merged.")
    if winner == loser:
        raise Refused(_("A record is not merged with itself."))
    who = actor or current()
    found = {key: rows.load(entity, key, who, "change", lock=lock) for key in sorted((winner, loser))}
    scope.level(entity, who, "delete")
    if not scope.permits(entity, who, "delete", found[loser]):
        scope.refuse(entity, "delete")
    told = entity.duplicates
    if told and told.apart:
        column = entity.every[told.apart].attname
        if getattr(found[winner], column) != getattr(found[loser], column):
            raise Refused(_("These two are of different kinds: they are not merged."), field=told.apart)
    return found[winner], found[loser]


def is_mergeable(entity: Entity) -> bool:
    """Whether records of this entity can be merged: those whose declaration says how duplicates are recognised."""
    return entity.duplicates is not None


def may_merge(entity: Entity, actor: Actor) -> bool:
    """Whether the actor may merge any records of the entity."""
    return is_mergeable(entity) and actor.may(entity.key, "change") and actor.may(entity.key, "delete")


def heir(entity: Entity, key: str) -> str | None:
    """The living record, in the actor's scope, that has taken this one over; None when there is none."""
    return heirs.of_ids(entity, [key], current()).get(key)


def _take_parts(done: Operation, entity: Entity, kept: Any, gone: Any) -> None:
    """Parts that say something new go over; the others stay, and go into the bin with their whole."""
    for part in entity.parts:
        by = part.field(part.part_of)
        sql = f'"{by.column}" = %s AND binned_at IS NULL ORDER BY id'
        held = rows.raw(part, sql, [db.key(kept.id)], moving.SLICE)
        for record in rows.raw(part, sql, [db.key(gone.id)], moving.SLICE):
            before = rows.values_of(record)
            if moving.names_only(part, entity, record, by.attname, kept.id) or not record.joins(held):
                continue
            setattr(record, by.attname, kept.id)
            write.save(part, record, before, "repointed", done, reverting=True)
            held.append(record)


def _bury(done: Operation, entity: Entity, gone: Any, kept: Any) -> None:
    before = rows.values_of(gone)
    gone.binned_at, gone.merged_into = done.at, kept.id
    write.save(entity, gone, before, "merged", done)


def _tell(done: Operation, entity: Entity, kept: Any, gone: Any) -> None:
    story = Story("record", "merged", {"subject": entity.title_of(gone)})
    heard = timeline.subjects(entity, kept)[:1] or [(entity.key, kept.id)]
    timeline.write(timeline.rows(done, entity, kept, [story], heard))
