"""What can be done with one record, from its entity's declaration and the actor's rights."""

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import current
from rapport.records import Panel, read, registry, scope
from rapport.records.actions import actions_of
from rapport.records.entity import Entity
from rapport.records.intake import QUEUE
from rapport.records.kinds import ChoiceKind
from rapport.records.layout import ANY, fits
from rapport.records.read import Query
from rapport.shell import queues
from rapport.shell.commands import CHANNELS, leads, usable

MANY = 40
Deed = dict[str, Any]


def of(entity: Entity, record: dict[str, Any]) -> list[Deed]:
    """Actions first, then what is written on its timeline, ways to reach, and what can be created for it."""
    found = [deed for method in actions_of(entity.model).values() for deed in choices(entity, record, method)]
    return [
        *found,
        *_queueing(entity, record),
        *_composer(entity, record),
        *_reach(entity, record),
        *_panels(entity, record),
    ]


def choices(entity: Entity, record: dict[str, Any], method: Any) -> list[Deed]:
    """One line per value the action can be given; a single one when it takes nothing. Empty without the right."""
    if not _may(entity, record, method.right) or not usable(entity, method) or not fits(method.when, record):
        return []
    post = f"{entity.url(record['id'])}/act/{method.__name__}"
    if not method.takes:
        return [{"label": str(method.label), "icon": entity.icon, "post": post}]
    name = method.takes[0]
    held = record.get(name)
    now = held["id"] if isinstance(held, dict) else held
    return [
        {"label": f"{method.label} {title}", "icon": entity.icon, "post": post, "values": {name: value}}
        for value, title in _values(entity, record, name)
        if value != now
    ]


def _may(entity: Entity, record: dict[str, Any], verb: str) -> bool:
    owner, team = (each["id"] if (each := record.get(name)) else None for name in ("owner", "team"))
    return scope.holds(entity, current(), verb, owner, team, record["id"])


def _values(entity: Entity, record: dict[str, Any], name: str) -> list[tuple[str, str]]:
    """What a field can be set to; a relation's targets only within what the record already names."""
    known = entity.fields[name]
    if isinstance(known.kind, ChoiceKind):
        return [(str(value), str(label)) for value, label in known.kind.choices]
    target = registry.get(str(known.relation))
    query = Query(target, fields=("id", target.title), sort=(target.default_sort,), limit=MANY)
    if name in entity.fields.inner:
        here, there = entity.fields.inner[name]
        within = record[entity.fields.by_attname[here].name]
        query.where.append((f't."{there}" = %s', [db.key(within["id"])]))
    return [(row["id"], row[target.title]) for row in read.page(query).items()]


def _queueing(entity: Entity, record: dict[str, Any]) -> list[Deed]:
    """To take what waits, and to put it into one of the queues, each by its name."""
    url, offered = entity.url(record["id"]), queues.offers(entity, record)
    found: list[Deed] = []
    if offered["take"] and "take" not in actions_of(entity.model):
        found.append({"label": _("Take"), "icon": "inbox", "post": f"{url}/take"})
    here = record["team"]["id"] if record.get("team") and not record.get("owner") else ""
    for each in queues.options(entity)[:MANY] if offered["queue"] else ():
        if each["id"] != f"{QUEUE}{here}":
            label = _("Put in the queue %(queue)s") % {"queue": each["title"]}
            found.append({"label": label, "icon": "inbox", "post": f"{url}/queue", "values": {"queue": each["id"]}})
    return found


def _composer(entity: Entity, record: dict[str, Any]) -> list[Deed]:
    if not entity.card.composer or not current().may("interaction", "add"):
        return []
    return [
        {
            "label": str(label), "icon": icon, "words": str(words),
            "url": f"{entity.url(record['id'])}#log-{channel}", "key": {"call": "l", "note": "n"}.get(channel, ""),
        }
        for channel, icon, label, _elsewhere, words in CHANNELS
    ]  # fmt: skip


def _reach(entity: Entity, record: dict[str, Any]) -> list[Deed]:
    """Telephone and mail programs."""
    found = []
    for known in entity.fields.values():
        value = record.get(known.name)
        if value and known.kind.name == "phone":
            found.append({"label": _("Call %(number)s") % {"number": value}, "icon": "phone", "url": f"tel:{value}"})
        elif value and known.kind.name == "email":
            words = _("E-mail to %(address)s") % {"address": value}
            found.append({"label": words, "icon": "mail", "url": f"mailto:{value}"})
    return found


def _panels(entity: Entity, record: dict[str, Any]) -> list[Deed]:
    """What stands in a box on its card can be begun from here."""
    found = []
    for other, panel in registry.panels_on(entity.key):
        makes = panel.on != ANY and current().may(other.key, "add") and leads(f"/{other.plural}/new")
        if makes and _shown(panel, record):
            query = urlencode({panel.by: record["id"], **panel.new})
            one = next((view.one for view in other.views if view.one and view.new == panel.new), None)
            words = _("New %(what)s here") % {"what": one or str(other.label).lower()}
            icon = panel.icon or other.icon
            found.append({"label": words, "icon": icon, "url": f"/{other.plural}/new?{query}", "dialog": True})
    return found


def _shown(panel: Panel, record: dict[str, Any]) -> bool:
    return all(record.get(name) == value for name, value in panel.only.items())


def told(entity: Entity, record: dict[str, Any], method: Any) -> str:
    """What was done, for the toast: by the value that the action set, else by its name."""
    title = record.get(entity.title) or ""
    if method.said:
        return str(method.said % {"title": title})
    if method.takes:
        known = entity.fields[method.takes[0]]
        value = record.get(known.name)
        shown = value["title"] if isinstance(value, dict) else str(value or "")
        if isinstance(known.kind, ChoiceKind):
            shown = str(known.kind.label(value))
        return _("“%(title)s”: %(field)s is now %(value)s") % {"title": title, "field": known.label, "value": shown}
    return _("“%(title)s”: %(verb)s") % {"title": title, "verb": method.label}
