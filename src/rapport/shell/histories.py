"""The history of a record in words: who changed which field from what to what."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.keys import parse_key
from rapport.records import Entity, kinds, registry, revert, timeline_read
from rapport.records.entity import Field
from rapport.shell import placing, queues, rights
from rapport.shell.views import facts

SOURCES = {
    "api": gettext_lazy("through the API"), "import": gettext_lazy("by import"), "cli": gettext_lazy("by command line"),
    "job": gettext_lazy("by a job"), "bulk": gettext_lazy("with many others"),
    "automation": gettext_lazy("by automation"), "territory": gettext_lazy("by the rules of territories"),
    "assistant": gettext_lazy("through an assistant"),
}  # fmt: skip
# What follows from other fields says nothing new.
SILENT = ("stage_since",)
# What changes of these tell besides fields.
BESIDE: dict[str, dict[str, Any]] = {
    "role": {"grants": rights.told, "fields": rights.told_fields},
    "user": {"roles": rights.told_roles},
    "team": {"members": queues.told_members},
    "territory": {"people": placing.told_people},
}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which changes of a record are asked for: of one field, by one person."""

    field: str = ""
    by: str = ""

    def query(self, **more: str) -> str:
        """As an address says it."""
        given = {"field": self.field, "by": self.by, **more}
        return urlencode({name: value for name, value in given.items() if value})


ALL = Narrowed()


def asked(request: HttpRequest) -> Narrowed:
    """As the address says it."""
    by = request.GET.get("by", "")
    return Narrowed(request.GET.get("field", ""), parse_key(by) or "" if by else "")


def of(entity: Entity, key: str, after: str | None = None, narrowed: Narrowed = ALL) -> dict[str, Any]:
    """The changes of a record, newest first: {entries: [{id, at, actor, words, source, lines, undo}], next_url, …}."""
    field = entity.field(narrowed.field) if narrowed.field else None
    found = timeline_read.changes(entity, key, limit=20, after=after, field=field, by=narrowed.by)
    following = f"{entity.url(key)}/changes?{narrowed.query(after=found.next)}" if found.next else None
    entries = together([(entity, each) for each in found.entries], field.name if field else "")
    for entry in entries:
        entry["undo"] = _undo(entry)
    offers = offered(entity, key, narrowed) if after is None else None
    return {"entries": entries, "next_url": following, "offers": offers}


def _undo(entry: dict[str, Any]) -> str | None:
    """The operation that the reader may take back from here."""
    actor, by = current(), entry["actor"]["id"] if entry["actor"] else None
    at = dt.datetime.fromisoformat(entry["at"])
    alone = entry["lines"] and entry["verb"] not in ("created", "merged", "repointed")
    allowed = alone and revert.is_allowed(by, at, actor.id, "admin" in actor.roles)
    return entry["operation"] if allowed else None


def offered(entity: Entity, key: str, narrowed: Narrowed) -> dict[str, Any]:
    """By what the history of a record can be narrowed: its fields, and the people who changed it."""
    known = [each for each in entity.fields.values() if each.name not in ("id", "version", *SILENT)]
    fields = sorted(((each.name, each.heading) for each in known), key=lambda one: one[1].lower())
    return {"fields": fields, "people": timeline_read.authors(key), "field": narrowed.field, "by": narrowed.by}


def told(entity: Entity, change: dict[str, Any]) -> dict[str, Any]:
    """One change in words."""
    return together([(entity, change)])[0]


def together(changes: Sequence[tuple[Entity, dict[str, Any]]], only: str = "") -> list[dict[str, Any]]:
    """Changes of several records in words; ``only`` one field of them, then also what a new record began with."""
    titles = _titles(changes)
    return [_told(entity, change, titles, only) for entity, change in changes]


def begun(entity: Entity, change: dict[str, Any]) -> list[dict[str, Any]]:
    """What a new record began with, as lines of a change."""
    after, titles = change["after"] or {}, _titles([(entity, change)])
    usual = {name: entity.fields[name].default for name in entity.seen(entity.form or entity.columns)}
    names = [name for name, default in usual.items() if after.get(name) not in (None, "", [], {}, default)]
    names = [name for name in names if not isinstance(entity.fields[name].kind, kinds.AboutKind)]
    return [_line(entity, entity.fields[name], {}, after, titles) for name in names]


def _told(entity: Entity, change: dict[str, Any], titles: dict[str, str], only: str) -> dict[str, Any]:
    before, after = change["before"] or {}, change["after"] or {}
    names = [name for name in dict.fromkeys((*before, *after)) if name in entity.fields and name not in SILENT]
    lines = [
        _line(entity, entity.fields[name], before, after, titles)
        for name in names
        if (name == only if only else change["verb"] != "created")
    ]
    for name, words in BESIDE.get(entity.key, {}).items():
        if name in before or name in after:
            lines = words(before.get(name) or {}, after.get(name) or {})
    source = SOURCES.get(change["source"], "")
    return {
        "id": change["id"], "at": change["at"], "actor": change["actor"], "verb": change["verb"],
        "words": _words(change["verb"]),
        "source": str(source), "lines": lines, "operation": change["operation"],
    }  # fmt: skip


def _words(verb: str) -> str:
    known = {
        "created": _("created this"), "changed": _("changed"), "binned": _("put this in the bin"),
        "restored": _("took this out of the bin"), "reverted": _("undid a change"),
        "merged": _("merged"), "repointed": _("followed a merge"),
        "granted": _("changed what it may do"), "limited": _("changed the fields it may see"),
        "appointed": _("changed the roles"),
        "queue": _("put this in a queue"), "take": _("took this"), "staffed": _("changed its people"),
        "closed": _("closed this"), "opened": _("opened this again"),
        "shared": _("shared this"), "unshared": _("stopped sharing this"),
    }  # fmt: skip
    return known.get(verb, _("did: %(verb)s") % {"verb": verb.replace("_", " ")})


def _line(
    entity: Entity, known: Field, before: dict[str, Any], after: dict[str, Any], titles: dict[str, str]
) -> dict[str, Any]:
    return {
        "label": known.heading,
        "before": _shown(entity, known, before, titles),
        "after": _shown(entity, known, after, titles),
    }


def _shown(entity: Entity, known: Field, values: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    value = values.get(known.name)
    key = value.get("id") if isinstance(value, dict) else value
    if known.relation and value:
        value = {"id": key, "title": titles.get(str(key), "…")}
    group, dot, part = known.name.partition(".")
    row = {group: {part: value}} if dot else {known.name: value}
    if known.name == "owner" and not value and (team := values.get("team")):  # it waits there
        row["team"] = {"id": team, "title": titles.get(str(team), "…")}
    return facts.fact(known, {**values, **row}, False)


def _titles(changes: Sequence[tuple[Entity, dict[str, Any]]]) -> dict[str, str]:
    """The titles of everything the changes refer to: one query per entity."""
    wanted: dict[str, set[str]] = {}
    for entity, change in changes:
        for values in (change["before"] or {}, change["after"] or {}):
            for name, value in values.items():
                known = entity.fields.get(name)
                if known and known.relation and isinstance(value, str):
                    wanted.setdefault(known.relation, set()).add(value)
    found: dict[str, str] = {}
    for key, ids in wanted.items():
        related = registry.get(key)
        marks = ", ".join(["%s"] * len(ids))
        column = related.field(related.title).column
        sql = f'SELECT id, "{column}" FROM "{related.table}" WHERE id IN ({marks})'
        found |= {str(db.unkey(raw)): title for raw, title in db.rows(sql, [db.key(each) for each in ids])}
    return found
