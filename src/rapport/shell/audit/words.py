"""Lines of the audit in words: who did what to what, from what to what, through which door."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from rapport.platform.actor import current
from rapport.platform.clock import wire
from rapport.records import registry, revert
from rapport.records.actions import actions_of
from rapport.records.audit import runs
from rapport.records.audit.deeds import Deed, Step
from rapport.records.audit.runs import Work
from rapport.records.audit.stream import Line
from rapport.records.entity import Entity
from rapport.records.models import ExportRun
from rapport.shell import happenings, histories
from rapport.shell.audit import names
from rapport.ui import formats

# So many changed fields are shown in a line, so many are named; what has more records is taken back on its own page.
LINES, FIELDS, UNDONE = 4, 3, 200
VERBS = {
    "created": (_l("created"), "plus"), "binned": (_l("put into the bin:"), "trash-2"),
    "restored": (_l("took out of the bin:"), "undo-2"), "merged": (_l("merged"), "copy"),
    "repointed": (_l("merged"), "copy"), "reverted": (_l("took back changes of"), "undo-2"),
    "granted": (_l("changed the rights of"), "shield-check"),
    "limited": (_l("changed the field rights of"), "shield-check"),
    "appointed": (_l("changed the roles of"), "shield-check"), "removed": (_l("removed"), "trash-2"),
    "queue": (_l("put in a queue:"), "inbox"), "take": (_l("took"), "inbox"),
    "staffed": (_l("changed the people of"), "users"),
    "shared": (_l("shared"), "users"), "unshared": (_l("stopped sharing"), "users"),
}  # fmt: skip
FORMATS = {"csv": "CSV", "xlsx": "Excel", "ndjson": "NDJSON", "vcf": "vCard"}


def lines(found: Sequence[Line]) -> list[dict[str, Any]]:
    """Lines as the page shows them, each with the day it belongs to."""
    works = runs.of([line.key for line in found if line.of == "deed"])
    people = names.of(found)
    told = []
    for line in found:
        if line.of == "deed":
            one = deed(line.told, works.get(line.key), people)
        else:
            one = _export(line.told, people) if line.of == "export" else _sign_in(line.told)
        local = formats.moment(line.at)
        when = {"at": wire(line.at), "day": formats.day(local), "clock": f"{local:%H:%M}"}
        told.append({**one, **when, "of": line.of, "key": line.key})
    return told


def by_day(told: Sequence[dict[str, Any]], last: str) -> list[dict[str, Any]]:
    """Lines by day; a day that the page before ended with is not named again."""
    return [
        {"day": "" if day == last else day, "lines": list(group)}
        for day, group in groupby(told, lambda one: one["day"])
    ]


def deed(found: Deed, work: Work | None, people: dict[str, str]) -> dict[str, Any]:
    """A deed: verb, object, what became of its fields, what may be done about it."""
    lead = next((step for step in found.steps if step.verb == "merged"), found.steps[0])
    alike = [step for step in found.steps if (step.entity, step.verb) == (lead.entity, lead.verb)]
    entity = registry.get(lead.entity) if lead.entity in registry else None
    records = {step.record for step in alike}
    many = work is not None or len(records) > 1 or not found.whole
    shown = _told(alike) if entity else []
    words, icon = _verb(entity, lead.verb, shown)
    return {
        "actor": _person(found.actor, people), "words": words, "icon": icon, "tone": "",
        "what": _many(entity, lead, found, work, len(records)) if many else _one(entity, lead),
        "also": 0 if many else len(found.steps) - len(alike), "file": work.file if work else "",
        "door": _door(found.source), "deltas": [] if many else [line for one in shown for line in one["lines"]][:LINES],
        "undone": bool(work and work.undone), "url": f"/audit/deeds/{found.key}", "work": work.url if work else None,
        "undo": found.key if _may_undo(found, lead, work) else None,
    }  # fmt: skip


def _told(alike: Sequence[Step]) -> list[dict[str, Any]]:
    """The steps that the reader sees, in words."""
    return histories.together([(registry.get(step.entity), step.change) for step in alike if step.change])


def _verb(entity: Entity | None, verb: str, shown: list[dict[str, Any]]) -> tuple[str, str]:
    if verb in VERBS:
        words, icon = VERBS[verb]
        return str(words), icon
    if verb == "changed":
        return _changed(shown), "pencil"
    action = actions_of(entity.model).get(verb) if entity else None
    label = str(action.label) if action else verb.replace("_", " ")  # type: ignore[attr-defined]
    return _("did “%(action)s” with") % {"action": label}, "zap"


def _changed(shown: list[dict[str, Any]]) -> str:
    """What changed, with the fields by name as far as they are few."""
    labels = list(dict.fromkeys(line["label"] for one in shown for line in one["lines"]))
    if not labels:
        return _("changed")
    if len(labels) > FIELDS:
        return ngettext("changed %(num)s field of", "changed %(num)s fields of", len(labels)) % {"num": len(labels)}
    return _("changed %(fields)s of") % {"fields": ", ".join(labels)}


def _one(entity: Entity | None, step: Step) -> dict[str, Any]:
    """The record, by name and with its page where the reader sees it."""
    label = str(entity.label) if entity else step.entity
    if step.title is None:
        return {"title": label, "label": _("not there any more, or not yours to see"), "url": ""}
    return {"title": names.title(step), "label": label.lower(), "url": step.url}


def _many(entity: Entity | None, lead: Step, found: Deed, work: Work | None, records: int) -> dict[str, Any]:
    """How many records it was: as the run counted them, or as they were counted here."""
    if work is not None and work.entity != lead.entity:  # it brought others along: they are counted together
        entity = None
    plural = str(entity.label_plural).lower() if entity else _("records")
    count = work.count if work else found.records.get((lead.entity, lead.verb), records)
    more = "" if work or found.exact else "+"
    return {"title": f"{formats.number(count)}{more} {plural}", "label": "", "url": ""}


def _may_undo(found: Deed, lead: Step, work: Work | None) -> bool:
    """Small deeds are taken back from the line; runs on their own page, and an undoing is none to be undone."""
    if (
        work is not None
        or sum(found.records.values()) > UNDONE
        or lead.verb == "reverted"
        or lead.entity not in registry
        or (lead.verb in ("created", "removed") and not registry.get(lead.entity).is_record)
    ):
        return False
    actor = current()
    return revert.is_allowed(found.actor, found.at, actor.id, "admin" in actor.roles)


def _person(key: str | None, people: dict[str, str]) -> dict[str, str] | None:
    return {"id": key, "title": people.get(key, "…")} if key else None


def _door(source: str) -> str:
    return str(histories.SOURCES.get(source, ""))


def _export(run: ExportRun, people: dict[str, str]) -> dict[str, Any]:
    """An export: how many of what, as which file, from where; of which list, with which fields."""
    count = formats.number(run.rows)
    states = {
        "running": (_("begun, its end is not known"), "warn"),
        "broken": (_("broken off after %(n)s rows") % {"n": count}, "warn"), "done": ("", ""),
    }  # fmt: skip
    state, tone = states.get(run.status, ("", ""))
    return {
        "actor": _person(run.actor, people), "words": _("exported"), "icon": "download", "tone": tone or "info",
        "what": {"title": f"{count} {names.plural(run.entity)}", "url": "",
                 "label": _("as %(format)s") % {"format": FORMATS.get(run.format, run.format)}},
        "state": state, "door": str(histories.SOURCES.get(run.source, "")) if run.source != "export"
        else str(histories.SOURCES["cli"]),
        "from": run.visitor, "narrowed": names.narrowed(run), "fields": names.fields(run),
    }  # fmt: skip


def _sign_in(event: dict[str, Any]) -> dict[str, Any]:
    """What happened at the doors: the user it is about comes first, by whom it was done last."""
    told = happenings.told(event)
    who = event["user"] or event["actor"]
    by = event["actor"]["title"] if event["user"] and event["actor"] else ""
    return {
        "actor": who, "nobody": event["account"] or _("Somebody"), "words": told["words"], "icon": told["icon"],
        "tone": told["tone"], "what": None, "about": told["about"], "by": by, "door": "",
        "from": " · ".join(filter(None, (told["device"], event["address"]))),
    }  # fmt: skip
