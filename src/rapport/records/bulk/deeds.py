"""What can be done to many records, and doing it to a slice of them.

A deed stores as JSON: ``{"do": "change", "data": {"owner": …}}``, ``{"do": "add", "field": "tags", "values": […]}``,
``{"do": "remove", …}``, ``{"do": "act", "verb": …, "args": {…}}``, ``{"do": "take"}``, ``{"do": "bin"}``,
``{"do": "restore"}``.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.records import binning, custom, intake, kinds, rows, scope, tagging, write
from rapport.records.bulk import plainly, saving
from rapport.records.entity import Entity, Field
from rapport.records.errors import Bad, Invalid, Problem, Stale, Unseen
from rapport.records.operation import Operation, part
from rapport.records.queues import taking

Edit = Callable[[Any], None]
CHANGES = ("change", "add", "remove", "take")
DEEDS = (*CHANGES, "act", "bin", "restore")


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed: ``do`` says which, the rest what with."""

    do: str
    data: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    field: str = ""
    values: Sequence[str] = ()
    verb: str = ""
    args: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """As a row keeps it."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value}


@dataclass(slots=True)
class Outcome:
    """What came of it: ids changed, how many were so already, ids left alone with the reason."""

    changed: list[str] = dataclasses.field(default_factory=list)
    same: int = 0
    left: list[tuple[str, Problem]] = dataclasses.field(default_factory=list)


def check(entity: Entity, deed: Deed, actor: Actor) -> None:
    """Refuse a deed that is not understood or not permitted, before any record is touched."""
    if deed.do not in DEEDS or (deed.do in ("bin", "restore") and not entity.is_record):
        raise Invalid.at("do", _("That cannot be done here."), "choice")
    if deed.do == "take" and not entity.is_queueable:
        raise Invalid.at("do", _("That cannot be done here."), "choice")
    scope.level(entity, actor, right_of(entity, deed))
    _editor(entity, deed, actor)


def right_of(entity: Entity, deed: Deed) -> str:
    """The right that it takes on each record."""
    if deed.do == "act":
        return str(write.verb_of(entity, deed.verb, deed.args).right)
    return "change" if deed.do in CHANGES else "delete"


def carry_out(entity: Entity, deed: Deed, keys: list[str], done: Operation) -> Outcome:
    """Do it to these records inside the open operation; those that refuse are left alone."""
    if deed.do == "bin":
        found = binning.put_in_bin(entity, keys, done)
        return Outcome(found.binned, 0, found.failed)
    if deed.do == "change" and (plain := _plain(entity, deed, keys, done)) is not None:
        return plain
    return _one_by_one(entity, deed, keys, done)


def _plain(entity: Entity, deed: Deed, keys: list[str], done: Operation) -> Outcome | None:
    """What is done by a few statements where nothing follows from the field that is set; None where it is not so."""
    if not entity.plain or set(deed.data) - set(entity.plain):
        return None
    found = intake.take(entity, deed.data, intake.place_for(done.actor), done.actor, creating=False)
    known = plainly.field_of(entity, found)
    if known is None:
        return None
    changed, same = plainly.give(entity, known, found.values[known.attname], keys, done)
    rest = set(keys) - {*changed, *same}  # not there, or not to be changed: found singly, with the reason
    outcome = _one_by_one(entity, deed, [key for key in keys if key in rest], done) if rest else Outcome()
    moved = {*changed, *outcome.changed}
    return Outcome([key for key in keys if key in moved], len(same) + outcome.same, outcome.left)


def _one_by_one(entity: Entity, deed: Deed, keys: list[str], done: Operation) -> Outcome:
    """Each record read, edited and settled; what they leave behind stored together."""
    right = right_of(entity, deed)
    verb = {"act": deed.verb, "take": "take", "restore": "restored"}.get(deed.do, "changed")
    edit, outcome, binned = _editor(entity, deed, done.actor), Outcome(), deed.do == "restore"
    held = rows.load_many(entity, keys, done.actor, lock=True, binned=binned)
    versions = {key: record.version for key, record in held.items()}
    ready, singly = _edited(entity, edit, keys, held, right, done.actor, outcome)
    try:
        with part(done):
            changed = saving.save(entity, ready, verb, done)
    except (db.IntegrityError, Stale):  # one of them stands in the way: each for itself finds it
        changed, singly = set(), [record.id for record, _before in ready] + singly
    for key in singly:
        try:
            with part(done):
                record = write.on_record(entity, key, verb, right, lambda record, actor: edit(record), binned=binned)
            if record.version != versions[key]:
                changed.add(key)
        except Problem as problem:
            outcome.left.append((key, problem))
    outcome.changed = [key for key in keys if key in changed]
    outcome.same = len(keys) - len(changed) - len(outcome.left)
    return outcome


def _edited(
    entity: Entity, edit: Edit, keys: Iterable[str], held: Mapping[str, Any], right: str, actor: Actor, outcome: Outcome
) -> tuple[list[tuple[Any, dict[str, Any]]], list[str]]:
    """(Records edited and settled, each with its values before; ids of those that go the single way)."""
    allowed = _allowed(entity, held.values(), right, actor)
    ready, singly = [], []
    teams = _Teams()
    for key in keys:
        try:
            record = held.get(key)
            if record is None:
                raise Unseen(f"There is no {str(entity.label).lower()} {key}.")
            if key not in allowed:
                scope.refuse(entity, right)
            before = rows.values_of(record)
            edit(record)
            write.settle(entity, record, before, teams)
            if saving.moves_others(entity, record, before):
                singly.append(key)
            else:
                ready.append((record, before))
        except Problem as problem:
            outcome.left.append((key, problem))
    return ready, singly


def _allowed(entity: Entity, records: Iterable[Any], right: str, actor: Actor) -> set[str]:
    """Ids of those that the actor may do it to."""
    if right == "change":
        owned = ((each.id, getattr(each, "owner_id", None), getattr(each, "team_id", None)) for each in records)
        return scope.changeable(entity, actor, owned)
    return {each.id for each in records if scope.permits(entity, actor, right, each)}


class _Teams(dict[str | None, str | None]):
    """The team of each owner, asked once."""

    def __call__(self, owner: str | None, actor: Actor) -> str | None:
        if owner not in self:
            self[owner] = write.team_of(owner, actor)
        return self[owner]


def _editor(entity: Entity, deed: Deed, actor: Actor) -> Edit:
    """What brings one held record to what is asked; raises for values that are not understood."""
    place = intake.place_for(actor)
    if deed.do == "change":
        return _change(entity, deed.data, place, actor)
    if deed.do == "act":
        method = write.verb_of(entity, deed.verb, deed.args)
        return lambda record: write.perform(entity, record, method, deed.args, actor)
    if deed.do == "take":
        take = taking.taker(entity)
        return lambda record: take(record, actor)
    return _listing(entity, deed, place, actor) if deed.do in ("add", "remove") else _take_out


def _listing(entity: Entity, deed: Deed, place: kinds.Place, actor: Actor) -> Edit:
    known = entity.field(deed.field)
    try:
        if isinstance(known.kind, kinds.TagsKind):
            return _tag(deed, actor)
        if isinstance(known.kind, kinds.MultiChoiceKind) and not known.read_only:
            return _several(known, deed, place)
    except Bad as bad:
        raise Invalid.at("values", str(bad), bad.code) from bad
    raise Invalid.at("field", _("That cannot be done here."), "choice")


def _take_out(record: Any) -> None:
    record.binned_at = None


def _change(entity: Entity, data: Mapping[str, Any], place: kinds.Place, actor: Actor) -> Edit:
    """Values are parsed once; titles that are looked for within a record's own, once per such place."""
    if not data:
        raise Invalid.at("data", _("Choose what to change."), "required")
    known: dict[tuple[Any, ...], intake.Intake] = {}
    within = [entity.fields.inner[name][0] for name in intake.flatten(data) if name in entity.fields.inner]
    if not within:
        known[()] = intake.take(entity, data, place, actor, creating=False)
    teams = _Teams()

    def edit(record: Any) -> None:
        where = tuple(getattr(record, name) for name in within)
        if where not in known:
            known[where] = intake.take(entity, data, place, actor, creating=False, record=record)
        write.apply(entity, record, known[where], actor, teams)

    return edit


def _tag(deed: Deed, actor: Actor) -> Edit:
    """Tags are added to what is there, or taken from it; personal ones beside the shared."""
    shared, own = tagging.split(tagging.resolve(deed.values, actor))
    chosen, adds = set((shared or "").split()), deed.do == "add"

    def edit(record: Any) -> None:
        held = set((record.tags or "").split())
        record.tags = tagging.pack(held | chosen if adds else held - chosen)
        if own:
            mine = tagging.own_of([record.id], actor).get(record.id, set())
            record.own_tags = sorted(mine | set(own) if adds else mine - set(own))

    return edit


def _several(known: Field, deed: Deed, place: kinds.Place) -> Edit:
    """Values of a list are added to it, or taken from it, the others kept in their order."""
    asked: Any = known.kind.parse(list(deed.values), place)
    chosen: list[str] = known.kind.wire(asked, place)
    if not chosen:
        raise Invalid.at("values", _("Choose at least one."), "required")

    def edit(record: Any) -> None:
        value = getattr(record, known.attname)
        held = list(value or ()) if known.mark is not None else known.kind.wire(value, place)
        kept = [each for each in held if each not in chosen] if deed.do == "remove" else held
        more = [] if deed.do == "remove" else [each for each in chosen if each not in held]
        made = known.kind.parse([*kept, *more], place)
        if made is None and known.required:
            raise Invalid.at(known.name, _("This is needed."), "required")
        wire = known.mark is not None and made is not None
        custom.assign(record, {known.attname: known.kind.wire(made, place) if wire else made})

    return edit
