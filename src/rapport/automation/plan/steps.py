"""What an automation does: its steps, each with what it says, and what each may say.

Kept as ``{"version": 1, "steps": [{"do": "change", "set": {…}}, …]}``.
"""

from collections.abc import Callable
from typing import Any

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.automation.plan import triggers, values
from rapport.automation.plan.checking import MOST_STEPS, Checker
from rapport.platform import outgoing
from rapport.platform.keys import parse_key
from rapport.records import kinds
from rapport.records.actions import actions_of
from rapport.records.entity import Entity, registry

VERSION = 1
Step = dict[str, Any]
DO = (
    ("change", gettext_lazy("Change fields")), ("create", gettext_lazy("Create a record")),
    ("assign", gettext_lazy("Assign to somebody")), ("tag", gettext_lazy("Add or remove tags")),
    ("notify", gettext_lazy("Notify somebody")), ("act", gettext_lazy("Perform an action")),
    ("wait", gettext_lazy("Wait")), ("unless", gettext_lazy("Go on only if")),
    ("call", gettext_lazy("Call another program")), ("approve", gettext_lazy("Ask for approval")),
)  # fmt: skip
HOW = (
    ("user", gettext_lazy("a colleague")), ("turn", gettext_lazy("the people of a team in turn")),
    ("least", gettext_lazy("whoever of a team has least")), ("queue", gettext_lazy("a queue")),
    ("of", gettext_lazy("somebody named in the record")),
)  # fmt: skip
WHO = (
    ("lead", gettext_lazy("whoever leads the record's team")), ("user", gettext_lazy("a colleague")),
    ("team", gettext_lazy("whoever of a team or queue is first")), ("of", gettext_lazy("somebody named in the record")),
)  # fmt: skip
SAYS = {
    "change": {"set"}, "create": {"entity", "set"}, "assign": {"how", "user", "team", "queue", "of", "field"},
    "tag": {"add", "remove"}, "notify": {"users", "teams", "of", "text"}, "act": {"verb", "args"},
    "wait": {"for", "until", "at", "filter"}, "unless": {"filter"}, "call": {"url"},
    "approve": {"how", "user", "team", "of", "text", "within", "set"},
}  # fmt: skip


def automatable(entity: Entity) -> bool:
    """Whether automations can be about these: business records, not set-up, not parts of others."""
    return entity.takes_fields and not entity.part_of


def steps_of(kept: Any) -> list[Step]:
    """The steps of a plan as it is kept."""
    tree = orjson.loads(kept) if isinstance(kept, str) else kept
    return list((tree or {}).get("steps", []))


def problems(checker: Checker, trigger: dict[str, Any], filter: Any, kept: Any) -> list[dict[str, str]]:
    """What is wrong with a plan, each problem with the place where it stands."""
    with checker.within("trigger"):
        triggers.check(checker, trigger, filter)
    checker.filter(filter, "filter")
    tree = kept or {"version": VERSION, "steps": []}
    steps = tree.get("steps")
    if tree.get("version") != VERSION or not isinstance(steps, list) or set(tree) != {"version", "steps"}:
        checker.wrong(_("Steps are written as {“version”: 1, “steps”: […]}."), "type", "steps")
        return checker.errors
    if len(steps) > MOST_STEPS:
        checker.wrong(_("At most %(n)s steps.") % {"n": MOST_STEPS}, "too_many", "steps")
    for at, step in enumerate(steps[:MOST_STEPS]):
        with checker.within("steps", at):
            _check(checker, step)
    return checker.errors


def _check(checker: Checker, step: Any) -> None:
    do = str(step.get("do")) if isinstance(step, dict) else ""
    if do not in _CHECKS:
        checker.wrong(_("A step does one of: %(known)s.") % {"known": ", ".join(_CHECKS)}, "choice", "do")
        return
    for name in sorted(set(step) - {"do"} - SAYS[do]):
        checker.wrong(_("“%(name)s” says nothing here.") % {"name": name}, "unknown_field", name)
    _CHECKS[do](checker, step)


def _set(checker: Checker, entity: Entity, step: Step) -> None:
    given = checker.object(step.get("set"), "set")
    with checker.within("set"):
        for name, value in given.items():
            if known := checker.field(entity, name, name):
                values.check(checker, value, known, name)


def _change(checker: Checker, step: Step) -> None:
    if not step.get("set"):
        checker.needed("set")
    else:
        _set(checker, checker.entity, step)


def _create(checker: Checker, step: Step) -> None:
    if str(step.get("entity")) not in registry or not automatable(registry.get(step["entity"])):
        checker.wrong(_("Choose what to create."), "choice", "entity")
        return
    entity = registry.get(step["entity"])
    _set(checker, entity, {"set": step.get("set") or {}})
    filled = {**(step.get("set") or {}), **links(entity, checker.entity)}
    for name in dict.fromkeys((entity.title, *entity.needed())):
        if name not in filled and not entity.fields[name].default:
            checker.needed(f"set.{name}")


def links(made: Entity, entity: Entity) -> dict[str, Any]:
    """What a new record takes over by itself from the one it is made for: the relation to it, and what both have."""
    found: dict[str, Any] = {}
    for name, known in made.fields.items():
        if known.read_only or known.relation in (None, "user", "team"):
            continue
        if known.relation == entity.key and name not in entity.fields:
            found[name] = {"of": "id"}
        elif name in entity.fields and entity.fields[name].relation == known.relation and made is not entity:
            found[name] = {"of": name}
    about = next((name for name, known in made.fields.items() if isinstance(known.kind, kinds.AboutKind)), "")
    if about and not any(value == {"of": "id"} for value in found.values()):
        found[about] = {"of": "id"}
    return found


def _assign(checker: Checker, step: Step) -> None:
    how = str(step.get("how"))
    if how not in dict(HOW):
        checker.wrong(_("Say to whom."), "choice", "how")
        return
    known = checker.field(checker.entity, step.get("field") or "owner", "field")
    if known and known.relation != "user":
        checker.wrong(_("Choose a field that names a colleague."), "type", "field")
    if how == "of":
        source = checker.path(step.get("of"), "of")
        if source and source.relation != "user":
            checker.wrong(_("Choose a field that names a colleague."), "type", "of")
    elif how == "queue":
        _queue(checker, step)
    else:
        _key(checker, step, "user" if how == "user" else "team")


def _queue(checker: Checker, step: Step) -> None:
    """A queue takes the owner's place, nobody else's."""
    if (step.get("field") or "owner") != "owner" or not checker.entity.is_queueable:
        checker.wrong(_("Only an owner's place is taken by a queue."), "type", "field")
    _key(checker, step, "queue")


def _key(checker: Checker, step: Step, name: str) -> None:
    if not step.get(name):
        checker.needed(name)
    elif parse_key(step[name]) is None:
        checker.wrong(_("This is no id."), "type", name)


def _tag(checker: Checker, step: Step) -> None:
    if not checker.entity.has_tags:
        checker.wrong(_("These have no tags."))
    if not step.get("add") and not step.get("remove"):
        checker.needed("add")
    for name in ("add", "remove"):
        given = checker.listed(step.get(name), name)
        if given:
            values.check(checker, given, checker.entity.fields.get("tags"), name)
            checker.filter({"field": "tags", "op": "in", "value": given}, name)


def _notify(checker: Checker, step: Step) -> None:
    named = [*checker.listed(step.get("users"), "users"), *checker.listed(step.get("teams"), "teams")]
    if not named and not step.get("of"):
        checker.needed("users")
    if any(parse_key(key) is None for key in named):
        checker.wrong(_("This is no id."), "type", "users")
    for path in checker.listed(step.get("of"), "of"):
        source = checker.path(path, "of")
        if source and source.relation not in ("user", "team"):
            checker.wrong(_("Choose a field that names a colleague."), "type", "of")
    values.check_text(checker, step.get("text"), "text")


def _act(checker: Checker, step: Step) -> None:
    method = actions_of(checker.entity.model).get(str(step.get("verb")))
    if method is None:
        checker.wrong(_("Choose an action."), "choice", "verb")
        return
    given = checker.object(step.get("args") or {}, "args")
    with checker.within("args"):
        for name in method.asks:  # type: ignore[attr-defined]
            if given.get(name) in (None, ""):
                checker.needed(name)
        for name, value in given.items():
            if name not in method.takes:  # type: ignore[attr-defined]
                checker.wrong(_("The action does not take “%(name)s”.") % {"name": name}, "unknown_field", name)
            else:
                values.check(checker, value, checker.entity.fields.get(name), name)


def _wait(checker: Checker, step: Step) -> None:
    ways = [name for name in ("for", "until", "filter") if step.get(name)]
    if not ways or ("for" in ways and "until" in ways):
        checker.wrong(_("Say how long, until when, or until what is true."), "required", "for")
        return
    if "for" in ways:
        checker.span(step["for"], "for")
    if "until" in ways:
        source = checker.path(step["until"], "until")
        if source and not isinstance(source.kind, values.TIMES):
            checker.wrong(_("Choose a date."), "type", "until")
    checker.clock(step.get("at"), "at")
    checker.filter(step.get("filter"), "filter")


def _unless(checker: Checker, step: Step) -> None:
    checker.filter(step.get("filter"), "filter", needed=True)


def _call(checker: Checker, step: Step) -> None:
    if not step.get("url"):
        checker.needed("url")
    elif why := outgoing.refused(str(step["url"])):
        checker.wrong(why, "url", "url")


def _approve(checker: Checker, step: Step) -> None:
    how = str(step.get("how"))
    if how not in dict(WHO):
        checker.wrong(_("Say who decides."), "choice", "how")
    elif how == "of":
        source = checker.path(step.get("of"), "of")
        if source and source.relation not in ("user", "team"):
            checker.wrong(_("Choose a field that names a colleague."), "type", "of")
    elif how != "lead":
        _key(checker, step, how)
    values.check_text(checker, step.get("text"), "text")
    if step.get("within"):
        checker.span(step["within"], "within")
    if step.get("set"):
        _set(checker, checker.entity, step)


_CHECKS: dict[str, Callable[[Checker, Step], None]] = {
    "change": _change, "create": _create, "assign": _assign, "tag": _tag, "notify": _notify, "act": _act,
    "wait": _wait, "unless": _unless, "call": _call, "approve": _approve,
}  # fmt: skip
