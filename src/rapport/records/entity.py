"""One declaration per business object, and the registry that holds them. Declarations hold data, no logic."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.db import models

from rapport.records import checks, kinds
from rapport.records.errors import BadQuery, Unseen
from rapport.records.fields import Money, Text
from rapport.records.layout import Board, Card, Panel, View


@dataclass(frozen=True, slots=True)
class KeepLatest:
    """Carry the newest value of moment ``of`` up to ``field`` of every parent that is an ``on`` (in ``table``)."""

    on: str
    table: str
    field: str
    of: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity, derived from the model. ``compare`` is the column that filters and sorts look at."""

    name: str
    attname: str
    column: str
    compare: str
    label: Any
    kind: kinds.Kind
    required: bool = False
    read_only: bool = False
    verb: str | None = None
    nullable: bool = True
    money_currency: str = ""
    default: Any = None

    @property
    def relation(self) -> str | None:
        """The entity a relation points to."""
        return self.kind.to if isinstance(self.kind, kinds.RelationKind) else None


class Entity:
    """How a business object is found, shown, permitted, moved in and out. Subclass, fill in, ``@register``.

    ``part_of``: the relation to the record that ours are part of: who sees or changes that one sees or changes them,
    and they go into the bin with it. ``lends``: the field whose words find that record. ``seldom``: fields that lists
    leave out unless asked for.
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
    seldom: ClassVar[Sequence[str]] = ()
    column_kinds: ClassVar[Mapping[str, kinds.Kind]] = {}
    keeps_latest: ClassVar[Sequence[KeepLatest]] = ()
    jobs_on_change: ClassVar[Mapping[str, str]] = {}
    side_tables: ClassVar[Sequence[type[models.Model]]] = ()
    grants: ClassVar[Mapping[str, str]] = {}

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
    def has_tags(self) -> bool:
        return "tags" in self.fields

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Every field by its name on the wire."""
        found = {"id": _system(self, "id", kinds.RelationKind(self.key))}
        for column in self.model._meta.concrete_fields:
            kind = self.column_kinds.get(column.name) or getattr(column, "kind", None)
            if isinstance(kind, kinds.Kind) and not (self.part_of and isinstance(kind, kinds.TagsKind)):
                field = _derive(self, column, kind)
                found[field.name] = field
        if hasattr(self.model, "about_entity"):
            found["about"] = _about(self)
        text = kinds.TextKind(300)
        for name in ("external_id", "external_source"):
            found[name] = _system(self, name, text, read_only=False)
        for name in ("created_at", "updated_at"):
            found[name] = _system(self, name, kinds.MomentKind())
        found["created_by"] = _system(self, "created_by", kinds.RelationKind("user"))
        found["version"] = _system(self, "version", kinds.NumberKind())
        return found

    @cached_property
    def whole(self) -> "Entity":
        """The entity that ours are part of."""
        return registry.get(str(self.field(self.part_of).relation))

    @cached_property
    def parts(self) -> "tuple[Entity, ...]":
        """The entities whose records are part of ours."""
        return tuple(other for other in registry if other.part_of and other.whole is self)

    @cached_property
    def usual(self) -> tuple[str, ...]:
        """The fields that a list gives by itself."""
        return tuple(name for name in self.fields if name not in self.seldom)

    @cached_property
    def inner(self) -> dict[str, tuple[str, str]]:
        """Relations whose targets lie within what another field names: see :func:`lies_within`."""
        relations = (known for known in self.fields.values() if known.relation and known.name != "id")
        return {known.name: found for known in relations if (found := lies_within(self, known))}

    @cached_property
    def by_attname(self) -> dict[str, Field]:
        return {field.attname: field for field in self.fields.values()}

    @cached_property
    def money_fields(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields.values() if isinstance(field.kind, kinds.MoneyKind))

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """Attribute names that search looks at, most weighty first."""
        return tuple(self.field(name).attname for name, _w in sorted(self.search.items(), key=lambda pair: pair[1]))

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

    @cached_property
    def lists(self) -> dict[str, View]:
        """The named lists by key; an entity that names none has one of everything."""
        views = self.views or (View("all", self.label_plural, self.icon),)
        return {view.key: view for view in views}

    def title_of(self, instance: Any) -> str:
        """What people call this record."""
        return str(getattr(instance, self.title) or "")

    def url(self, key: str) -> str:
        """The record's page."""
        return f"/{self.plural}/{key}"


def _column(entity: Entity, name: str) -> Any:
    """The Django field called ``name``."""
    return entity.model._meta.get_field(name)


def _system(entity: Entity, name: str, kind: kinds.Kind, read_only: bool = True) -> Field:
    column = str(_column(entity, name).column)
    nullable = name not in ("id", "created_at", "updated_at", "version", "external_source")
    return Field(name, name, column, column, name.replace("_", " "), kind, read_only=read_only, nullable=nullable)


def _derive(entity: Entity, column: Any, kind: kinds.Kind) -> Field:
    name = column.name.replace("address_", "address.")
    compare = column.column
    if isinstance(kind, kinds.TextKind) and kind.folded:
        key = column.folded if isinstance(column, Text) else f"{column.name}_key"
        compare = str(_column(entity, str(key)).column)
    if isinstance(column, Money) and column.base:
        compare = column.base
    return Field(
        name=name, attname=column.attname, column=column.column, compare=compare, label=column.verbose_name,
        kind=kind, required=name in entity.required, verb=entity.verbs.get(name), nullable=column.null,
        read_only=name in entity.read_only or not column.editable,
        money_currency=column.currency if isinstance(column, Money) else "",
        default=column.get_default() if column.has_default() else None,
    )  # fmt: skip


def _about(entity: Entity) -> Field:
    return Field("about", "about", "about_id", "about_id", "about", kinds.AboutKind())


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
        self._by_key[entity.key] = self._by_plural[entity.plural] = entity
        self._by_model[entity.model] = entity

    def freeze(self) -> None:
        """Check every declaration and close the registry."""
        problems = [problem for entity in self for problem in checks.problems(entity, self._by_key)]
        if problems:
            raise RuntimeError("\n".join(problems))
        self.frozen = True

    def __iter__(self) -> Iterator[Entity]:
        return iter(self._by_key.values())

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def get(self, key: str) -> Entity:
        """By key (``party``); raises KeyError."""
        return self._by_key[key]

    def at(self, plural: str) -> Entity:
        """By the name in URLs (``parties``); raises NotFound."""
        found = self._by_plural.get(plural)
        if found is None:
            raise Unseen(f"There is no “{plural}”. Known: {', '.join(sorted(self._by_plural))}.")
        return found

    def panels_on(self, key: str) -> list[tuple[Entity, Panel]]:
        """What entities contribute to the cards of entity ``key``, each with its own."""
        upper_floors_first = reversed(list(self))
        return [(entity, panel) for entity in upper_floors_first for panel in entity.panels if panel.on == key]

    def of(self, instance: models.Model) -> Entity:
        """The entity of a model instance."""
        return self._by_model[type(instance)]


registry = Registry()


def lies_within(entity: Entity, known: Field) -> tuple[str, str] | None:
    """(Attribute here, column there) when what a relation points to always lies within what another field names.

    A deal's stage lies within the deal's pipeline, since a stage requires one.
    """
    target = registry.get(str(known.relation))
    for name in target.required:
        there, here = target.fields[name], entity.fields.get(name)
        if there.relation and here is not None and here.relation == there.relation and target.key != entity.key:
            return here.attname, there.column
    return None


def register(cls: type[Entity]) -> type[Entity]:
    """Put an entity on the register."""
    registry.add(cls())
    return cls
