"""A plan as the editor's cards show it: every control with what it offers, what it holds and what is wrong with it."""

from typing import Any

from django.utils.translation import gettext as _

from rapport.automation.plan import steps, triggers, values
from rapport.automation.plan.checking import UNITS
from rapport.automation.plan.steps import Step
from rapport.platform.identity import snapshot
from rapport.records import kinds, registry
from rapport.records.entity import Entity, Field
from rapport.shell.automations import offers
from rapport.shell.automations.form import Draft
from rapport.shell.lists import chips
from rapport.shell.views import forms

Errors = dict[str, list[str]]
Shown = dict[str, Any]
ICONS = {
    "change": "pencil", "create": "plus", "assign": "user-round", "tag": "tag", "notify": "bell", "act": "play",
    "wait": "hourglass", "unless": "git-branch", "call": "webhook",
    "approve": "stamp",
}  # fmt: skip
# What a step adds, as the menu says it, in the order in which one needs it.
ADDS = ("create", "change", "assign", "notify", "tag", "act", "approve", "wait", "unless", "call")


def shown(draft: Draft, errors: Errors) -> Shown:
    """Everything that the template of the editor takes."""
    entity = registry.get(draft["entity"]) if draft["entity"] in registry else None
    labels = dict(steps.DO)
    return {
        "draft": draft, "errors": errors, "about": entity and {"key": entity.key, "one": str(entity.label)},
        "entities": offers.entities(),
        "when": _when(draft["trigger"], entity) if entity else None,
        "trial": entity and _picker(entity.plural, "try-record", _("the newest that fit"), draft.get("record")),
        "condition": chips.box(entity, "filter", draft["filter"]) if entity else None,
        "steps": [_step(entity, at, step, errors) for at, step in enumerate(draft["steps"])] if entity else [],
        "adds": [(do, str(labels[do]), ICONS[do]) for do in ADDS if do != "tag" or (entity and entity.has_tags)],
        "units": units(), "focus": draft.get("focus"), "problems": _unplaced(errors),
    }  # fmt: skip


def units(*, short: bool = True) -> list[tuple[str, str]]:
    """Lengths of time, as they stand after a number."""
    words = {
        "minute": _("minutes"), "hour": _("hours"), "day": _("days"), "week": _("weeks"), "month": _("months"),
    }  # fmt: skip
    return [(unit, words[unit]) for unit in UNITS if short or unit not in ("minute", "hour")]


def _unplaced(errors: Errors) -> list[str]:
    """Messages that belong to no control."""
    return [message for name, found in errors.items() if name in ("", "steps", "owner") for message in found]


def _when(trigger: dict[str, Any], entity: Entity) -> Shown:
    on = trigger["on"]
    found: Shown = {"on": on, "ons": [(key, str(label)) for key, label in triggers.ON], "trigger": trigger}
    if not entity.has_tags:
        found["ons"] = [each for each in found["ons"] if each[0] != "tagged"]
    if not offers.verbs(entity):
        found["ons"] = [each for each in found["ons"] if each[0] != "verb"]
    if on == "changed":
        name = next(iter(trigger.get("fields") or []), "")
        known = entity.fields.get(name)
        told = known is not None and not isinstance(known.kind, triggers.UNTOLD)
        found |= {"fields": offers.all_fields(entity), "field": name}
        for end, label in (("from", _("From")), ("to", _("To"))):
            found[end] = control(known, end, label, entity, trigger.get(end)) if known and told else None
    elif on == "verb":
        found["verbs"] = offers.verbs(entity)
    elif on == "tagged":
        found["tags"] = offers.tags()
    elif on == "schedule":
        found |= {"everies": [(key, str(label)) for key, label in triggers.EVERY], "weekdays": _weekdays()}
    elif on == "date":
        known = entity.fields.get(str(trigger.get("field")))
        day = known is not None and isinstance(known.kind, kinds.DayKind)
        found |= {"dates": offers.dates(entity), "spans": units(short=not day), "by_day": day or known is None}
    return found


def _weekdays() -> list[tuple[int, str]]:
    names = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    return list(enumerate(names, 1))


def control(known: Field, name: str, label: str, owner: Entity, value: Any) -> Shown:
    """One control, as the form component takes it, with what it holds."""
    made = forms.control(known, owner, name=name, label=label, required=False, only=None)
    if made["kind"] == "money":
        made["kind"] = "text"
    if known.relation and isinstance(value, str) and value:
        value = forms.titled(made["relation"], value)
    if isinstance(value, bool):
        value = "true" if value else "false"
    return {"field": made, "value": value, "id": f"f-{name}"}


def _step(entity: Entity | None, at: int, step: Step, errors: Errors) -> Shown:
    assert entity is not None
    front = f"s{at}"
    within = f"steps.{at}."
    found: Shown = {
        "at": at, "front": front, "do": step["do"], "label": str(dict(steps.DO)[step["do"]]), "step": step,
        "icon": ICONS[step["do"]],
        "wrong": {name.removeprefix(within): each for name, each in errors.items() if name.startswith(within)},
    }  # fmt: skip
    found |= _STEPS[step["do"]](entity, front, step)
    return found


def _rows(to: Entity, entity: Entity, front: str, held: dict[str, Any]) -> list[Shown]:
    offered = offers.writable(to)
    return [
        _row(to.fields.get(name), name, entity, f"{front}-set-{n}", value, offered, to)
        for n, (name, value) in enumerate(held.items())
    ]


def _row(
    known: Field | None, name: str, entity: Entity, front: str, value: Any, offered: list[tuple[str, str]], to: Entity
) -> Shown:
    """One line of a step: a field, how it is filled, with what."""
    row: Shown = {"front": front, "name": name, "fields": offered, "known": known is not None}
    if known is not None and name not in dict(offered):
        row["fields"] = [*offered, (name, known.heading)]
    if known is not None:
        row |= _filling(known, entity, front, value, to)
    return row


def _filling(known: Field, entity: Entity, front: str, value: Any, to: Entity) -> Shown:
    ways, shape = offers.hows(known), values.shape_of(value)
    if value is None:
        how = "empty"
    elif shape == "fixed" and value in ("", []):
        how = ways[0]
    elif shape == "fixed" and "fixed" not in ways and "text" in ways:
        how, value = "text", {"text": str(value)}
    else:
        how = shape
    how = how if how in ways else ways[0]
    row: Shown = {"how": how, "hows": [(way, offers.HOW[way]()) for way in ways], "label": known.heading}
    if how == "fixed":
        row["control"] = control(known, f"{front}-value", known.heading, to, value if shape == "fixed" else "")
    elif how == "of":
        row |= {"of": value.get("of", "") if shape == "of" else "", "paths": offers.copied(entity, known)}
    elif how == "text":
        row |= {"text": value.get("text", "") if shape == "text" else "", "long": known.kind.name == "long_text"}
    elif how == "in":
        given = value if shape == "in" else {"in": {"n": 1, "unit": "day"}, "at": "09:00"}
        day = isinstance(known.kind, kinds.DayKind)
        row |= {"given": given, "spans": units(short=not day), "clock": not day}
        row["paths"] = offers.paths(entity, lambda each: isinstance(each.kind, values.TIMES))
    return row


def _change(entity: Entity, front: str, step: Step) -> Shown:
    return {"rows": _rows(entity, entity, front, step.get("set") or {})}


def _create(entity: Entity, front: str, step: Step) -> Shown:
    made = registry.get(step["entity"]) if str(step.get("entity")) in registry else None
    found: Shown = {"creatable": offers.creatable(), "rows": []}
    if made is not None:
        found["rows"] = _rows(made, entity, front, step.get("set") or {})
        held = step.get("set") or {}
        found["links"] = [made.fields[name].heading for name in steps.links(made, entity) if name not in held]
    return found


def _assign(entity: Entity, front: str, step: Step) -> Shown:
    fields = [
        (name, known.heading)
        for name, known in entity.fields.items()
        if known.relation == "user" and not known.read_only
    ]
    queues = list(snapshot.held().queues.items()) if entity.is_queueable else []
    return {
        "ways": [(key, str(label)) for key, label in steps.HOW if key != "queue" or queues or step["how"] == key],
        "queues": queues, "people": offers.people(entity), "fields": fields,
        "user": _picker("users", f"{front}-user", _("Colleague"), step.get("user")),
        "team": _picker("teams", f"{front}-team", _("Team"), step.get("team")),
    }  # fmt: skip


def _picker(plural: str, name: str, label: str, value: Any) -> Shown:
    """A field that finds a colleague or a team."""
    made = {
        "name": name,
        "label": label,
        "kind": "relation",
        "relation": plural,
        "required": False,
        "placeholder": label,
    }
    return {"field": made, "value": forms.titled(plural, str(value)) if value else None, "id": f"f-{name}"}


def _tag(entity: Entity, front: str, step: Step) -> Shown:
    made = [("add", _("Add")), ("remove", _("Remove"))]
    return {
        "tags": [
            {"field": {"name": f"{front}-{name}", "label": label, "kind": "tags", "options": offers.tags()},
             "value": step.get(name) or [], "id": f"f-{front}-{name}"}
            for name, label in made
        ]
    }  # fmt: skip


def _notify(entity: Entity, front: str, step: Step) -> Shown:
    users = [_picker("users", f"{front}-users", _("Colleague…"), key) for key in [*(step.get("users") or []), ""]]
    teams = [
        _picker("teams", f"{front}-teams", _("Everybody in a team…"), key) for key in [*(step.get("teams") or []), ""]
    ]
    for number, each in enumerate([*users, *teams]):
        each["id"] = f"f-{front}-who-{number}"
    return {"people": offers.people(entity), "users": users, "teams": teams}


def _act(entity: Entity, front: str, step: Step) -> Shown:
    verb, given = step.get("verb") or "", step.get("args") or {}
    rows = []
    for name, needed in offers.takes(entity, verb):
        known = entity.fields.get(name)
        row = {"front": f"{front}-{name}", "name": name, "needed": needed, "label": name.replace("_", " ").capitalize()}
        if known is not None:
            row |= _filling(known, entity, f"{front}-{name}", given.get(name, ""), entity)
        else:
            row |= {"how": "fixed", "hows": [("fixed", offers.HOW["fixed"]())], "control": {
                "field": {"name": f"{front}-{name}-value", "kind": "text", "label": row["label"]},
                "value": given.get(name, ""), "id": f"f-{front}-{name}-value",
            }}  # fmt: skip
        rows.append(row)
    return {"verbs": offers.verbs(entity), "args": rows}


def _wait(entity: Entity, front: str, step: Step) -> Shown:
    way = "filter" if "filter" in step else "until" if "until" in step else "for"
    ways = [("for", _("for")), ("until", _("until a date of the record")), ("filter", _("until something is true"))]
    return {
        "way": way, "ways": ways, "span": step.get("for") or {"n": 1, "unit": "day"},
        "dates": offers.paths(entity, lambda each: isinstance(each.kind, values.TIMES)),
        "box": chips.box(entity, f"{front}-filter", step.get("filter")),
    }  # fmt: skip


def _unless(entity: Entity, front: str, step: Step) -> Shown:
    return {"box": chips.box(entity, f"{front}-filter", step.get("filter"))}


def _call(entity: Entity, front: str, step: Step) -> Shown:
    return {}


def _approve(entity: Entity, front: str, step: Step) -> Shown:
    return {
        "ways": [(key, str(label)) for key, label in steps.WHO], "people": offers.people(entity),
        "user": _picker("users", f"{front}-user", _("Colleague"), step.get("user")),
        "team": _picker("teams", f"{front}-team", _("Team"), step.get("team")),
        "span": step.get("within") or {"n": 2, "unit": "day"},
        "rows": _rows(entity, entity, front, step.get("set") or {}),
    }  # fmt: skip


_STEPS = {
    "change": _change, "create": _create, "assign": _assign, "tag": _tag, "notify": _notify, "act": _act,
    "wait": _wait, "unless": _unless, "call": _call, "approve": _approve,
}  # fmt: skip
