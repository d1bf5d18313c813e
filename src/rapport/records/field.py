"""The fields of an entity: derived from its model, or made by the organisation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from rapport.platform import db
from rapport.platform.text import fold
from rapport.records import kinds
from rapport.records.fields import Money, Text
from rapport.records.formulas import Formula
from rapport.records.layout import Section
from rapport.records.rollups import RollUp

if TYPE_CHECKING:
    from rapport.records.entity import Entity


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity, derived from the model or made by the organisation.

    ``compare`` is the column that filters and sorts look at. A field of the organisation's own has no columns: its
    value stands in ``custom`` under ``key``, and what it is compared by in ``custom_value`` beside its number ``mark``.
    One with a ``formula`` is worked out by every write, one with a ``rollup`` from the records that name ours.
    ``guarded``: it is read only to who reads, not to others. ``written``: the organisation has called it so.
    """

    name: str
    attname: str
    column: str
    compare: str
    label: Any
    kind: kinds.Kind
    required: bool = False
    read_only: bool = False
    guarded: bool = False
    written: bool = False
    verb: str | None = None
    nullable: bool = True
    money_currency: str = ""
    default: Any = None
    mark: int | None = None
    section: str = ""
    help: str = ""
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()
    searched: bool = False
    formula: Formula | None = None
    rollup: RollUp | None = None

    @property
    def relation(self) -> str | None:
        """The entity a relation points to."""
        return self.kind.to if isinstance(self.kind, kinds.RelationKind) else None

    @property
    def heading(self) -> str:
        """The label as it stands by itself; the organisation's own as it was written."""
        return str(self.label) if self.written else str(self.label).capitalize()

    @property
    def key(self) -> str:
        """The last part of the name: what an organisation's own field is called in ``custom``."""
        return self.name.rpartition(".")[2]

    def raw(self, alias: str) -> str:
        """SQL for the stored value in the table behind ``alias``."""
        if self.mark is None:
            return f'{alias}."{self.column}"'
        if isinstance(self.kind, kinds.TextKind):
            return f"({alias}.custom ->> '{self.key}')"
        return self.compared(alias)

    def compared(self, alias: str) -> str:
        """SQL for what filters, sorts and groups look at.

        A subquery, not a join: it can follow only from the record, so no planner begins with a common value.
        """
        if self.mark is None:
            return f'{alias}."{self.compare}"'
        place = kinds.Place(sqlite=db.is_sqlite())
        if not self.kind.slot:
            return f"({alias}.custom ->> '{self.key}')"
        found = f"(SELECT c.{self.kind.slot} FROM custom_value c WHERE c.field = {self.mark} AND c.record = {alias}.id)"
        return self.kind.unslotted(found, place)


class Fields(dict[str, Field]):
    """The fields of an entity by their names on the wire, with what follows from them. Never changed once made."""

    def __init__(self, entity: "Entity", found: Mapping[str, Field]) -> None:
        super().__init__(found)
        self.entity = entity

    __hash__ = object.__hash__  # type: ignore[assignment]

    @cached_property
    def _partly(self) -> dict[Any, "Fields"]:
        return {}

    def without(self, withheld: Any) -> "Fields":
        """As somebody sees them from whom some are withheld (a ``field_rights.Withheld``)."""
        found = self._partly.get(withheld)
        if found is None:
            kept = self.entity.essential
            shown = {name: known for name, known in self.items() if name not in withheld.hidden or name in kept}
            for name in withheld.fixed & shown.keys():
                shown[name] = replace(shown[name], read_only=True, guarded=True)
            found = self._partly[withheld] = Fields(self.entity, shown)
        return found

    @cached_property
    def own(self) -> tuple[Field, ...]:
        """Those that the organisation added."""
        return tuple(known for known in self.values() if known.mark is not None)

    @cached_property
    def rolled(self) -> tuple[Field, ...]:
        """Own fields that are roll-ups."""
        return tuple(known for known in self.own if known.rollup)

    @cached_property
    def reckoned(self) -> tuple[tuple[Field, Formula, dict[str, Field | None]], ...]:
        """Own fields with their formula and what it reads, by the names in it; those that others read come first."""
        found: dict[str, tuple[Field, Formula, dict[str, Field | None]]] = {}

        def add(known: Field) -> None:
            if known.formula is None or known.name in found:
                return
            reads = {name: self.called(name) for name in known.formula.names}
            for each in reads.values():
                if each is not None:
                    add(each)
            found[known.name] = known, known.formula, reads

        for known in self.own:
            add(known)
        return tuple(found.values())

    def called(self, name: str) -> Field | None:
        """The field that a formula calls so: own ones also by their key alone."""
        return self.get(name) or self.get(f"custom.{name}")

    @cached_property
    def usual(self) -> tuple[str, ...]:
        """Those that a list gives by itself."""
        return tuple(name for name in self if name not in self.entity.seldom)

    @cached_property
    def inner(self) -> dict[str, tuple[str, str]]:
        """Relations whose targets lie within what another field names: see ``Entity.lies_within``."""
        relations = (known for known in self.values() if known.relation and known.name != "id")
        return {known.name: found for known in relations if (found := self.entity.lies_within(known))}

    @cached_property
    def by_attname(self) -> dict[str, Field]:
        return {known.attname: known for known in self.values()}

    def named(self, attnames: Iterable[str]) -> tuple[str, ...]:
        """The names on the wire of these attributes, as far as they are fields."""
        return tuple(self.by_attname[name].name for name in attnames if name in self.by_attname)

    @cached_property
    def money(self) -> tuple[Field, ...]:
        return tuple(known for known in self.values() if isinstance(known.kind, kinds.MoneyKind))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections of the card as declared; an own field stands in the one it names, or in a further one."""
        card, entity = self.entity.card.sections, self.entity
        found = list(card or (Section(entity.label, entity.form or entity.columns),))
        if self is not entity.declared:  # some may be withheld from who reads
            found = [replace(each, fields=tuple(name for name in each.fields if name in self)) for each in found]
            found = [each for each in found if each.fields]
        placed = {name for section in found for name in section.fields}
        for known in self.own:
            if known.name in placed:
                continue
            label = known.section or _("Further fields")
            at = next((at for at, each in enumerate(found) if fold(str(each.label)) == fold(str(label))), None)
            if at is None:
                found.append(Section(label, (known.name,)))
            else:
                found[at] = replace(found[at], fields=(*found[at].fields, known.name))
        return tuple(found)

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """Attribute names that search looks at, most weighty first."""
        weights = sorted(self.entity.search.items(), key=lambda pair: pair[1])
        return (*(self[name].attname for name, _w in weights), *(each.attname for each in self.own if each.searched))


def _column(entity: "Entity", name: str) -> Any:
    """The Django field called ``name``."""
    return entity.model._meta.get_field(name)


def system(entity: "Entity", name: str, kind: kinds.Kind, read_only: bool = True) -> Field:
    """A field that the engine keeps on every record."""
    column = str(_column(entity, name).column)
    nullable = name not in ("id", "created_at", "updated_at", "version", "external_source")
    return Field(name, name, column, column, name.replace("_", " "), kind, read_only=read_only, nullable=nullable)


def derived(entity: "Entity", column: Any, kind: kinds.Kind) -> Field:
    """A field of the model."""
    name = column.name.replace("address_", "address.")
    compare = column.column
    if isinstance(kind, kinds.TextKind) and kind.folded:
        key = column.folded if isinstance(column, Text) else f"{column.name}_key"
        compare = str(_column(entity, str(key)).column)
    if isinstance(column, Money) and column.base:
        compare = column.base
    return Field(
        name=name, attname=column.attname, column=column.column, compare=compare,
        label=(name == entity.title and entity.named) or column.verbose_name,
        kind=kind, required=name in entity.required, verb=entity.verbs.get(name), nullable=column.null,
        read_only=name in entity.read_only or not column.editable,
        money_currency=column.currency if isinstance(column, Money) else "",
        default=column.get_default() if column.has_default() else None,
    )  # fmt: skip


def about() -> Field:
    """The polymorphic reference."""
    return Field("about", "about", "about_id", "about_id", "about", kinds.AboutKind())
