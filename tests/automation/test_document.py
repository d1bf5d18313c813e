"""docs/automation.md is true: its example is posted and does what it says."""

import re
from collections.abc import Callable
from pathlib import Path

from rapport.automation.plan import steps, triggers
from rapport.platform.identity.models import User
from tests.automation.acting import work
from tests.people import Api

DOC = (Path(__file__).resolve().parents[2] / "docs" / "automation.md").read_text()


def test_its_example_works(admin: User, api: Callable[..., Api]) -> None:
    client = api(admin)
    (example,) = re.findall(r"```json\n(.*?)```", DOC, re.DOTALL)
    assert client.post("automations", example.encode()).status_code == 201
    party = client.make("parties", {"name": "Acme"})
    client.make("deals", {"name": "Pumps", "party": party["id"], "amount": "5000"})
    client.make("deals", {"name": "Hose", "amount": "5"})
    work()
    assert [each["title"] for each in client.items("tasks")] == ["Call Acme about Pumps"]


def test_it_names_every_trigger_and_step() -> None:
    for name in (*dict(steps.DO), *dict(triggers.ON)):
        assert f"`{name}`" in DOC or f'"{name}"' in DOC, name
