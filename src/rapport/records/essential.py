"""The fields that an object stands on: no role can have them hidden from it."""

from typing import TYPE_CHECKING

from rapport.records.layout import named_in

if TYPE_CHECKING:
    from rapport.records.entity import Entity

SYSTEM = (
    "id", "created_at", "updated_at", "created_by", "version", "external_id", "external_source", "owner", "team",
    "about",
)  # fmt: skip


def of(entity: "Entity") -> frozenset[str]:
    """What its title, named lists, board and calendar need, what a new record cannot do without, whose it is."""
    known = entity.declared
    found = {*SYSTEM, entity.title, entity.part_of, *entity.required, *entity.verbs}
    found |= {entity.split or "", entity.counted_by or ""}
    found |= {*known.inner, *(known.by_attname[here].name for here, _there in known.inner.values())}
    found |= {entity.default_sort.removeprefix("-"), *(each.money_currency for each in known.money)}
    found |= {entity.board.by, entity.board.since, entity.board.period} if entity.board else set()
    found |= {entity.calendar.by} if entity.calendar else set()
    for view in entity.views:
        named = named_in(view.filter)
        found |= {view.sort.removeprefix("-"), *named, *(name.partition(".")[0] for name in named)}
    return frozenset(found & known.keys())
