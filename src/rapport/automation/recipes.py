"""Ready-made automations to begin with. Offered where the entities and fields that they name are there.

They name what floors above declare by its key alone; what is not there is not offered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.automation.plan import steps
from rapport.automation.plan.checking import Checker
from rapport.platform.actor import current
from rapport.records import registry
from rapport.records.intake import place_for

OPEN = {"field": "status", "op": "eq", "value": "open"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """``texts``: what its steps write, so that it can be translated: by the name under which a step says it."""

    key: str
    entity: str
    name: Any
    teaches: Any
    icon: str
    trigger: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...]
    filter: Any = None
    texts: Mapping[str, Any] = field(default_factory=dict)

    def plan(self) -> list[dict[str, Any]]:
        """Its steps with their texts in the reader's language."""
        return [_spoken(step, self.texts) for step in self.steps]


def _spoken(part: Any, texts: Mapping[str, Any]) -> Any:
    if isinstance(part, Mapping):
        return {name: _spoken(each, texts) for name, each in part.items()}
    if isinstance(part, tuple | list):
        return [_spoken(each, texts) for each in part]
    return str(texts[part[1:]]) if isinstance(part, str) and part.startswith("@") else part


def _task(days: int, **more: Any) -> dict[str, Any]:
    due = {"in": {"n": days, "unit": "day"}, "at": "09:00"}
    values = {"title": {"text": "@title"}, "due_at": due, "assignee": {"of": "owner"}}
    return {"do": "create", "entity": "task", "set": {**values, **more}}


def _tell(path: str = "owner") -> dict[str, Any]:
    return {"do": "notify", "of": [path], "text": "@text"}


def _date(name: str, n: int, side: str, unit: str = "day", **more: Any) -> dict[str, Any]:
    return {"on": "date", "field": name, "side": side, "n": n, "unit": unit, **more}


RECIPES = (
    Recipe(
        "in_turn", "party", _("Give new organisations to a team in turn"),
        _("Each new organisation goes to the next of the team, so that nobody gets them all."), "users",
        {"on": "created"}, ({"do": "assign", "how": "turn", "team": ""}, _tell()),
        {"field": "kind", "op": "eq", "value": "organisation"}, {"text": _("{name} is new, and yours.")},
    ),
    Recipe(
        "first_call", "deal", _("Call about every new deal"),
        _("A new deal brings its owner a task for the next day."), "phone",
        {"on": "created"}, (_task(1),), OPEN, {"title": _("Call about {name}")},
    ),
    Recipe(
        "after_stage", "deal", _("Follow up when a deal moves on"),
        _("Three days after an open deal has changed its stage its owner is to ask how it goes."), "kanban",
        {"on": "changed", "fields": ["stage"]}, (_task(3),), OPEN, {"title": _("Follow up on {name} ({stage})")},
    ),
    Recipe(
        "before_close", "deal", _("Remind before the expected close"),
        _("A week before a deal is expected to close its owner is reminded."), "calendar",
        _date("close_on", 7, "before", at="09:00"), (_tell(),), OPEN,
        {"text": _("{name} is expected to close on {close_on}.")},
    ),
    Recipe(
        "won", "deal", _("Thank the customer for a deal won"),
        _("When a deal is won its owner gets a task to say thank you."), "trophy",
        {"on": "changed", "fields": ["status"], "to": "won"}, (_task(2),), None,
        {"title": _("Thank {party} for {name}")},
    ),
    Recipe(
        "lost", "deal", _("Ask again after a deal lost"),
        _("Ninety days after a deal was lost its owner is to ask again."), "undo-2",
        {"on": "changed", "fields": ["status"], "to": "lost"}, (_task(90),), None,
        {"title": _("Ask {party} again ({name})")},
    ),
    Recipe(
        "rests", "deal", _("Tell when a deal stands still"),
        _("An open deal that has been in its stage for two weeks is brought to its owner's mind."), "hourglass",
        _date("stage_since", 14, "after"), (_tell(),), OPEN,
        {"text": _("{name} has been in “{stage}” for two weeks.")},
    ),
    Recipe(
        "overdue", "task", _("Tell when a task is overdue"),
        _("An hour after an open task was due its owner hears of it."), "alarm-clock",
        _date("due_at", 1, "after", "hour"), (_tell(),), OPEN, {"text": _("This was due on {due_at}.")},
    ),
    Recipe(
        "answered", "task", _("Tell who asked when a task is done"),
        _("Whoever wrote a task down hears when somebody has done it."), "circle-check",
        {"on": "changed", "fields": ["status"], "to": "done"}, (_tell("created_by"),), None,
        {"text": _("Done by {done_by}: {answer}")},
    ),
    Recipe(
        "quiet", "party", _("Stay in touch with customers"),
        _("After sixty days without a contact the owner gets a task to call."), "message-square",
        _date("last_contact_at", 60, "after"), (_task(1),), {"field": "roles", "op": "has_any", "value": ["customer"]},
        {"title": _("Call {name}: no contact for sixty days")},
    ),
    Recipe(
        "interested", "interaction", _("Act on interest"),
        _("A contact that ends with interest brings a task for the next day."), "sparkles",
        {"on": "created"}, (_task(1),), {"field": "outcome", "op": "eq", "value": "interested"},
        {"title": _("Send an offer: {subject}")},
    ),
    Recipe(
        "large", "deal", _("Look at large deals together"),
        _("When a deal becomes large the people you choose hear of it."), "banknote",
        {"on": "changed", "fields": ["amount"]}, ({"do": "notify", "of": ["owner"], "text": "@text"},),
        {"field": "amount", "op": "gte", "value": "10000"}, {"text": _("{name} is worth {amount} {currency}.")},
    ),
    Recipe(
        "signed_off", "deal", _("Have large offers approved"),
        _("Before a large deal is closed whoever leads the team says yes or no; then its owner gets a task."), "stamp",
        {"on": "changed", "fields": ["stage"]},
        ({"do": "approve", "how": "lead", "text": "@text", "within": {"n": 3, "unit": "day"}}, _task(1)),
        {"and": [
            OPEN, {"field": "amount", "op": "gte", "value": "10000"},
            {"field": "stage.probability", "op": "gte", "value": 70},
        ]},
        {"text": _("May {name} go out to {party} at {amount} {currency}?"), "title": _("Send the offer for {name}")},
    ),
    Recipe(
        "tidy", "deal", _("Tidy up on Mondays"),
        _("Every Monday the owners of open deals whose date has passed are asked for a new one."), "repeat",
        {"on": "schedule", "every": "week", "day": 1, "at": "08:00"}, (_tell(),),
        {"and": [OPEN, {"field": "close_on", "op": "lt", "value": "today"}]},
        {"text": _("{name} should have closed on {close_on}: give it a new date.")},
    ),
    Recipe(
        "sample", "sample", _("Fetch samples back"),
        _("When a sample is to be back its owner gets a task."), "package",
        _date("back_by", 0, "before", at="08:00"), (_task(0),), {"field": "status", "op": "eq", "value": "given"},
        {"title": _("Fetch {name} back from {party}")},
    ),
    Recipe(
        "tell_program", "deal", _("Tell another program of deals won"),
        _("A signed call to an address of yours, tried again until it is heard."), "webhook",
        {"on": "changed", "fields": ["status"], "to": "won"}, ({"do": "call", "url": ""},),
    ),
)  # fmt: skip


def offered() -> Iterator[Recipe]:
    """The recipes that make sense here: all they name is there; what is still to be filled in may be missing."""
    for recipe in RECIPES:
        if recipe.entity not in registry or not current().may(recipe.entity, "view"):
            continue
        checker = Checker(registry.get(recipe.entity), current(), place_for(current()))
        kept = {"version": steps.VERSION, "steps": recipe.plan()}
        found = steps.problems(checker, dict(recipe.trigger), recipe.filter, kept)
        if all(each["code"] == "required" for each in found):
            yield recipe
