"""One field of an entity: derived from its model, or made by the organisation."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rapport.platform import db
from rapport.records import kinds
from rapport.records.fields import Money, Text
from rapport.records.formulas import Formula

if TYPE_CHECKING:
    from rapport.records.entity import Entity


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity, derived from the model or made by the organisation.

    ``compare`` is the column that filters and sorts look at. A field of the organisation's own has no columns: its
    value stands in ``custom`` under ``key``, and what it is compared by in ``custom_value`` beside its number ``mark``.
    One with a ``formula`` is worked out by every write.
    """

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
    mark: int | None = None
    section: str = ""
    help: str = ""
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()
    searched: bool = False
    formula: Formula | None = None

    @property
    def relation(self) -> str | None:
        """The entity a relation points to."""
        return self.kind.to if isinstance(self.kind, kinds.RelationKind) else None

    @property
    def heading(self) -> str:
        """The label as it stands by itself; the organisation's own as it was written."""
        return str(self.label) if self.mark is not None else str(self.label).capitalize()

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
