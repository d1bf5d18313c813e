"""A plan in words: when it begins, for which records, what it does; and what became of its runs."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.automation.plan import steps, triggers, values
from rapport.automation.plan.steps import Step
from rapport.records import registry
from rapport.records.entity import Entity, Field
from rapport.records.errors import Problem
from rapport.shell.automations import editor, offers
from rapport.shell.lists.conditions import known_as
from rapport.shell.lists.sayings import said, titles_of
from rapport.shell.lists.tree import groups_of
from rapport.shell.views import facts, forms
from rapport.ui import formats

STATES = {
    "waiting": ("info", "hourglass"), "done": ("good", "circle-check"), "stopped": ("warn", "circle"),
    "failed": ("bad", "circle-x"), "again": ("warn", "repeat"),
}  # fmt: skip


def when(trigger: dict[str, Any], entity: Entity) -> str:
    """What begins it, as a sentence without its end."""
    one, on = str(entity.label).lower(), trigger["on"]
    if on == "schedule":
        return _schedule(trigger, str(entity.label_plural).lower())
    if on == "date":
        return _date(trigger, entity, one)
    if on == "changed" and trigger.get("fields"):
        return _changed(trigger, entity, one)
    if on == "verb":
        return _("%(one)s: %(verb)s") % {
            "one": entity.label,
            "verb": dict(offers.verbs(entity)).get(trigger["verb"], "?"),
        }
    if on == "tagged":
        return _("%(one)s is tagged %(tags)s") % {"one": entity.label, "tags": ", ".join(trigger["tags"])}
    return f"{entity.label} {dict(triggers.ON)[on]}"


def _changed(trigger: dict[str, Any], entity: Entity, one: str) -> str:
    names = [entity.fields[name].heading for name in trigger["fields"] if name in entity.fields]
    words = {"field": ", ".join(names), "one": one}
    known = entity.fields.get(trigger["fields"][0])
    ends = {end: value(known, trigger[end]) for end in ("from", "to") if known and trigger.get(end) not in (None, "")}
    if len(ends) == 2:
        return _("%(field)s of a %(one)s changes from %(from)s to %(to)s") % {**words, **ends}
    if "to" in ends:
        return _("%(field)s of a %(one)s becomes %(to)s") % {**words, **ends}
    if "from" in ends:
        return _("%(field)s of a %(one)s is no longer %(from)s") % {**words, **ends}
    return _("%(field)s of a %(one)s changes") % words


def _schedule(trigger: dict[str, Any], many: str) -> str:
    words = {"many": many, "at": trigger.get("at", ""), "day": trigger.get("day", 1)}
    if trigger["every"] == "day":
        return _("Every day at %(at)s, for %(many)s that fit") % words
    if trigger["every"] == "week":
        weekday = dict(editor._weekdays()).get(words["day"], "?")
        return _("Every %(weekday)s at %(at)s, for %(many)s that fit") % {**words, "weekday": weekday}
    return _("On day %(day)s of every month at %(at)s, for %(many)s that fit") % words


def _date(trigger: dict[str, Any], entity: Entity, one: str) -> str:
    known = entity.fields.get(trigger["field"])
    words = {"span": span(trigger), "field": known.heading if known else "?", "one": one}
    if not trigger.get("n"):
        return _("%(field)s of a %(one)s has come") % words
    if trigger["side"] == "before":
        return _("%(span)s before %(field)s of a %(one)s") % words
    return _("%(span)s after %(field)s of a %(one)s") % words


def span(given: dict[str, Any]) -> str:
    """A length of time."""
    n = given.get("n", 0) if isinstance(given.get("n"), int) else 0
    found = {
        "minute": ngettext("%(n)s minute", "%(n)s minutes", n), "hour": ngettext("%(n)s hour", "%(n)s hours", n),
        "day": ngettext("%(n)s day", "%(n)s days", n), "week": ngettext("%(n)s week", "%(n)s weeks", n),
        "month": ngettext("%(n)s month", "%(n)s months", n),
    }  # fmt: skip
    return found.get(str(given.get("unit")), "%(n)s") % {"n": n}


def condition(tree: Any, entity: Entity) -> list[str]:
    """The parts of a condition, all of which must hold."""
    titles = titles_of(entity, tree) if tree else {}
    return [
        f" {_('or')} ".join(" ".join(filter(None, said(entity, each, titles))) for each in group)
        for group in groups_of(tree)
    ]


def value(known: Field | None, given: Any) -> str:
    """A fixed value."""
    if given in (None, "", []):
        return _("nothing")
    if known is not None and known.relation and isinstance(given, str):
        return str(forms.titled(registry.get(known.relation).plural, given)["title"])
    if known is not None:
        return str(facts.fact(known, {known.name: given, "currency": ""}, False)["shown"] or given)
    return str(given)


def _path(entity: Entity, path: str) -> str:
    try:
        return known_as(entity, path)[1] if path != "id" else _("the record")
    except (Problem, KeyError):
        return path


def _written(entity: Entity, to: Entity, name: str, given: Any) -> str:
    known, shape = to.fields.get(name), values.shape_of(given)
    label = known.heading if known else name
    if shape == "of":
        words = _path(entity, given["of"])
    elif shape == "in":
        base = _path(entity, given["of"]) if given.get("of") else _("now")
        words = _("%(span)s from %(base)s") % {"span": span(given["in"]), "base": base}
    else:
        words = given["text"] if shape == "text" else value(known, given)
    return f"{label}: {words}"


def step(entity: Entity, given: Step) -> dict[str, Any]:
    """A step: its icon, what it does, the lines beneath."""
    do = given["do"]
    found = {"icon": editor.ICONS[do], "label": str(dict(steps.DO)[do]), "lines": []}
    return {**found, **_SAID[do](entity, given)}


def _said_change(entity: Entity, given: Step) -> dict[str, Any]:
    return {"lines": [_written(entity, entity, name, each) for name, each in given["set"].items()]}


def _said_create(entity: Entity, given: Step) -> dict[str, Any]:
    made = registry.get(given["entity"]) if given["entity"] in registry else None
    lines = [_written(entity, made, name, each) for name, each in (given.get("set") or {}).items()] if made else []
    return {"label": _("Create: %(one)s") % {"one": made.label if made else "?"}, "lines": lines}


def _said_assign(entity: Entity, given: Step) -> dict[str, Any]:
    words = str(dict(steps.HOW)[given["how"]])
    if given["how"] == "of":
        return {"label": _("Assign to %(whom)s") % {"whom": _path(entity, given["of"])}}
    if given["how"] == "queue":
        name = forms.titled("teams", given["queue"])["title"] if given.get("queue") else "?"
        return {"label": _("Put in the queue %(queue)s") % {"queue": name}}
    part = "user" if given["how"] == "user" else "team"
    name = forms.titled(f"{part}s", given.get(part, ""))["title"] if given.get(part) else "?"
    return {"label": _("Assign to %(whom)s") % {"whom": name if part == "user" else f"{words} ({name})"}}


def _said_tag(entity: Entity, given: Step) -> dict[str, Any]:
    add = [_("Add %(tags)s") % {"tags": ", ".join(given["add"])}] if given.get("add") else []
    gone = [_("Remove %(tags)s") % {"tags": ", ".join(given["remove"])}] if given.get("remove") else []
    return {"lines": [*add, *gone]}


def _said_notify(entity: Entity, given: Step) -> dict[str, Any]:
    names = [_path(entity, path) for path in given.get("of") or []]
    names += [str(forms.titled("users", key)["title"]) for key in given.get("users") or []]
    names += [str(forms.titled("teams", key)["title"]) for key in given.get("teams") or []]
    return {"label": _("Notify %(whom)s") % {"whom": ", ".join(names)}, "lines": [given.get("text", "")]}


def _said_act(entity: Entity, given: Step) -> dict[str, Any]:
    lines = [_written(entity, entity, name, each) for name, each in (given.get("args") or {}).items()]
    return {"label": str(dict(offers.verbs(entity)).get(given["verb"], given["verb"])), "lines": lines}


def _said_wait(entity: Entity, given: Step) -> dict[str, Any]:
    if given.get("filter"):
        lines = condition(given["filter"], entity)
        if given.get("for"):
            lines.append(_("at most %(span)s") % {"span": span(given["for"])})
        return {"label": _("Wait until"), "lines": lines}
    if given.get("until"):
        return {"label": _("Wait until %(date)s") % {"date": _path(entity, given["until"])}}
    return {"label": _("Wait %(span)s") % {"span": span(given["for"])}}


def _said_unless(entity: Entity, given: Step) -> dict[str, Any]:
    return {"lines": condition(given["filter"], entity)}


def _said_call(_entity: Entity, given: Step) -> dict[str, Any]:
    return {"lines": [given["url"]]}


def _said_approve(entity: Entity, given: Step) -> dict[str, Any]:
    how = given["how"]
    if how == "lead":
        whom = str(dict(steps.WHO)[how])
    elif how == "of":
        whom = _path(entity, given["of"])
    else:
        whom = str(forms.titled(f"{how}s", given.get(how, ""))["title"]) if given.get(how) else "?"
    lines = [given.get("text", "")]
    if given.get("within"):
        lines.append(_("Without an answer within %(span)s it counts as declined.") % {"span": span(given["within"])})
    for name, each in (given.get("set") or {}).items():
        lines.append(_("If declined: %(what)s") % {"what": _written(entity, entity, name, each)})
    return {"label": _("Ask for approval: %(whom)s") % {"whom": whom}, "lines": lines}


_SAID = {
    "change": _said_change, "create": _said_create, "assign": _said_assign, "tag": _said_tag, "notify": _said_notify,
    "act": _said_act, "wait": _said_wait, "unless": _said_unless, "call": _said_call,
    "approve": _said_approve,
}  # fmt: skip


def state(status: str, label: str) -> dict[str, str]:
    """A state as a chip."""
    tone, icon = STATES.get(status, ("", "circle"))
    return {"label": label, "tone": tone, "icon": icon}


def number(count: int) -> str:
    """A count that stops at a thousand."""
    return formats.number(count) if count < 1000 else "1,000+"
