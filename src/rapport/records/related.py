"""Fields of related records, named by the way to them: ``party.industry``, ``custom.plant.owner``.

Filters, sorts, groups and columns all follow the same way. Where a related record is out of the reader's scope, its
fields are empty; the reference alone tells that there is one.
"""

from dataclasses import dataclass, fields
from typing import Any

from rapport.platform.actor import Actor
from rapport.records.entity import Entity, registry
from rapport.records.errors import BadQuery
from rapport.records.field import Field

HOPS = 2
UNTOLD = ("id", "version", "about", "external_source")  # what nobody would look for in a column


@dataclass(frozen=True, slots=True, kw_only=True)
class Related(Field):
    """A field as it is seen from a record related to its own: ``way`` leads there, ``entity`` has it as ``there``.

    It is never written from here.
    """

    way: tuple[Field, ...]
    entity: Entity
    there: Field

    @property
    def heading(self) -> str:
        """Where from and what: "Customer › Industry"."""
        return " › ".join(each.heading for each in (*self.way, self.there))

    @property
    def holder(self) -> str:
        """The name of the related record's id."""
        return ".".join([*(each.name for each in self.way), "id"])


def reached(entity: Entity, name: str) -> tuple[tuple[Field, ...], Entity, Field]:
    """(The relations on the way, the entity they lead to, its field) of a name; raises BadQuery for an unknown one."""
    way: list[Field] = []
    found = entity
    known, rest = found.step(name)
    while rest:
        if not known.relation:
            raise BadQuery(f"“{known.name}” is no relation; “{name}” cannot be asked of {entity.plural}.")
        way.append(known)
        if len(way) > HOPS:
            raise BadQuery(f"“{name}” goes too far: a question reaches over {HOPS} relations at most.")
        found = registry.get(known.relation)
        known, rest = found.step(rest)
    return tuple(way), found, known


def field_of(entity: Entity, name: str) -> Field:
    """The field called so, of the entity or of what it is related to; raises BadQuery naming those there are."""
    own = entity.fields.get(name)
    if own is not None:
        return own
    way, there, known = reached(entity, name)
    before = ".".join(each.name for each in way)
    told: dict[str, Any] = {each.name: getattr(known, each.name) for each in fields(Field)}
    told |= {
        "name": name, "label": f"{' › '.join(each.heading for each in way)} › {known.label}", "read_only": True,
        "required": False, "money_currency": f"{before}.{known.money_currency}" if known.money_currency else "",
    }  # fmt: skip
    return Related(**told, way=way, entity=there, there=known)


def shown(entity: Entity, name: str, actor: Actor) -> Field | None:
    """The field that a column of this name shows; None for what is no column, or not his to see."""
    own = entity.fields.get(name)
    if own is not None:
        return None if name in UNTOLD else own
    try:
        found = field_of(entity, name)
    except BadQuery:
        return None
    if not isinstance(found, Related) or found.there.name in UNTOLD:
        return None
    return found if all(actor.may(str(each.relation), "view") for each in found.way) else None


def relations(entity: Entity, actor: Actor) -> list[tuple[Field, Entity]]:
    """The relations whose records the actor may see, with what they lead to; those to business records come first."""
    ways = [each for each in entity.fields.values() if each.name != "id" and each.relation]
    found = [(each, registry.get(str(each.relation))) for each in ways if actor.may(str(each.relation), "view")]
    found.sort(key=lambda way: (not way[1].is_record or way[1].configuration, way[0].name == "created_by"))
    return found
