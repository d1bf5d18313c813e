"""What an organisation has added to the product, as every worker holds it: fields of its own, and objects.

A custom object is an entity like any other: a row describes it, its records stand in one table with those of the
others, and all it knows but a name are custom fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.platform import db
from rapport.platform.actor import LEVELS
from rapport.platform.identity import snapshot
from rapport.records import custom
from rapport.records.entity import Entity, Field, Fields, registry
from rapport.records.layout import Board, Calendar, Card, Map, Panel, Section, View
from rapport.records.models import CustomField, CustomObject, CustomRecord
from rapport.records.wording.words import EVERY_LANGUAGE, Words, renamed

COLUMNS = 6
SHOWN = 1
# What the seeded roles may do with an object of the organisation's own, until somebody says otherwise.
GRANTS = {
    "manager": {"view": "all", "add": "all", "change": "all", "delete": "all", "export": "all"},
    "sales": {"view": "all", "add": "own", "change": "own", "delete": "own"},
    "service": {"view": "all", "add": "own", "change": "own", "delete": "own"},
    "readonly": {"view": "all"},
}


@dataclass(frozen=True, slots=True)
class Own:
    """``entities``: objects by key; ``fields``: of every entity that has some of its own, or words for some, all its
    fields; ``words``: by entity, what the organisation calls things otherwise."""

    entities: dict[str, Entity] = field(default_factory=dict)
    fields: dict[str, Fields] = field(default_factory=dict)
    words: dict[str, Words] = field(default_factory=dict)

    @property
    def grants(self) -> dict[str, dict[tuple[str, str], int]]:
        """By role: how far it may do what, unless the role says otherwise."""
        return {
            role: {(key, verb): LEVELS[level] for key in self.entities for verb, level in verbs.items()}
            for role, verbs in GRANTS.items()
        }


@snapshot.part("own")
def _load() -> Own:
    rows = CustomObject._default_manager.raw("SELECT * FROM custom_object WHERE binned_at IS NULL ORDER BY id")
    objects = {row.key: row for row in rows}
    known = {entity.key for entity in registry.declared} | set(objects)
    fields: dict[str, dict[str, Field]] = {}
    sql = "SELECT * FROM custom_field WHERE binned_at IS NULL ORDER BY entity, position IS NULL, position, id"
    for row in CustomField._default_manager.raw(sql):
        if row.entity in known and (row.kind != "relation" or row.target in known):
            made = custom.field_of(row)
            fields.setdefault(row.entity, {})[made.name] = made
    entities = {key: _entity(row, fields.get(key, {})) for key, row in objects.items()}
    called, merged = _called(), {}
    for key in known & (fields.keys() | called.keys()):
        entity = entities.get(key) or registry.get(key)
        declared = {name: renamed(each, called.get(key, {})) for name, each in entity.declared.items()}
        merged[key] = Fields(entity, {**declared, **fields.get(key, {})})
    return Own(entities, merged, called)


def _called() -> dict[str, Words]:
    """By entity and what it is the word for: the words of each language."""
    found: dict[str, Any] = {}
    for entity, part, language, word in db.rows(
        "SELECT entity, part, language, name FROM wording WHERE binned_at IS NULL ORDER BY id"
    ):
        found.setdefault(entity, {}).setdefault(part, {})[language or EVERY_LANGUAGE] = word
    return dict(found)


def _entity(row: CustomObject, own: Mapping[str, Field]) -> Entity:
    """The entity that a row describes."""
    shown = [name for name, known in own.items() if known.kind.slot][:COLUMNS]
    first = [name for name, known in own.items() if not known.section]
    links = [known for known in own.values() if known.relation and known.relation not in ("user", "team")]
    panels = [_panel(row, link, shown) for link in links]
    first_day = next((name for name, known in own.items() if known.kind.name in ("date", "moment")), None)
    day = row.calendar_by if row.calendar_by in own else first_day
    board, total = (name if name in own else "" for name in (row.board_by or "", row.board_total or ""))
    countries = [name for name, known in own.items() if known.kind.name == "country"]
    views = [View("all", row.plural_name, row.icon)]
    views += [View("board", _("Board"), "kanban", shape="board")] if board else []
    slots = {
        "model": CustomRecord, "within": row.key, "key": row.key, "plural": row.plural, "label": row.name,
        "label_plural": row.plural_name, "icon": row.icon, "section": row.section, "teaches": row.teaches or "",
        "named": row.title_name or "", "views": tuple(views),
        "columns": ("name", *shown, "owner"), "filters": tuple(shown), "form": ("name", *own, "owner"),
        "card": Card(sections=(Section(row.name, ("name", *first, "owner", "tags")),)), "panels": tuple(panels),
        "parents": tuple(link.name for link in links), "search": {"name": "A"}, "sorts": ("created_at", "name"),
        "board": Board(board, total, kept=False) if board else None, "calendar": Calendar(day) if day else None,
        "map": Map(countries[0]) if countries else None,
        "default_sort": "name", "required": ("name",), "match_on": ("external_id", "name"),
    }  # fmt: skip
    return type("OwnEntity", (Entity,), slots)()


def _panel(row: CustomObject, link: Field, shown: list[str]) -> Panel:
    """Where a record is linked to, its card shows what links to it."""
    return Panel(
        str(link.relation), link.name, row.plural_name, row.icon, [name for name in shown if name != link.name][:SHOWN]
    )
