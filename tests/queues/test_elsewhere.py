"""Queues by command line, by automation, in mentions and files."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rapport.config import cli
from rapport.parties.models import Party
from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.platform.mentions import token
from rapport.records import notifications, registry, write
from rapport.records.errors import Refused
from rapport.records.queues import keeping
from rapport.records.transfer import undo
from rapport.records.transfer.tests.importing import bring
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


def owners() -> dict[str, tuple[str | None, str | None]]:
    """By name: who has a party, and its team."""
    return {each.name: (each.owner_id, each.team_id) for each in Party.objects.filter(binned_at=None)}


def test_a_file_names_queues_where_owners_stand(queue: SimpleNamespace, seller: User, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(
        "name,external_id,owner\nWaits,1,Inbound leads\nWaits too,2,queue:inbound LEADS\nHeld,3,Sam Seller\n"
        f"By id,4,queue:{queue.empty}\nUnknown,5,Nobody at all\nNo such,6,queue:Nowhere\nNobody's,7,\n"
    )
    found = bring("party", file)
    assert found.counts == (5, 0, 0, 2)
    assert dict(found.failed) == {
        6: "owner: there is no user “Nobody at all”", 7: "owner: There is no queue “Nowhere”.",
    }  # fmt: skip
    held = owners()
    assert {name: held[name] for name in ("Waits", "Waits too", "Held", "By id", "Nobody's")} == {
        "Waits": (None, queue.id), "Waits too": (None, queue.id), "Held": (seller.id, seller.team_id),
        "By id": (None, queue.empty), "Nobody's": (None, None),
    }  # fmt: skip
    assert bring("party", file).counts == (0, 0, 5, 2)
    file.write_text("name,external_id,owner\nWaits,1,Sam Seller\nHeld,3,Inbound leads\nBy id,4,Inbound leads\n")
    again = bring("party", file)
    assert again.counts == (0, 3, 0, 0), again.failed
    held = owners()
    assert [held[name] for name in ("Waits", "Held", "By id")] == [
        (seller.id, seller.team_id), (None, queue.id), (None, queue.id)
    ]  # fmt: skip
    with as_system("tests"):
        undo.undo(str(again.run))
    held = owners()
    assert [held[name] for name in ("Waits", "Held", "By id")] == [
        (None, queue.id), (seller.id, seller.team_id), (None, queue.empty)
    ]  # fmt: skip


def test_a_user_of_the_same_name_wins_over_a_queue_and_a_closed_one_takes_nothing(
    queue: SimpleNamespace, tmp_path: Path
) -> None:
    with as_system("tests"):
        namesake = write.create(registry.get("user"), {"name": "Second line"})
    file = tmp_path / "a.csv"
    file.write_text("name,owner\nHis,Second line\nIts,queue:Second line\n")
    assert bring("party", file).counts == (2, 0, 0, 0)
    held = owners()
    assert (held["His"][0], held["Its"]) == (namesake.id, (None, queue.empty))
    with as_system("tests"):
        for each in Party.objects.filter(team_id=queue.empty):
            write.put_in_bin(registry.get("party"), each.id)
        keeping.close(queue.empty)
    file.write_text("name,owner\nLate,queue:Second line\n")
    assert bring("party", file).failed == [(2, "owner: This queue is closed; choose another.")]
    default = {"columns": {"name": "name"}, "defaults": {"owner": "Inbound leads"}, "create": []}
    assert bring("party", file, default).counts == (1, 0, 0, 0)
    assert owners()["Late"] == (None, queue.id)
