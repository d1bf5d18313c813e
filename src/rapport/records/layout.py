"""How an entity is laid out: its named lists, its card, its form, its panels on other cards. Data, no logic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class View:
    """A list with a name of its own: a place in the navigation and a tab above the list.

    ``filter`` is a tree of the filter language; ``go`` the letter that ``g`` is followed by; ``new`` what a record
    begun from here already holds; ``one`` what one of them is called; ``shape``: table or board.
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
    new: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under a heading on the card. ``only``: shown when the record's fields have these values."""

    label: Any
    fields: Sequence[str]
    only: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """A record's page: what stands in its head as chips, then sections of fields; ``composer``: contacts are logged."""

    header: Sequence[str] = ()
    sections: Sequence[Section] = ()
    composer: bool = False


@dataclass(frozen=True, slots=True)
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
class Consequence:
    """A write that follows from another in the same operation: ``values`` for record ``key``, or for a new record."""

    entity: str
    values: Mapping[str, Any]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What ``user`` should hear of a write: a ``reason`` in one word, and what is told beside the record's title."""

    user: str
    reason: str
    summary: Mapping[str, Any] = field(default_factory=dict)
