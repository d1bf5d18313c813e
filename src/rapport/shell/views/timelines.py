"""Timelines on cards, and the composer that writes to them."""

import datetime as dt
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.interactions import queries
from rapport.platform import mentions
from rapport.platform.actor import current
from rapport.platform.keys import parse_key
from rapport.records import registry, rows, timeline_read, write
from rapport.records.entity import Entity
from rapport.records.errors import Invalid, Problem
from rapport.records.kinds.moments import local_input
from rapport.shell.outcomes import OUTCOMES, TONES
from rapport.shell.views import tasks
from rapport.shell.views.forms import errors_of

CHANGES = "changes"
ROLE_WORDS = {
    "took_role": gettext_lazy("added the role %(role)s"), "left_role": gettext_lazy("ended the role %(role)s"),
    "role_stage": gettext_lazy("moved the role %(role)s to %(stage)s"),
}  # fmt: skip
# What became of a record that waits, on its own card and on others'.
QUEUED = {
    "queued": (gettext_lazy("put this in the queue %(queue)s"), gettext_lazy("put in the queue %(queue)s:")),
    "taken": (gettext_lazy("took this from the queue %(queue)s"), gettext_lazy("took from the queue %(queue)s:")),
    "given": (gettext_lazy("gave this out from the queue %(queue)s"),
              gettext_lazy("gave out from the queue %(queue)s:")),
}  # fmt: skip
# What became of a question that an automation asked, on the card of the record and on its own.
APPROVALS = {
    "asked": gettext_lazy("asked for approval:"), "approved": gettext_lazy("approved:"),
    "declined": gettext_lazy("declined:"), "expired": gettext_lazy("had no answer in time to:"),
    "withdrawn": gettext_lazy("withdrew the question:"),
}  # fmt: skip
FIRST, MOST = 20, 200
RUN = 3  # so many more of the same are folded
ASKED = ("channel", "direction", "subject", "body", "at", "duration_min", "outcome", *tasks.ASKED)
LOGGED = {
    "note": gettext_lazy("Note saved"), "call": gettext_lazy("Call logged"), "email": gettext_lazy("E-mail logged"),
    "meeting": gettext_lazy("Meeting logged"),
}  # fmt: skip


def timeline(
    entity: Entity, key: str, *, channel: str = "", after: str | None = None, limit: int = FIRST, seen: bool = False
) -> dict[str, Any]:
    """A timeline as the component takes it."""
    found = timeline_read.read(entity, key, channels=(channel,) if channel else (), limit=limit, after=after, seen=seen)
    following = None
    if found.next:
        following = f"{entity.url(key)}/timeline?channel={channel}&after={found.next}"
    told = [_told(entry, key) for entry in found.entries]
    return {"entries": list(_folded(told)), "next_url": following, "channel": channel}


def asked(request: HttpRequest, entity: Entity, key: str) -> dict[str, Any]:
    """A card's timeline; a card that reads itself anew asks for the channel and as many entries as it shows."""
    shown = request.GET.get("shown", "")
    limit = min(max(int(shown), FIRST), MOST) if shown.isdecimal() else FIRST
    return timeline(entity, key, channel=request.GET.get("channel", ""), limit=limit, seen=True)


def planned(entity: Entity, key: str) -> list[dict[str, Any]]:
    """Open tasks on top of a card's timeline."""
    return queries.planned(entity.key, key) if current().may("task", "view") else []


def _folded(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Runs of the same deed by the same person as one entry with the ``others`` behind it."""
    for deed, run in groupby(entries, _deed):
        first, *others = run
        if deed and len(others) >= RUN:
            yield {**first, "others": others}
        else:
            yield from (first, *others)


def _deed(entry: dict[str, Any]) -> tuple[Any, ...]:
    """What makes two entries the same but for whom they are about; nothing where somebody wrote something."""
    by = entry.get("actor") or {}
    return (entry["verb"], by.get("id")) if entry["verb"] and not entry.get("body") else ()


def _told(entry: dict[str, Any], here: str) -> dict[str, Any]:
    """An entry in the reader's words, on the card of the record ``here``."""
    outcome = entry.get("outcome") or ""
    told = {
        **entry,
        "verb": None,
        "about": None,
        "outcome": OUTCOMES.get(outcome, outcome),
        "tone": TONES.get(outcome, ""),
    }
    subject = {**entry["source"], "title": entry.get("subject"), "url": entry["url"]}
    if entry["channel"] == "deal":
        words = _("created the %(what)s") % {"what": str(registry.get("deal").label).lower()}
        if entry["verb"] == "moved":
            words = _("moved to %(stage)s:") % {"stage": entry["stage"]}
            told["tone"] = "lost" if entry["status"] == "lost" else ""
        told |= {"verb": words, "about": subject, "subject": None}
    elif entry["channel"] == "task":
        told |= {"verb": _("did"), "about": subject, "subject": None}
    elif entry["channel"] == "approval":
        words = str(APPROVALS[entry["verb"]])
        own = entry["source"]["id"] == here
        told |= {"verb": words.rstrip(":") if own else words, "about": subject, "subject": None}
        told["tone"] = "lost" if entry["verb"] in ("declined", "expired") else ""
    elif entry["channel"] == "party" and entry["verb"] == "created":
        words = _("added this record") if entry["source"]["id"] == here else _("added")
        told |= {"verb": words, "about": subject, "subject": None}
    elif entry["channel"] == "record":
        named = str(registry.get(entry["source"]["entity"]).label).lower()
        own = entry["source"]["id"] == here
        if entry["verb"] == "merged":
            words = _("merged into this:")
        elif entry["verb"] in QUEUED:
            words = str(QUEUED[entry["verb"]][0 if own else 1]) % {"queue": entry["queue"]}
        elif entry["verb"] == "moved":
            words = _("set this to %(state)s") if own else _("set to %(state)s:")
            words %= {"state": _called(entry["source"]["entity"], "status", entry["status"])}
        else:
            words = _("added this record") if own else _("added the %(kind)s") % {"kind": named}
        told |= {"verb": words} if entry["verb"] == "merged" else {"verb": words, "about": subject, "subject": None}
    elif entry["channel"] == "party" and entry["verb"] in ROLE_WORDS:
        role, stage = (
            _called("party_role", *each) for each in (("role", entry["subject"]), ("stage", entry.get("stage")))
        )
        told |= {"verb": ROLE_WORDS[entry["verb"]] % {"role": role, "stage": stage}, "subject": None}
    if told["verb"] and not told["actor"]:
        told["verb"] = told["verb"][:1].upper() + told["verb"][1:]
    return told


def _called(entity: str, name: str, value: str | None) -> str:
    """The words for a value of a choice."""
    kind: Any = registry.get(entity).every[name].kind
    return str(kind.label(value))


def log(request: HttpRequest, party: str | None, about: dict[str, str] | None = None) -> tuple[str, str]:
    """Write what the composer says; (operation, words for the toast). Raises Problem."""
    given = {name: request.POST.get(name, "").strip() for name in ASKED}
    channel = given["channel"] or "note"
    values: dict[str, Any] = {
        "party": party,
        "channel": channel,
        "subject": given["subject"],
        "body": _with_mentions(request, given["body"]),
    }
    if about:
        values["about"] = about
    if channel != "note":
        values["direction"] = given["direction"] or "out"
        values["outcome"] = given["outcome"] if channel == "call" else None
        values["duration_s"] = _seconds(given["duration_min"])
        values["at"] = _moment(given["at"])
    with write.operation() as done:
        write.create(
            registry.get("interaction"),
            {name: value for name, value in values.items() if value not in (None, "")},
        )
        return done.id, str(LOGGED.get(channel, LOGGED["note"]))


def _with_mentions(request: HttpRequest, text: str) -> str:
    """The text with those who were chosen from the list behind an @ as mentions: ``mention`` is "user:<id>"."""
    names: dict[str, tuple[str, str]] = {}
    for each in request.POST.getlist("mention"):
        kind, _colon, key = each.partition(":")
        known = parse_key(key)
        if kind in ("user", "team") and known:
            entity = registry.get(kind)
            names[entity.title_of(rows.load(entity, known, current()))] = (kind, known)
    return mentions.spell(text, names)


def _seconds(minutes: str) -> int | None:
    if not minutes:
        return None
    if not minutes.isdecimal():
        raise Invalid.at("duration_min", _("Give the duration in minutes."))
    return int(minutes) * 60


def _moment(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        return local_input(text, current().time_zone)
    except ValueError as error:
        raise Invalid.at("at", _("Give a date and a time.")) from error


def composer(request: HttpRequest, problem: Problem) -> dict[str, Any]:
    """The composer with what was typed and why it was not taken."""
    values: dict[str, Any] = {name: request.POST.get(name, "") for name in ASKED}
    return {"values": {**values, "mention": request.POST.getlist("mention")}, "errors": errors_of(problem)}
