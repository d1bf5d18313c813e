"""Queues by command line, by automation, in mentions and files."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from rapport.config import cli
from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.platform.mentions import token
from rapport.records import notifications, registry, write
from rapport.records.errors import Refused
from tests.automation.acting import automation, work
from tests.people import Api, address

Clients = Callable[..., Api]


def test_queues_are_looked_after_by_command_line(admin: User, seller: User, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*words: str) -> list[dict[str, Any]]:
        assert cli.run(["queue", *words]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    [made] = told("add", "Inbound leads")
    assert (made["name"], made["members"], made["waits"]) == ("Inbound leads", [], {})
    [queue] = told("join", "inbound leads", address("seller"))
    assert queue["members"] == [address("seller")]
    with as_system("tests"):
        write.create(registry.get("deal"), {"name": "Waits", "owner": f"queue:{made['id']}"})
    assert told("list")[0]["waits"] == {"Deals": 1}
    assert cli.run(["queue", "close", "Inbound leads"]) == 2
    assert "Deals" in capsys.readouterr().err
    [queue] = told("leave", made["id"], address("seller"))
    assert queue["members"] == []
    for wrong in (
        ["join", "Nowhere", address("seller")],
        ["join", made["id"], "no@body.test"],
        ["add", "inbound leads"],
    ):
        assert cli.run(["queue", *wrong]) == 2
        assert capsys.readouterr().err


def test_an_automation_puts_into_a_queue_and_gives_to_its_members_in_turn(
    queue: SimpleNamespace, admin: User, seller: User, other_seller: User, api: Clients
) -> None:
    client = api(admin)
    small = {"field": "amount", "op": "lt", "value": "100"}
    automation(client, {"do": "assign", "how": "queue", "queue": queue.id}, filter=small)
    automation(client, {"do": "assign", "how": "turn", "team": queue.id}, entity="party", name="Turns")
    deal = client.make("deals", {"name": "Small", "amount": "10"})["id"]
    parties = [client.make("parties", {"name": f"Lead {n}"})["id"] for n in range(2)]
    work()
    found = api(seller).get(f"deals/{deal}").json()
    assert (found["owner"], found["team"]) == (None, queue.id)
    assert {client.get(f"parties/{key}").json()["owner"] for key in parties} == {seller.id, other_seller.id}
    plan = {"version": 1, "steps": [{"do": "assign", "how": "queue", "queue": queue.id, "field": "assignee"}]}
    wrong = client.post("automations", {"name": "x", "entity": "task", "trigger": {"on": "created"}, "steps": plan})
    assert wrong.status_code == 422
    assert "Only an owner" in wrong.content.decode()


def test_who_mentions_a_queue_tells_its_members(
    queue: SimpleNamespace, admin: User, seller: User, manager: User, api: Clients, acting: Callable[..., Any]
) -> None:
    body = f"Who helps, {token('team', queue.id, 'Inbound leads')}?"
    party = api(admin).make("parties", {"name": "Anybody", "owner": seller.id})["id"]
    note = {"channel": "note", "subject": "Help", "body": body, "party": party, "owner": seller.id}
    api(admin).make("interactions", note)
    for user, told in ((seller, True), (manager, False)):
        with acting(user):
            reasons = [entry["reason"] for entry in notifications.read(limit=10).entries]
            assert ("mentioned" in reasons) is told


def test_a_queue_is_no_team_for_people_who_are_brought_in(
    queue: SimpleNamespace, admin: User, acting: Callable[..., Any]
) -> None:
    with acting(admin), pytest.raises(Refused):
        write.create(registry.get("user"), {"name": "New one", "team": "Inbound leads"})
