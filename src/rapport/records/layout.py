"""How an entity is laid out: its named lists, its card, its form, its panels on other cards. Data, no logic."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ANY = "*"  # the cards of all business records


@dataclass(frozen=True, slots=True)
class View:
    """A list with a name of its own: a place in the navigation and a tab above the list.

    ``filter`` is a tree of the filter language; ``go`` the letter that ``g`` is followed by; ``new`` what a record
    begun from here already holds, ``form`` the fields it asks for; ``one`` what one of them is called;
    ``shape``: table, board, calendar or map.
    """

    key: str
    label: Any
    icon: str = ""
    filter: Any = None
    columns: Sequence[str] = ()
    sort: str = ""
    shape: str = "table"
    go: str = ""
    one: Any = None
    form: Sequence[str] = ()
    new: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Duplicates:
    """By what two records are recognised as one, and that they can be merged.

    ``compare``: the manner in which each field is compared (see ``duplicates.manners``). ``apart``: records that
    differ in this field are never the same. ``shared``: what records that belong together have in common (a household
    its address and family name): all of it taken together tells no more than that they belong together. An
    organisation's own fields are compared as well.
    """

    compare: Mapping[str, str]
    apart: str = ""
    shared: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under a heading on the card.

    ``only``: shown when the record's fields have these values, or one of several given as a tuple.
    """

    label: Any
    fields: Sequence[str]
    only: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """A record's page: what stands in its head as chips, then sections of fields; ``composer``: contacts are logged."""

    header: Sequence[str] = ()
    sections: Sequence[Section] = ()
    composer: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """A box on the card of entity ``on``: our records whose relation ``by`` names that record.

    ``fields``: shown beside the title; ``filter`` narrows; ``total`` a money field that is summed; ``sort`` must be one
    that an index on (``by``, sort) gives, or empty for the newest first; ``only`` as in :class:`Section`.
    """

    on: str
    by: str
    label: Any
    icon: str = ""
    fields: Sequence[str] = ()
    filter: Any = None
    sort: str = "-created_at"
    total: str = ""
    limit: int = 6
    only: Mapping[str, Any] = field(default_factory=dict)
    new: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """A column of a board: a stage, or a value of a choice. ``kind``: open, won or lost; ``probability`` in percent;

    ``stuck_days``: what rests longer is marked; ``track``: the pipeline it belongs to; ``value``: what records hold,
    where the id is not that.
    """

    id: str
    name: str
    kind: str = "open"
    probability: int | None = None
    stuck_days: int | None = None
    position: int = 0
    track: str | None = None
    value: str | None = None

    @property
    def stored(self) -> str:
        """What a record in this column has in its field; empty for nothing."""
        return self.id if self.value is None else self.value


@dataclass(frozen=True, slots=True)
class Board:
    """Cards in columns ``by`` a choice or a relation.

    ``total``: money that columns sum; ``period``: the date whose month closed sums go by; ``since``: the moment a
    record entered its column (indexed with ``by``); ``won``/``lost``: values of a choice that close; ``steps`` and
    ``tracks`` give the columns of a relation and the orders they stand in. ``kept``: every write keeps its totals; else
    they are counted when it is looked at.
    """

    by: str
    total: str = ""
    period: str = ""
    since: str = ""
    won: Sequence[str] = ()
    lost: Sequence[str] = ()
    steps: Callable[[], Mapping[str, Step]] | None = None
    tracks: Callable[[], Sequence[tuple[str, str]]] | None = None
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Calendar:
    """Records on the days of ``by``, a date or a moment; ``live``: what others are shown fainter than."""

    by: str
    live: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Map:
    """Records by country: ``by`` names it, a field of the record or of one it is related to; ``within``: fields for the
    parts of a country, the larger ones first; ``total``: money that is summed.
    """

    by: str
    within: Sequence[str] = ()
    total: str = ""


@dataclass(frozen=True, slots=True)
class Consequence:
    """A write that follows from another in the same operation: ``values`` for record ``key``, or for a new record.

    ``values`` None puts the record in the bin.
    """

    entity: str
    values: Mapping[str, Any] | None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What ``user`` should hear of a write: a ``reason`` in one word, and what is told beside the record's title."""

    user: str
    reason: str
    summary: Mapping[str, Any] = field(default_factory=dict)


def fits(only: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """True when the record's fields have the values that ``only`` asks for; a tuple holds alternatives."""
    return all(
        value_of(record, name) in value if isinstance(value, tuple) else value_of(record, name) == value
        for name, value in only.items()
    )


def value_of(record: Mapping[str, Any], name: str) -> Any:
    """A field as read, nested or flat."""
    group, dot, part = name.partition(".")
    return (record.get(group) or {}).get(part) if dot and name not in record else record.get(name)


def named_in(tree: Any) -> list[str]:
    """The fields that a filter asks about."""
    if not isinstance(tree, dict):
        return []
    for word in ("and", "or"):
        if word in tree and isinstance(tree[word], list):
            return [name for part in tree[word] for name in named_in(part)]
    if "not" in tree:
        return named_in(tree["not"])
    return [tree["field"]] if isinstance(tree.get("field"), str) else []
