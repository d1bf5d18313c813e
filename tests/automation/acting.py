"""Automations made by the API, and the worker that carries them out."""

from typing import Any

from rapport.automation import jobs
from rapport.automation.models import AutomationRun
from rapport.platform.actor import as_system
from tests.people import Api


class Run:
    """A job that nobody cancels."""

    def check_cancelled(self) -> None:
        """Go on."""


def work() -> None:
    """What the worker does in the next seconds."""
    with as_system("tests"):
        jobs.work(Run())


def automation(client: Api, *steps: dict[str, Any], on: Any = "created", entity: str = "deal", **given: Any) -> Any:
    """An automation that is switched on; ``on``: its trigger, or how that begins."""
    trigger = {"on": on} if isinstance(on, str) else on
    values = {"name": "Rule", "entity": entity, "trigger": trigger, "is_active": True, **given}
    return client.make("automations", {**values, "steps": {"version": 1, "steps": list(steps)}})


def runs(**having: Any) -> list[tuple[str, str]]:
    """(Status, reason) of the runs, the oldest first."""
    return list(AutomationRun.objects.filter(**having).order_by("id").values_list("status", "said"))


CALL = {"do": "create", "entity": "task", "set": {"title": {"text": "Call about {name}"}}}
