"""One declaration per business object, and the registry that holds them. Declarations hold data, no logic."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.platform.actor import current_or_none
from rapport.platform.identity import snapshot
from rapport.records import checks, essential, field, kinds
from rapport.records.errors import BadQuery, Unseen
from rapport.records.field import Field, Fields
from rapport.records.layout import ANY, Board, Calendar, Card, Duplicates, Map, Panel, View, fits
from rapport.records.layouts import arranging
from rapport.records.wording import words


@dataclass(frozen=True, slots=True)
class KeepLatest:
    """Carry the newest value of moment ``of`` up to ``field`` of every parent that is an ``on`` (in ``table``)."""

    on: str
    table: str
    field: str
    of: str


class Entity:
    """How a business object is found, shown, permitted, moved in and out. Subclass, fill in, ``@register``.

    ``part_of``: the relation to the record that ours are part of: who sees or changes that one sees or changes them,
    and they go into the bin with it. ``lends``: the field whose words find that record. ``seldom``: fields that lists
    leave out unless asked for. ``within``: the table is shared with other objects, and this is what ours are marked by
    there; ``named``: what the title is called. ``kept``: never removed for good, as records hang on it.
    ``plain``: fields from which nothing follows, so that many records are given a value by one statement.
    ``copies``: fields of what ours are part of whose values they hold too: what is withheld there is withheld here.
    ``territory``: "own" where rules of territories say in which a record lies, else the relation to the record whose
    territory is ours.
    ``called``: the words it comes with, by what they name (see :mod:`wording.words`).
    ``jobs_on_change``, ``jobs_on_create``: by field, the job that follows when it changes, when a new record has it.
    """

    model: ClassVar[type[models.Model]]
    key: ClassVar[str]
    plural: ClassVar[str]
    label: ClassVar[Any]
    label_plural: ClassVar[Any]
    icon: ClassVar[str] = "circle"
    title: ClassVar[str] = "name"
    parents: ClassVar[Sequence[str]] = ()
    section: ClassVar[str] = ""
    teaches: ClassVar[Any] = ""
    views: ClassVar[Sequence[View]] = ()
    columns: ClassVar[Sequence[str]] = ()
    filters: ClassVar[Sequence[str]] = ()
    form: ClassVar[Sequence[str]] = ()
    card: ClassVar[Card] = Card()
    panels: ClassVar[Sequence[Panel]] = ()
    sorts: ClassVar[Sequence[str]] = ("created_at",)
    default_sort: ClassVar[str] = "-created_at"
    search: ClassVar[Mapping[str, str]] = {}
    found_by: ClassVar[Sequence[str]] = ()
    board: ClassVar[Board | None] = None
    calendar: ClassVar[Calendar | None] = None
    map: ClassVar[Map | None] = None
    counted_by: ClassVar[str | None] = None
    split: ClassVar[str | None] = None
    verbs: ClassVar[Mapping[str, str]] = {}
    read_only: ClassVar[Sequence[str]] = ()
    required: ClassVar[Sequence[str]] = ()
    match_on: ClassVar[Sequence[str]] = ("external_id",)
    tells_itself: ClassVar[bool] = True
    configuration: ClassVar[bool] = False
    offers: ClassVar[Mapping[str, Any]] = {}
    personal: ClassVar[bool] = False
    part_of: ClassVar[str] = ""
    lends: ClassVar[str] = ""
    copies: ClassVar[Sequence[str]] = ()
    seldom: ClassVar[Sequence[str]] = ()
    column_kinds: ClassVar[Mapping[str, kinds.Kind]] = {}
    keeps_latest: ClassVar[Sequence[KeepLatest]] = ()
    jobs_on_change: ClassVar[Mapping[str, str]] = {}
    jobs_on_create: ClassVar[Mapping[str, str]] = {}
    plain: ClassVar[Sequence[str]] = ()
    side_tables: ClassVar[Sequence[type[models.Model]]] = ()
    grants: ClassVar[Mapping[str, str]] = {}
    kept: ClassVar[bool] = False
    duplicates: ClassVar[Duplicates | None] = None
    within: ClassVar[str] = ""
    named: ClassVar[str] = ""
    territory: ClassVar[str] = ""
    called: ClassVar[Mapping[str, Any]] = {}

    @cached_property
    def table(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def is_record(self) -> bool:
        """True for business records (owner, team, bin); False for users and teams."""
        return hasattr(self.model, "binned_at")

    @cached_property
    def is_shareable(self) -> bool:
        """True for business records; set-up is everybody's, a part goes with its whole."""
        return self.is_record and not self.configuration and not self.part_of

    @cached_property
    def is_queueable(self) -> bool:
        """True for what can wait in a queue until somebody takes it."""
        return self.is_shareable and not self.personal and not self.declared["owner"].read_only

    @cached_property
    def has_tags(self) -> bool:
        return "tags" in self.declared

    @property
    def every(self) -> Fields:
        """Every field by its name on the wire: the declared ones, then the organisation's own."""
        held = snapshot.held() if self.takes_fields else snapshot.known()
        own: dict[str, Fields] = held.parts["own"].fields if held else {}
        return own.get(self.key) or self.declared

    @property
    def fields(self) -> Fields:
        """Those that the actor at work sees, as he may use them; see :mod:`records.field_rights`."""
        if not self.takes_fields:
            return self.every
        held = snapshot.held()
        every: Fields = held.parts["own"].fields.get(self.key) or self.declared
        rights = held.parts["field_rights"]
        actor = current_or_none() if self.key in rights.limits else None
        if actor is None or actor.id is None:
            return every
        withheld = rights.seen(actor, self.key, held.grants)
        return every.without(withheld) if withheld else every

    @property
    def arranged(self) -> arranging.Arrangement:
        """How the actor at work has its cards, forms and lists laid out."""
        return arranging.of(self)

    def seen(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of these fields, also of related records, that the actor at work sees."""
        return tuple(name for name in names if self._sees(name))

    def _sees(self, path: str) -> bool:
        first, dot, rest = path.partition(".")
        if path in self.fields:
            return True
        through = self.fields.get(first) if dot else None
        return through is not None and registry.get(str(through.relation))._sees(rest)

    @cached_property
    def essential(self) -> frozenset[str]:
        """Fields without which nobody could work with the object: see :mod:`records.essential`."""
        return essential.of(self)

    @cached_property
    def takes_fields(self) -> bool:
        """True when an organisation can add fields of its own: to business records, not to its set-up."""
        return self.is_record and not self.configuration

    def needed(self, given: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """What a new record with these values, by name, cannot do without; without values: what any cannot."""
        own = self.every.own if self.takes_fields else ()
        needs = (each for each in own if each.required and (fits(dict(each.only), given) if given else not each.only))
        return (*self.required, *(each.name for each in needs))

    @cached_property
    def declared(self) -> Fields:
        """The fields that the model has."""
        found = {"id": field.system(self, "id", kinds.RelationKind(self.key))}
        for column in self.model._meta.concrete_fields:
            kind = self.column_kinds.get(column.name) or getattr(column, "kind", None)
            if isinstance(kind, kinds.Kind) and not (self.part_of and isinstance(kind, kinds.TagsKind)):
                known = field.derived(self, column, kind)
                found[known.name] = known
        if hasattr(self.model, "about_entity"):
            found["about"] = field.about()
        text = kinds.TextKind(300)
        for name in ("external_id", "external_source"):
            found[name] = field.system(self, name, text, read_only=False)
        for name in ("created_at", "updated_at"):
            found[name] = field.system(self, name, kinds.MomentKind())
        found["created_by"] = field.system(self, "created_by", kinds.RelationKind("user"))
        found["version"] = field.system(self, "version", kinds.NumberKind())
        return Fields(self, found)

    @cached_property
    def whole(self) -> "Entity":
        """The entity that ours are part of."""
        return registry.get(str(self.declared[self.part_of].relation))

    def lies_within(self, known: Field) -> tuple[str, str] | None:
        """(Attribute here, column there) when what a relation points to always lies within what another field names.

        A deal's stage lies within the deal's pipeline, since a stage requires one.
        """
        target = registry.get(str(known.relation))
        for name in target.required:
            there, here = target.declared[name], self.declared.get(name)
            if there.relation and here is not None and here.relation == there.relation and target.key != self.key:
                return here.attname, there.column
        return None

    @cached_property
    def parts(self) -> "tuple[Entity, ...]":
        """The entities whose records are part of ours."""
        return tuple(other for other in registry if other.part_of and other.whole is self)

    @cached_property
    def indexed_sorts(self) -> frozenset[str]:
        return frozenset(self.sorts)

    def field(self, name: str) -> Field:
        """The field called ``name``; raises BadQuery naming the nearest ones."""
        found = self.fields.get(name)
        if found is None:
            close = difflib.get_close_matches(name, self.fields, n=1)
            hint = f" Did you mean “{close[0]}”?" if close else ""
            raise BadQuery(
                f"{self.plural} have no field “{name}”.{hint}",
                errors=[{"field": name, "code": "unknown_field", "message": ", ".join(sorted(self.fields))}],
                fields=sorted(self.fields),
            )
        return found

    def step(self, path: str) -> tuple[Field, str]:
        """The field that a path begins with, and the rest of it: ``custom.plant.city`` -> (``custom.plant``, ``city``).

        Raises BadQuery for a field that there is not.
        """
        if path in self.fields:
            return self.fields[path], ""
        parts = path.split(".")
        for at in range(len(parts) - 1, 0, -1):
            if (name := ".".join(parts[:at])) in self.fields:
                return self.fields[name], ".".join(parts[at:])
        return self.field(path), ""

    @property
    def kept_board(self) -> Board | None:
        """Its board, where every write keeps the totals of it."""
        return self.board if self.board and self.board.kept else None

    def shows(self, view: View) -> bool:
        """True when the actor at work sees what a list of this shape goes by."""
        shape: Any = {"board": self.board, "calendar": self.calendar, "map": self.map}.get(view.shape)
        return shape is None or bool(self.seen([shape.by]))

    @cached_property
    def lists(self) -> dict[str, View]:
        """The named lists by key; an entity that names none has one of everything. Calendar and map are the last."""
        views = self.views or (View("all", self.label_plural, self.icon),)
        if self.calendar and not any(view.shape == "calendar" for view in views):
            views = (*views, View("calendar", _("Calendar"), "calendar", shape="calendar"))
        if self.map and not any(view.shape == "map" for view in views):
            views = (*views, View("map", _("Map"), "map", shape="map"))
        return {view.key: view for view in views}

    def title_of(self, instance: Any) -> str:
        """What people call this record."""
        return str(getattr(instance, self.title) or "")

    @cached_property
    def rows(self) -> str:
        """SQL for all its rows, past every scope."""
        if not self.within:
            return f'"{self.table}"'
        return f"""(SELECT * FROM "{self.table}" WHERE object = '{self.within}')"""

    def url(self, key: str) -> str:
        """The record's page."""
        return f"/{self.plural}/{key}"


class Registry:
    """Every entity by key and by plural; frozen after start-up."""

    def __init__(self) -> None:
        self._by_key: dict[str, Entity] = {}
        self._by_plural: dict[str, Entity] = {}
        self._by_model: dict[type[models.Model], Entity] = {}
        self.frozen = False

    def add(self, entity: Entity) -> None:
        if self.frozen:
            raise RuntimeError(f"the registry is frozen; {entity.key} came too late")
        words.dress(entity)
        self._by_key[entity.key] = self._by_plural[entity.plural] = entity
        self._by_model[entity.model] = entity

    def freeze(self) -> None:
        """Check every declaration and close the registry."""
        problems = [problem for entity in self.declared for problem in checks.problems(entity, self._by_key)]
        if problems:
            raise RuntimeError("\n".join(problems))
        self.frozen = True

    @property
    def declared(self) -> tuple[Entity, ...]:
        """The product's own."""
        return tuple(self._by_key.values())

    @staticmethod
    def _own() -> Mapping[str, Entity]:
        """The organisation's, as this process holds them; before anybody has come there are none."""
        held = snapshot.known()
        return held.parts["own"].entities if held else {}

    def __iter__(self) -> Iterator[Entity]:
        yield from self._by_key.values()
        yield from self._own().values()

    def __contains__(self, key: str) -> bool:
        return key in self._by_key or key in self._own()

    def get(self, key: str) -> Entity:
        """By key (``party``); raises KeyError."""
        found = self._by_key.get(key)
        return found if found is not None else self._own()[key]

    def at(self, plural: str) -> Entity:
        """By the name in URLs (``parties``); raises NotFound."""
        found = self._by_plural.get(plural)
        if found is None:
            found = self._own_at(plural)
        if found is None:
            raise Unseen(f"There is no “{plural}”. Known: {', '.join(sorted(each.plural for each in self))}.")
        return found

    def _own_at(self, plural: str) -> Entity | None:
        """An object of the organisation's own; it may have been made since this process last asked."""
        for _turn in range(2):
            found = next((own for own in self._own().values() if own.plural == plural), None)
            if found is not None or not self.frozen:
                return found
            snapshot.current()
        return None

    def panels_on(self, key: str) -> list[tuple[Entity, Panel]]:
        """What entities contribute to the cards of entity ``key``, each with its own."""
        upper_floors_first, target = reversed(list(self)), self.get(key)
        wide = ANY if target.takes_fields and not target.part_of else key
        return [
            (entity, panel) for entity in upper_floors_first for panel in entity.panels
            if panel.on == key or (panel.on == wide and entity is not target)
        ]  # fmt: skip

    def of(self, instance: Any) -> Entity:
        """The entity of a model instance."""
        found = self._by_model.get(type(instance))
        return found if found is not None else self.get(instance.object)


registry = Registry()


def register(cls: type[Entity]) -> type[Entity]:
    """Put an entity on the register."""
    registry.add(cls())
    return cls
