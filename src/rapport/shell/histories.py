"""The history of a record in words: who changed which field from what to what."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.platform import db
from rapport.records import Entity, kinds, registry, timeline_read
from rapport.records.entity import Field
from rapport.shell import rights
from rapport.shell.views import facts

SOURCES = {
    "api": gettext_lazy("through the API"), "import": gettext_lazy("by import"), "cli": gettext_lazy("by command line"),
    "job": gettext_lazy("by a job"), "bulk": gettext_lazy("with many others"),
    "automation": gettext_lazy("by automation"), "assistant": gettext_lazy("through an assistant"),
}  # fmt: skip
# What follows from other fields says nothing new.
SILENT = ("stage_since",)
# What changes of these tell besides fields.
BESIDE: dict[str, dict[str, Any]] = {
    "role": {"grants": rights.told, "fields": rights.told_fields},
    "user": {"roles": rights.told_roles},
}


def of(entity: Entity, key: str, after: str | None = None) -> dict[str, Any]:
    """The changes of a record, newest first: {entries: [{id, at, actor, words, source, lines}], next_url}."""
    found = timeline_read.changes(entity, key, limit=20, after=after)
    titles = _titles(entity, found.entries)
    following = f"{entity.url(key)}/changes?after={found.next}" if found.next else None
    return {"entries": [_told(entity, each, titles) for each in found.entries], "next_url": following}


def told(entity: Entity, change: dict[str, Any]) -> dict[str, Any]:
    """One change in words."""
    return _told(entity, change, _titles(entity, [change]))


def begun(entity: Entity, change: dict[str, Any]) -> list[dict[str, Any]]:
    """What a new record began with, as lines of a change."""
    after, titles = change["after"] or {}, _titles(entity, [change])
    usual = {name: entity.fields[name].default for name in entity.seen(entity.form or entity.columns)}
    names = [name for name, default in usual.items() if after.get(name) not in (None, "", [], {}, default)]
    names = [name for name in names if not isinstance(entity.fields[name].kind, kinds.AboutKind)]
    return [_line(entity, entity.fields[name], {}, after, titles) for name in names]


def _told(entity: Entity, change: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    before, after = change["before"] or {}, change["after"] or {}
    names = [name for name in dict.fromkeys((*before, *after)) if name in entity.fields and name not in SILENT]
    lines = [_line(entity, entity.fields[name], before, after, titles) for name in names]
    if change["verb"] == "created":
        lines = []
    for name, words in BESIDE.get(entity.key, {}).items():
        if name in before or name in after:
            lines = words(before.get(name) or {}, after.get(name) or {})
    source = SOURCES.get(change["source"], "")
    return {
        "id": change["id"], "at": change["at"], "actor": change["actor"], "words": _words(change["verb"]),
        "source": str(source), "lines": lines, "operation": change["operation"],
    }  # fmt: skip


def _words(verb: str) -> str:
    known = {
        "created": _("created this"), "changed": _("changed"), "binned": _("put this in the bin"),
        "restored": _("took this out of the bin"), "reverted": _("undid a change"),
        "merged": _("merged"), "repointed": _("followed a merge"),
        "granted": _("changed what it may do"), "appointed": _("changed the roles"),
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
    return facts.fact(known, {**values, **row}, False)


def _titles(entity: Entity, changes: Iterable[dict[str, Any]]) -> dict[str, str]:
    """The titles of everything the changes refer to: one query per entity."""
    wanted: dict[str, set[str]] = {}
    for change in changes:
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
