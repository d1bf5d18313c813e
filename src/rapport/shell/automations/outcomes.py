"""What runs did, and what a dry run would do, in words."""

from typing import Any

from django.utils.translation import gettext as _

from rapport.automation.models import STATES
from rapport.automation.plan.steps import DO
from rapport.automation.trying import Tried
from rapport.records import registry
from rapport.records.entity import Entity
from rapport.shell import histories
from rapport.shell.automations import editor, words
from rapport.shell.views import forms
from rapport.ui import formats

WAYS = {"done": "done", "waiting": "waiting", "stopped": "stopped", "failed": "failed", "again": "again"}


def tried(entity: Entity, found: Tried, plan: list[dict[str, Any]]) -> dict[str, Any]:
    """What would happen to one record."""
    lines = [_tried_step(entity, each, plan[each["step"]]) for each in found.steps]
    last = found.steps[-1]["way"] if found.steps else ""
    return {
        "title": found.title, "url": entity.url(found.record), "fits": found.fits, "steps": lines,
        "way": last if last in ("failed", "stopped") else "done",
    }  # fmt: skip


def _tried_step(entity: Entity, told: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
    made = words.step(entity, step)
    said = told["said"]
    if told["way"] == "waiting" and told.get("until"):
        said = _("until %(when)s, then:") % {"when": formats.when(told["until"])}
    tells = [
        {"name": str(forms.titled("users", each["user"])["title"]), "text": each["text"]} for each in told["tells"]
    ]
    return {
        "icon": made["icon"], "label": made["label"], "way": told["way"], "said": said, "tells": tells,
        "changes": [change(each) for each in told["changes"]], "url": told.get("url"),
    }  # fmt: skip


def change(told: dict[str, Any]) -> dict[str, Any]:
    """A change of a record: what became of which field."""
    entity = registry.get(told["entity"])
    shown = histories.told(entity, told)
    made = told["verb"] == "created"
    if made:
        shown["lines"] = histories.begun(entity, told)
    return {
        "title": told["title"], "url": entity.url(told["record"]), "one": str(entity.label), "made": made,
        "lines": shown["lines"],
    }  # fmt: skip


def run(entry: dict[str, Any], title: str = "") -> dict[str, Any]:
    """A run as a row of the log."""
    labels = dict(STATES)
    status = "undone" if entry["undone_at"] else entry["status"]
    label = _("Undone") if entry["undone_at"] else str(labels[entry["status"]])
    if entry["status"] == "waiting" and entry["attempts"]:
        status, label = "again", _("Tries again")
    known = entry["entity"] in registry
    icons = [
        {**each, "icon": editor.ICONS.get(each["do"], "circle"), "tone": words.STATES[WAYS[each["way"]]][0]}
        for each in entry["log"]
    ]
    ended, undone = entry["status"] in ("failed", "stopped"), bool(entry["undone_at"])
    return {
        **entry, "labels": {do: str(spoken) for do, spoken in DO}, "title": title,
        "reason": _(entry["reason"]) if entry["reason"] else None, "state": words.state(status, label), "steps": icons,
        "url": registry.get(entry["entity"]).url(entry["record"]) if known else "",
        "can": {
            "cancel": entry["status"] == "waiting", "retry": ended and not undone,
            "undo": not undone and any(each["way"] == "done" for each in entry["log"]),
        },
    }  # fmt: skip
