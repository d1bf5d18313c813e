"""The filters in force as chips, and the fields that can be asked about."""

from typing import Any

import orjson
from django.http import QueryDict
from django.utils.translation import gettext as _

from rapport.platform.actor import current
from rapport.platform.identity import snapshot
from rapport.records import kinds, registry
from rapport.records.entity import Entity, Field
from rapport.records.errors import BadQuery, Problem
from rapport.records.related import HOPS
from rapport.shell.lists.conditions import asked_of, family
from rapport.shell.lists.sayings import Titles, said, titles_of
from rapport.shell.lists.state import HIDDEN, State, state_of
from rapport.shell.lists.tree import groups_of, is_condition, put

# What people seldom ask about stands at the end of the menu.
LATE = ("external_id", "updated_at", "created_by", "currency")


def chips(state: State) -> list[dict[str, Any]]:
    """Groups of chips: ``{chips: [{label, op, value, edit_url, remove_url}], or_url}``."""
    groups = groups_of(state.tree)
    titles = titles_of(state.entity, state.tree) if groups else {}
    found = []
    for at, group in enumerate(groups):
        listed = [_chip(state, condition, f"{at}.{n}", titles) for n, condition in enumerate(group)]
        found.append({"chips": listed, "at": at, "or_url": state.url("filter", at=f"{at}.")})
    return found


def box(entity: Entity, name: str, tree: Any) -> dict[str, Any]:
    """A condition as chips in a form."""
    query = QueryDict(mutable=True)
    query["box"] = name
    if tree:
        query["filter"] = orjson.dumps(tree).decode()
    state = state_of(entity, query)
    return {"state": state, "groups": chips(state)}


def _chip(state: State, condition: Any, at: str, titles: Titles) -> dict[str, Any]:
    label, op, value = said(state.entity, condition, titles)
    edit = state.url("filter", at=at) if _editable(state.entity, condition) else ""
    remove = state.but(tree=put(state.tree, at, None)).url("filter/box" if state.box else "")
    return {"label": label, "op": op, "value": value, "edit_url": edit, "remove_url": remove, "at": at}


def _editable(entity: Entity, condition: Any) -> bool:
    try:
        return is_condition(condition) and bool(asked_of(entity, condition).code)
    except Problem:
        return False


def askable(state: State, at: str) -> list[dict[str, Any]]:
    """The menu of fields: those often asked first, then all, then those of related records."""
    entity = state.entity
    often = [name for name in entity.filters if name in entity.fields and family(entity.fields[name])]
    rest = [n for n, known in entity.fields.items() if n not in often and n not in HIDDEN and family(known)]
    rest.sort(key=lambda name: (name in LATE, str(entity.fields[name].label).lower()))
    first = [_field(state, entity.fields[name], name, at) for name in often]
    if entity.is_queueable and snapshot.held().queues:
        first.append({**_field(state, entity.fields["team"], "team", at), "label": _("Queue"), "icon": "inbox"})
    groups = [
        {"label": "", "fields": first},
        {"label": _("More") if often else "", "fields": [_field(state, entity.fields[n], n, at) for n in rest]},
    ]
    groups += [_related(state, through, (), at) for through in _relations(entity)]
    return [group for group in groups if group["fields"]]


def reached(state: State, via: str, at: str) -> list[dict[str, Any]]:
    """The menu of what a related record is related to: ``via`` names the way, as ``party.company``."""
    entity = state.entity
    path: list[Field] = []
    for name in via.split("."):
        through = entity.field(name)
        if not through.relation or len(path) == HOPS:
            raise BadQuery(_("“%(name)s” is no field of this list.") % {"name": via})
        path.append(through)
        entity = registry.get(through.relation)
    return [_related(state, path[-1], tuple(path[:-1]), at)]


def _relations(entity: Entity) -> list[Field]:
    """The relations that a filter follows."""
    return [
        known for known in entity.fields.values()
        if known.relation not in (None, "user") and known.name not in ("team", "id")
    ]  # fmt: skip


def _related(state: State, through: Field, before: tuple[Field, ...], at: str) -> dict[str, Any]:
    """What can be asked of the records that ``through`` points to, reached by the relations ``before``."""
    related = registry.get(str(through.relation))
    if not current().may(related.key, "view"):
        return {"label": "", "fields": []}
    names = [name for name in (related.filters or related.columns) if name in related.fields]
    way = (*before, through)
    path, label = ".".join(each.name for each in way), " › ".join(each.heading for each in way)
    fields = [
        _field(state, related.fields[name], f"{path}.{name}", at, f"{label} › ")
        for name in names
        if family(related.fields[name]) and not related.fields[name].relation
    ]
    if len(way) < HOPS:
        fields += [
            {"name": "", "label": f"{label} › {each.heading} …", "icon": icon(each),
             "url": state.url("filter", via=f"{path}.{each.name}", at=at)}
            for each in _relations(related)
        ]  # fmt: skip
    return {"label": label, "fields": fields}


def _field(state: State, known: Field, name: str, at: str, before: str = "") -> dict[str, Any]:
    label = f"{before}{known.heading}"
    return {"name": name, "label": label, "icon": icon(known), "url": state.url("filter", field=name, at=at)}


_ICONS = {
    "email": "mail", "phone": "phone", "url": "globe", "country": "globe", "choice": "tag", "multi_choice": "tag",
    "tags": "tag",
    "number": "hash", "money": "banknote", "date": "calendar", "moment": "clock", "yes_no": "square-check",
    "decimal": "hash", "amount": "banknote", "long_text": "file-text", "filter": "list-filter", "currency": "banknote",
}  # fmt: skip


def icon(known: Field) -> str:
    """The sign of a field's kind."""
    if isinstance(known.kind, kinds.RelationKind):
        return {"user": "user-round", "team": "users"}.get(known.kind.to, registry.get(known.kind.to).icon)
    return _ICONS.get(known.kind.name, "type")
