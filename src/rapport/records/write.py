"""The one door for writes. Every write is an action: permitted, validated, one transaction that re-reads the row in
scope, saves it, and writes change, timeline, kept totals, search row and event beside it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import Actor, current, trusted
from rapport.platform.clock import now
from rapport.platform.events import stream
from rapport.platform.identity import snapshot, upholding
from rapport.platform.jobs import enqueue
from rapport.records import (
    custom,
    history,
    inserts,
    intake,
    latest,
    notices,
    parts,
    reckoning,
    rows,
    scope,
    searching,
    sourcing,
    tagging,
    timeline,
    totals,
)
from rapport.records.actions import actions_of
from rapport.records.entity import Entity, registry
from rapport.records.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from rapport.records.kinds import Place
from rapport.records.layout import Consequence
from rapport.records.operation import Operation, operation
from rapport.records.territories import placed


def create(entity: Entity, data: Mapping[str, Any], *, place: Place | None = None) -> Any:
    """A new record from outside values; returns it. Raises Forbidden, Invalid, Refused, Conflict."""
    actor = current()
    scope.level(entity, actor, "add")
    with operation() as done:
        place = place or intake.place_for(actor)
        values, said = sourcing.split(entity, data, place) if "sources" in data else (data, [])
        record = build(entity, values, place, actor, done)
        if entity.is_record:
            record.arrive([record])
            placed.join(entity, [record])
        try:
            inserts.one(record)
        except db.IntegrityError as error:
            raise clash(error) from error
        follow(done, entity, record, "created", None)
        sourcing.note(done, entity, record.id, said)
        return record


def build(entity: Entity, data: Mapping[str, Any], place: Place, actor: Actor, done: Operation) -> Any:
    """A new record, validated and settled, not yet stored."""
    given = intake.flatten(data)
    missing = [name for name in entity.needed(given) if name != entity.title and given.get(name) in (None, "", [])]
    if missing:
        message = _("This is needed.")
        raise Invalid(message, errors=[{"field": n, "code": "required", "message": message} for n in missing])
    found = intake.take(entity, data, place, actor, creating=True)
    record = entity.model()
    custom.assign(record, found.values)
    return assemble(entity, record, found, actor, done)


def assemble(
    entity: Entity, record: Any, found: intake.Intake, actor: Actor, done: Operation,
    teams: Callable[..., str | None] | None = None,
) -> Any:  # fmt: skip
    """Stamp, own and settle a new record that holds the parsed values; single and bulk writes share it."""
    record.created_at = record.updated_at = done.at
    record.created_by = record.updated_by = actor.id
    if entity.within:
        record.object = entity.within
    if entity.is_record:
        shares = actor.level(entity.key, "add") >= 3 if entity.personal else entity.configuration
        if "owner_id" not in found.values and actor.id and not shares and not entity.part_of:
            record.owner_id = actor.id
        if entity.personal and not scope.holds(entity, actor, "add", record.owner_id, None):
            scope.refuse(entity, "add")
        record.own_tags = found.own_tags
        record.team_id = (teams or team_of)(record.owner_id, actor)
        if found.queue:
            record.wait_in(found.queue)
    if entity.part_of and not scope.may_join(entity, actor, record):
        scope.refuse(entity.whole, "change")
    intake.settle_amounts(entity, record, found.amounts, None)
    settle(entity, record, None, teams)
    return record


def settle(
    entity: Entity, record: Any, before: dict[str, Any] | None, teams: Callable[..., str | None] | None = None
) -> None:  # fmt: skip
    """The model's own last word before a write; what every entity needs is checked here."""
    if hasattr(record, "settle"):
        owner = getattr(record, "owner_id", None)
        record.settle(before)
        if entity.is_record and record.owner_id and record.owner_id != owner:
            record.team_id = (teams or team_of)(record.owner_id, current())
        placed.by_hand(entity, record, before)
    if not getattr(record, entity.title, None):
        raise Refused(_("This is needed."), field=entity.title)
    reckoning.settle(entity, record)


def team_of(owner: str | None, actor: Actor) -> str | None:
    """The owner's team, which the record carries."""
    if owner is None:
        return None
    if owner == actor.id:
        return actor.team
    row = db.one("SELECT team_id FROM user_account WHERE id = %s", (db.key(owner),))
    return db.unkey(row[0]) if row else None


def change(
    entity: Entity,
    key: str,
    data: Mapping[str, Any],
    *,
    version: int | None = None,
    place: Place | None = None,
) -> Any:
    """Set fields of a record; fields governed by a verb go through it. ``version``: the one the caller has read.

    ``"sources"`` beside the fields says where they come from.
    """
    values: Mapping[str, Any] = data
    said: list[sourcing.Said] = []
    if "sources" in data:
        values, said = sourcing.split(entity, data, place or intake.place_for(current()))

    def edit(record: Any, actor: Actor) -> None:
        found = intake.take(entity, values, place or intake.place_for(actor), actor, creating=False, record=record)
        apply(entity, record, found, actor)

    with operation() as done:
        record = on_record(entity, key, "changed", "change", edit, version=version)
        sourcing.note(done, entity, key, said)
        return record


def apply(
    entity: Entity, record: Any, found: intake.Intake, actor: Actor, teams: Callable[..., str | None] | None = None
) -> None:  # fmt: skip
    """Bring a held record to parsed values; single and bulk writes share it."""
    old_currency, owner = getattr(record, "currency", None), getattr(record, "owner_id", None)
    queued = found.queue and found.queue != record.team_id
    if found.values.get("owner_id", owner) != owner or queued or placed.elsewhere(record, found.values):
        scope.guard_owner(entity, actor, record)
    custom.assign(record, found.values)
    if found.queue:
        record.wait_in(found.queue)
    elif "owner_id" in found.values and entity.is_record and (owner or record.owner_id):  # else it waits where it did
        record.team_id = (teams or team_of)(record.owner_id, actor)
    intake.settle_amounts(entity, record, found.amounts, old_currency)
    record.own_tags = found.own_tags
    for verb, args in found.verbs.items():
        getattr(record, verb)(**args)


def act(entity: Entity, key: str, verb: str, args: Mapping[str, Any], *, version: int | None = None) -> Any:
    """Carry out an action of the model by name, with arguments from outside."""
    method = verb_of(entity, verb, args)

    def carry_out(record: Any, actor: Actor) -> None:
        perform(entity, record, method, args, actor)

    return on_record(entity, key, verb, method.right, carry_out, version=version)


def verb_of(entity: Entity, verb: str, args: Mapping[str, Any]) -> Any:
    """The action of this name; raises NotFound, and Invalid for arguments that it does not take."""
    method: Any = actions_of(entity.model).get(verb)
    if method is None:
        known = ", ".join(sorted(actions_of(entity.model))) or "none"
        raise NotFound(f"{entity.plural} have no action “{verb}”. Known: {known}.")
    unknown = [name for name in args if name not in method.takes]
    if unknown:
        raise Invalid.at(unknown[0], f"“{verb}” takes: {', '.join(method.takes)}.", "unknown_field")
    return method


def perform(entity: Entity, record: Any, method: Any, args: Mapping[str, Any], actor: Actor) -> None:
    """Call an action of a held record with arguments from outside."""
    found = intake.take(entity, args, intake.place_for(actor), actor, creating=False, record=record)
    given = {entity.fields.by_attname[name].name: value for name, value in found.values.items()}
    given |= {name: value for each in found.verbs.values() for name, value in each.items()}
    try:
        method(record, **given)
    except TypeError as error:
        raise Invalid.at(method.__name__, _("Some arguments are missing."), "required") from error


def put_in_bin(entity: Entity, key: str, *, version: int | None = None, right: str = "delete") -> Any:
    """Bin a record; it can be restored. ``right``: "change" suffices to take back one's own creation."""

    def bin_it(record: Any, actor: Actor) -> None:
        record.binned_at = now()

    if not entity.is_record:
        raise Forbidden(f"{entity.plural} are switched off, not deleted.")
    return on_record(entity, key, "binned", right, bin_it, version=version)


def restore(entity: Entity, key: str) -> Any:
    """Take a record out of the bin."""

    def take_out(record: Any, actor: Actor) -> None:
        if record.merged_into:
            raise Refused(_("It was merged into another; undo the merge to part them again."))
        record.binned_at = None

    return on_record(entity, key, "restored", "delete", take_out, binned=True)


def on_record(
    entity: Entity, key: str, verb: str, right: str, edit: Callable[[Any, Actor], None], *,
    version: int | None = None, binned: bool = False,
) -> Any:  # fmt: skip
    """The frame of every write to an existing record; a write that changes nothing leaves no trace."""
    with operation() as done:
        actor = current()
        record = rows.load(entity, key, actor, right, lock=True, binned=binned)
        rows.expect(record, version)
        before = rows.values_of(record)
        edit(record, actor)
        save(entity, record, before, verb, done)
        return record


def save(
    entity: Entity,
    record: Any,
    before: dict[str, Any],
    verb: str,
    done: Operation,
    *,
    reverting: bool = False,
) -> bool:
    """Settle and store an edited record with everything beside it; False when nothing changed.

    ``reverting``: the values are those of a former state, derived ones included; nothing is settled or told anew, but
    formulas are reckoned.
    """
    if reverting:
        reckoning.settle(entity, record)
    else:
        settle(entity, record, before)
    after = rows.values_of(record)
    changed = rows.differing(before, after)
    if not changed:
        if entity.has_tags:
            tagging.keep([(record, None, None)], done.actor)
        return False
    was = record.version
    record.version = was + 1
    record.updated_at, record.updated_by = done.at, done.actor.id
    try:
        rows.update(record, changed, was)
    except db.IntegrityError as error:
        raise clash(error) from error
    follow(done, entity, record, verb, before, reverting=reverting)
    return True


def follow(
    done: Operation,
    entity: Entity,
    record: Any,
    verb: str,
    before: dict[str, Any] | None,
    *,
    reverting: bool = False,
) -> None:
    """What every write leaves behind, in the same transaction."""
    after = rows.values_of(record)
    changed = list(after) if before is None else rows.differing(before, after)
    old = None if before is None else {name: before.get(name) for name in changed}
    new = {name: after.get(name) for name in changed if before is not None or after[name] not in (None, "", {})}
    history.write([history.row(done, entity.key, record.id, verb, record.version, old, new)])
    born = _beside(done, entity, record, before, reverting) if entity.is_record else []
    if entity.has_tags:
        tagging.keep([(record, before["tags"] if before else None, record.tags)], done.actor)
    tally = totals.Tally(entity)
    tally.add(before, -1)
    tally.add(after, +1)
    tally.write()
    if before is None:
        searching.index(entity, record.id, after, born)
    else:
        searching.follow(entity, [(record.id, before, after)])
    if entity.takes_fields:
        custom.keep(entity, [(record.id, before, after)])
    if entity.is_record and not reverting:
        if not done.reverting:
            carry_out(record.consequences(before), of=record.id)
        notices.gather(done, entity, record, before)
    names = () if before is None else entity.every.named(changed)
    stream.emit(
        f"{entity.key}.{verb}", entity.key, record.id, record.version, at=done.at_param, actor=done.actor.id,
        operation=done.id, fields=names,
    )  # fmt: skip
    lead_on(entity, record, before, changed)


def _beside(
    done: Operation, entity: Entity, record: Any, before: dict[str, Any] | None, reverting: bool
) -> list[Any]:  # fmt: skip
    """Side tables, parts and timelines of a business record; the rows of side tables that came with it."""
    born: list[Any] = [] if reverting else record.children(before)
    rows.insert_children(born, done.id)
    if before is not None:
        rows.correct(record.corrections(before))
        parts.follow(entity, [(record.id, before["binned_at"], record.binned_at)])
    timeline.tell(done, entity, record, before, reverting=reverting)
    latest.keep(entity, record, before)
    return born


def lead_on(entity: Entity, record: Any, before: dict[str, Any] | None, changed: Iterable[str]) -> None:
    """What follows from a stored record for the set-up and in the background; single and bulk writes share it."""
    if entity.configuration:
        snapshot.touch()
        uphold(record, before)
    if before is None:
        enqueue_for_new(entity, record)
        return
    for name in dict.fromkeys((*entity.every.named(changed), *changed)) if entity.jobs_on_change else ():
        if name in entity.jobs_on_change:
            enqueue(entity.jobs_on_change[name], {"key": record.id}, key=record.id)


def uphold(record: Any, before: dict[str, Any] | None) -> None:
    """What holds after every change of the set-up; raises Refused where it would not."""
    try:
        upholding.changed(record, before)
    except upholding.Broken as broken:
        raise Refused(broken, field=broken.field) from broken


def enqueue_for_new(entity: Entity, record: Any) -> None:
    """The jobs that follow from what a new record has."""
    for name, job in entity.jobs_on_create.items():
        if getattr(record, name):
            enqueue(job, {"key": record.id}, key=record.id)


def carry_out(consequences: Iterable[Consequence], of: str = "") -> None:
    """Write what follows from a write, past the actor's grants: whoever may do the one causes the other.

    ``of``: the record that leads; what follows does not flow back to it.
    """
    with operation() as done:
        first = of not in done.leading
        done.leading.add(of)
        try:
            for each in consequences:
                if each.key in (None, of) or each.key not in done.leading:
                    _follow(each)
        finally:
            if first:
                done.leading.discard(of)


def _follow(each: Consequence) -> None:
    entity = registry.get(each.entity)
    with trusted(f"follows: {each.entity}"):
        if each.values is None:
            put_in_bin(entity, str(each.key), right="change")
        elif each.key is None:
            create(entity, each.values)
        else:
            change(entity, each.key, each.values)


def clash(error: Exception) -> Conflict:
    """A unique value that is already taken, in words."""
    text = str(error).lower()
    if "external" in text:
        return Conflict(_("A record with this external_id exists."), errors=_taken("external_id"))
    if "email" in text:
        return Conflict(_("Somebody with this e-mail address exists."), errors=_taken("email"))
    return Conflict(_("This is already there."))


def _taken(field: str) -> list[dict[str, str]]:
    return [{"field": field, "code": "taken", "message": _("Already taken.")}]
