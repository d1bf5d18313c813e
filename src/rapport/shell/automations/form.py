"""What the editor's form says, as the plan that it stands for; what is not filled in yet stays empty."""

from typing import Any

import orjson
from django.http import QueryDict

from rapport.automation.plan import steps, triggers
from rapport.automation.plan.steps import Step
from rapport.records import kinds, registry
from rapport.records.entity import Entity, Field
from rapport.shell.views import forms

Draft = dict[str, Any]
MOST_ROWS = 40
BESIDE = ("focus", "record")  # of the editor itself: where the reader is sent, and what a dry run is made on
NEW: dict[str, Step] = {
    "change": {"set": {"": ""}}, "create": {"entity": "task", "set": {"title": {"text": ""}}},
    "assign": {"how": "user"}, "tag": {"add": []}, "notify": {"of": ["owner"], "text": ""}, "act": {"verb": ""},
    "wait": {"for": {"n": 1, "unit": "day"}}, "unless": {}, "call": {"url": ""},
    "approve": {"how": "lead", "text": "", "set": {}},
}  # fmt: skip


def blank(entity: str = "") -> Draft:
    """A plan of which nothing is said yet."""
    return {
        "name": "",
        "entity": entity,
        "trigger": {"on": "created"},
        "filter": None,
        "steps": [],
        "all_rights": False,
    }


def fresh(do: str, entity: Entity) -> Step:
    """A new step as its card begins."""
    step: Step = {"do": do, **orjson.loads(orjson.dumps(NEW[do]))}
    if do == "create" and step["entity"] not in registry:
        step = {"do": do, "entity": entity.key, "set": {}}
    return step


def draft_of(post: QueryDict) -> Draft:
    """The plan that was sent."""
    found = blank(post.get("entity", ""))
    found["name"] = post.get("name", "").strip()
    found["all_rights"] = bool(post.get("all_rights"))
    found["record"] = post.get("try-record", "")
    if found["entity"] not in registry:
        return found
    entity = registry.get(found["entity"])
    if post.get("was", found["entity"]) != found["entity"]:  # about something else: nothing of before fits
        return found
    found["trigger"] = _trigger(post, entity)
    found["filter"] = _tree(post.get("filter", ""))
    at = 0
    while (do := post.get(f"s{at}-do", "")) in NEW and at < steps.MOST_STEPS:
        found["steps"].append({"do": do, **_READ[do](post, f"s{at}", entity)})
        at += 1
    return found


def cleaned(draft: Draft) -> Draft:
    """The plan without the lines that nothing was written into."""
    made = []
    for step in draft["steps"]:
        if "set" in step:
            step = {**step, "set": {name: value for name, value in step["set"].items() if name}}
        made.append(step)
    draft = {name: each for name, each in draft.items() if name not in BESIDE}
    return {**draft, "steps": {"version": steps.VERSION, "steps": made} if made else None}


def _tree(text: str) -> Any:
    try:
        return orjson.loads(text) if text else None
    except orjson.JSONDecodeError:
        return None


def _whole(text: str, otherwise: int | None = None) -> Any:
    """A whole number; what is none stays as it was typed."""
    text = text.strip()
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 6 else (text or otherwise)


def _trigger(post: QueryDict, entity: Entity) -> dict[str, Any]:
    on = post.get("on", "created")
    found: dict[str, Any] = {"on": on}
    if post.get("imports"):
        found["imports"] = True
    if on == "changed" and post.get("field"):
        found["fields"] = [post["field"]]
        known = entity.fields.get(str(post["field"]))
        for end in ("from", "to"):
            if known and post.get("was-field") == known.name and post.get(end, "").strip():
                found[end] = post[end]
    elif on == "verb":
        found["verb"] = post.get("verb", "")
    elif on == "tagged":
        found["tags"] = [each for each in post.getlist("tags") if each]
    elif on == "schedule":
        every = post.get("every", "day")
        found |= {"every": every, "at": post.get("at", "09:00")}
        if every in ("week", "month"):
            found["day"] = _whole(post.get("day", ""), 1)
    elif on == "date":
        found |= {"field": post.get("field", ""), "side": post.get("side", "before")}
        found |= {"n": _whole(post.get("n", ""), 7), "unit": post.get("unit", "day")}
        if post.get("at"):
            found["at"] = post["at"]
    elif on not in dict(triggers.ON):
        return {"on": "created"}
    return found


def _set(post: QueryDict, front: str, entity: Entity) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in range(MOST_ROWS):
        name = post.get(f"{front}-{row}-field")
        if name is not None and not post.get(f"{front}-{row}-gone"):
            known = entity.fields.get(name)
            same = post.get(f"{front}-{row}-was") in (None, name)
            found[name] = value_of(post, f"{front}-{row}", known) if known and same else ""
    return found


def value_of(post: QueryDict, front: str, known: Field | None) -> Any:
    """One value: fixed, copied, counted from a date, a text, or none."""
    how = post.get(f"{front}-how", "fixed")
    if how == "of":
        return {"of": post.get(f"{front}-of", "")}
    if how == "text":
        return {"text": post.get(f"{front}-text", "").strip()}
    if how == "empty":
        return None
    if how == "in":
        unit, n = post.get(f"{front}-unit", "day"), _whole(post.get(f"{front}-n", ""), 1)
        found: dict[str, Any] = {"in": {"n": n, "unit": unit}}
        found |= {name: post[f"{front}-{name}"] for name in ("at", "of") if post.get(f"{front}-{name}")}
        return found
    if known is not None and isinstance(known.kind, kinds.MultiChoiceKind | kinds.TagsKind):
        return [each for each in post.getlist(f"{front}-value") if each]
    text = post.get(f"{front}-value", "")
    return forms.typed(known, text) if known is not None else text.strip()


def _change(post: QueryDict, front: str, entity: Entity) -> Step:
    return {"set": _set(post, f"{front}-set", entity)}


def _create(post: QueryDict, front: str, _entity: Entity) -> Step:
    key = post.get(f"{front}-entity", "")
    same = post.get(f"{front}-was") in (None, key)
    made = registry.get(key) if key in registry else None
    if made is None or not same:
        return {"entity": key, "set": {made.title: {"text": ""}} if made else {}}
    return {"entity": key, "set": _set(post, f"{front}-set", made)}


def _assign(post: QueryDict, front: str, _entity: Entity) -> Step:
    how = post.get(f"{front}-how", "user")
    part = {"user": "user", "of": "of", "queue": "queue"}.get(how, "team")
    field = post.get(f"{front}-field", "") if how != "queue" else ""
    return {"how": how, part: post.get(f"{front}-{part}", ""), **({"field": field} if field else {})}


def _tag(post: QueryDict, front: str, _entity: Entity) -> Step:
    found = {name: [each for each in post.getlist(f"{front}-{name}") if each] for name in ("add", "remove")}
    return {name: value for name, value in found.items() if value}


def _notify(post: QueryDict, front: str, _entity: Entity) -> Step:
    found: Step = {"of": [each for each in post.getlist(f"{front}-of") if each], "text": post.get(f"{front}-text", "")}
    for name in ("users", "teams"):
        if chosen := [each for each in post.getlist(f"{front}-{name}") if each]:
            found[name] = chosen
    return found


def _act(post: QueryDict, front: str, entity: Entity) -> Step:
    verb = post.get(f"{front}-verb", "")
    if post.get(f"{front}-was") not in (None, verb):
        return {"verb": verb}
    names = post.getlist(f"{front}-takes")
    given = {name: value_of(post, f"{front}-{name}", entity.fields.get(name)) for name in names}
    none = ("", None, {"text": ""}, {"of": ""})
    return {"verb": verb, "args": {name: value for name, value in given.items() if value not in none}}


def _wait(post: QueryDict, front: str, _entity: Entity) -> Step:
    way, found = post.get(f"{front}-way", "for"), Step()
    if way == "for" or (way == "filter" and post.get(f"{front}-most")):
        found["for"] = {"n": _whole(post.get(f"{front}-n", ""), 1), "unit": post.get(f"{front}-unit", "day")}
    if way == "until":
        found["until"] = post.get(f"{front}-until", "")
    if way == "filter":
        found["filter"] = _tree(post.get(f"{front}-filter", "")) or {}
    elif post.get(f"{front}-at"):
        found["at"] = post[f"{front}-at"]
    return found


def _unless(post: QueryDict, front: str, _entity: Entity) -> Step:
    return {"filter": _tree(post.get(f"{front}-filter", ""))}


def _call(post: QueryDict, front: str, _entity: Entity) -> Step:
    return {"url": post.get(f"{front}-url", "").strip()}


def _approve(post: QueryDict, front: str, entity: Entity) -> Step:
    how = post.get(f"{front}-how", "lead")
    found: Step = {"how": how, "text": post.get(f"{front}-text", "").strip()}
    if how != "lead":
        found[how] = post.get(f"{front}-{how}", "")
    if post.get(f"{front}-timed"):
        found["within"] = {"n": _whole(post.get(f"{front}-n", ""), 2), "unit": post.get(f"{front}-unit", "day")}
    return {**found, "set": _set(post, f"{front}-set", entity)}


_READ = {
    "change": _change, "create": _create, "assign": _assign, "tag": _tag, "notify": _notify, "act": _act,
    "wait": _wait, "unless": _unless, "call": _call, "approve": _approve,
}  # fmt: skip


def rearranged(draft: Draft, deed: str) -> Draft:
    """The plan after a button: ``add:create``, ``remove:2``, ``up:2``, ``down:2``, ``row:2``, ``drop:2.0``."""
    word, _colon, where = deed.partition(":")
    held = draft["steps"]
    draft["focus"] = None
    if word == "add" and where in NEW and draft["entity"] in registry:
        held.append(fresh(where, registry.get(draft["entity"])))
        draft["focus"] = len(held) - 1
        return draft
    step, _dot, row = where.partition(".")
    if not step.isdecimal() or int(step) >= len(held):
        return draft
    at = int(step)
    if word == "remove":
        del held[at]
        draft["focus"] = max(at - 1, 0)
    elif word in ("up", "down"):
        other = at + (1 if word == "down" else -1)
        if 0 <= other < len(held):
            held[at], held[other] = held[other], held[at]
            draft["focus"] = other
    elif word == "row":
        draft["focus"] = at
        held[at].setdefault("set", {}).setdefault("", "")
    elif word == "drop" and row.isdecimal():
        held[at]["set"] = {name: each for n, (name, each) in enumerate(held[at]["set"].items()) if n != int(row)}
    return draft
