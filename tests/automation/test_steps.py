"""What each step does, seen through the API."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from rapport.automation import beginning, guard, running, sweeping, timing
from rapport.automation.deeds import pausing, seeing
from rapport.automation.models import AutomationRun
from rapport.platform.actor import acting_as
from rapport.platform.clock import now
from rapport.platform.identity.access import actor_of
from rapport.platform.identity.models import Team, User
from rapport.records import notifications
from tests.automation.acting import CALL, automation, runs, work
from tests.people import Api

Client = Callable[..., Api]


def test_a_new_deal_brings_a_task_linked_to_it(admin: User, api: Client) -> None:
    client = api(admin)
    due = {"in": {"n": 3, "unit": "day"}, "at": "09:30"}
    automation(client, {**CALL, "set": {**CALL["set"], "due_at": due, "assignee": {"of": "owner"}}})
    party = client.make("parties", {"name": "Acme"})
    deal = client.make("deals", {"name": "Pumps", "party": party["id"]})
    work()
    (task,) = client.items("tasks")
    assert task["title"] == "Call about Pumps"
    assert task["about"] == {"entity": "deal", "id": deal["id"]}
    assert (task["party"], task["assignee"]) == (party["id"], admin.id)
    day = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).date()
    assert task["due_at"] == f"{day}T09:30:00Z"
    assert runs() == [("done", "")]
    history = client.items(f"tasks/{task['id']}/changes")
    assert (history[0]["source"], history[0]["actor"]["id"]) == ("automation", admin.id)


def test_fields_are_set_fixed_copied_and_from_related_records(admin: User, seller: User, api: Client) -> None:
    client = api(admin)
    changes = {
        "probability": 40, "owner": {"of": "party.owner"}, "lost_reason": {"text": "{party.name} · {party.industry}"},
        "close_on": {"in": {"n": 1, "unit": "month"}, "of": "opened_on"}, "external_id": {"of": "party.name"},
    }  # fmt: skip
    automation(client, {"do": "change", "set": changes}, filter={"field": "party", "op": "is_empty", "value": False})
    party = client.make("parties", {"name": "Acme", "owner": seller.id})
    client.make("deals", {"name": "Without"})
    deal = client.make("deals", {"name": "Pumps", "party": party["id"], "opened_on": "2026-01-31"})
    work()
    found = client.get(f"deals/{deal['id']}").json()
    assert (found["probability"], found["owner"], found["close_on"]) == (40, seller.id, "2026-02-28")
    assert (found["lost_reason"], found["external_id"]) == ("Acme ·", "Acme")
    assert len(runs()) == 1, "only the one that fits"


def test_an_action_is_performed_and_a_refusal_is_told_in_words(admin: User, api: Client) -> None:
    client = api(admin)
    stages = {each["name"]: each["id"] for each in client.items("stages")}
    for stage in ("Qualified", "Lost"):
        automation(
            client, {"do": "act", "verb": "move_to", "args": {"stage": stages[stage]}}, name=stage,
            filter={"field": "name", "op": "eq", "value": stage},
        )  # fmt: skip
    deals = {name: client.make("deals", {"name": name})["id"] for name in ("Qualified", "Lost")}
    work()
    assert client.get(f"deals/{deals['Qualified']}").json()["stage"] == stages["Qualified"]
    assert client.get(f"deals/{deals['Lost']}").json()["status"] == "open"
    assert sorted(runs()) == [("done", ""), ("failed", "Say why it was lost.")]


def test_new_ones_go_to_the_people_of_a_team_in_turn_or_to_who_has_least(
    admin: User, seller: User, manager: User, api: Client
) -> None:
    client = api(admin)
    team = Team.objects.get(name="North East")
    client.patch(f"users/{manager.id}", {"team": team.id})
    automation(client, {"do": "assign", "how": "turn", "team": team.id}, entity="party")
    automation(client, {"do": "assign", "how": "least", "team": team.id}, name="Least")
    for n in range(4):
        client.make("parties", {"name": f"Firm {n}"})
        work()
    owners = [each["owner"] for each in client.items("parties", sort="created_at")]
    assert owners[0] != owners[1]
    assert owners == [owners[0], owners[1]] * 2
    assert set(owners) == {seller.id, manager.id}
    client.make("deals", {"name": "Busy", "owner": manager.id})
    work()
    first = {each["name"]: each["owner"] for each in client.items("deals")}["Busy"]
    client.make("deals", {"name": "Next"})
    work()
    second = {each["name"]: each["owner"] for each in client.items("deals")}["Next"]
    assert {first, second} == {seller.id, manager.id}


def test_tags_come_and_go_and_colleagues_are_told(admin: User, seller: User, api: Client) -> None:
    client = api(admin)
    for name in ("Large", "New"):
        client.make("tags", {"name": name})
    automation(
        client, {"do": "tag", "add": ["Large"], "remove": ["New"]},
        {"do": "notify", "of": ["owner"], "text": "{name} is worth {amount} {currency}"},
        filter={"field": "amount", "op": "gte", "value": 1000},
    )  # fmt: skip
    deal = client.make("deals", {"name": "Ship", "amount": "5000", "owner": seller.id, "tags": ["New"]})
    client.make("deals", {"name": "Boat", "amount": "5", "tags": ["New"]})
    work()
    assert client.get(f"deals/{deal['id']}").json()["tags"] == ["Large"]

    with acting_as(actor_of(seller)):
        (told,) = [each for each in notifications.read().entries if each["reason"] == "automation"]
    assert (told["title"], told["text"]) == ("Ship", "Ship is worth 5000.00 USD")


def test_it_waits_for_a_time_and_for_a_condition(
    admin: User, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    client = api(admin)
    automation(
        client, {"do": "wait", "for": {"n": 2, "unit": "day"}},
        {"do": "wait", "filter": {"field": "probability", "op": "gte", "value": 50}},
        {"do": "unless", "filter": {"field": "status", "op": "eq", "value": "open"}}, CALL,
    )  # fmt: skip
    deal = client.make("deals", {"name": "Pumps"})
    work()
    run = AutomationRun.objects.get()
    assert (run.status, run.step) == ("waiting", 0)
    assert dt.timedelta(days=1, hours=23) < run.wake_at - now() <= dt.timedelta(days=2)
    pass_time(monkeypatch, dt.timedelta(days=2, minutes=1))
    work()
    run.refresh_from_db()
    assert (run.status, run.step, run.watches) == ("waiting", 1, True)
    assert client.items("tasks") == []
    client.patch(f"deals/{deal['id']}", {"probability": 60})
    work()
    assert [each["title"] for each in client.items("tasks")] == ["Call about Pumps"]
    assert runs() == [("done", "")]


def test_what_does_not_fit_any_more_ends_it(admin: User, api: Client) -> None:
    client = api(admin)
    automation(client, {"do": "unless", "filter": {"field": "probability", "op": "gt", "value": 90}}, CALL)
    client.make("deals", {"name": "Pumps"})
    work()
    assert runs() == [("stopped", "The record does not fit.")]
    assert client.items("tasks") == []


def pass_time(monkeypatch: pytest.MonkeyPatch, span: dt.timedelta) -> None:
    """For automations it is later."""

    for module in (beginning, guard, running, sweeping, timing, pausing, seeing):
        monkeypatch.setattr(module, "now", lambda: now() + span)
    timing._looked.clear()


def test_its_owner_and_where_it_points_are_looked_over(admin: User, api: Client) -> None:
    client, wrong = api(admin), []
    for steps, on, field in (
        ([{"do": "change", "set": {"nmae": 1}}], {"on": "created"}, "steps.0.set.nmae"),
        ([{"do": "change", "set": {"status": "won"}}], {"on": "created"}, "steps.0.set.status"),
        ([{"do": "change", "set": {"probability": "many"}}], {"on": "created"}, "steps.0.set.probability"),
        ([{"do": "change", "set": {"close_on": {"of": "party.name"}}}], {"on": "created"}, "steps.0.set.close_on"),
        ([CALL, {"do": "create", "entity": "task", "set": {}}], {"on": "created"}, "steps.1.set.title"),
        ([{"do": "create", "entity": "webhook", "set": {}}], {"on": "created"}, "steps.0.entity"),
        ([{"do": "notify", "of": ["owner"], "text": "{nmae}"}], {"on": "created"}, "steps.0.text"),
        ([{"do": "call", "url": "http://127.0.0.1/"}], {"on": "created"}, "steps.0.url"),
        ([{"do": "unless"}], {"on": "created"}, "steps.0.filter"),
        ([{"do": "dance"}], {"on": "created"}, "steps.0.do"),
        ([CALL], {"on": "changed", "fields": ["nmae"]}, "trigger.fields"),
        ([CALL], {"on": "verb", "verb": "dance"}, "trigger.verb"),
        ([CALL], {"on": "schedule", "every": "day", "at": "09:00"}, "trigger.filter"),
        ([CALL], {"on": "date", "field": "close_on", "side": "before", "n": 1, "unit": "hour"}, "trigger.unit"),
    ):
        values = {"name": "Rule", "entity": "deal", "trigger": on, "steps": {"version": 1, "steps": steps}}
        answer = client.post("automations", values)
        assert answer.status_code == 422, (field, answer.content)
        wrong.append((answer.json()["errors"][0]["field"], field))
    assert [told for told, _field in wrong] == [field for _told, field in wrong]
    bad = {"field": "nmae", "op": "eq", "value": 1}
    answer: Any = client.post("automations", {"name": "Rule", "entity": "deal", "filter": bad})
    assert answer.json()["errors"][0]["field"] == "filter"
    empty = client.post("automations", {"name": "Rule", "entity": "deal", "is_active": True})
    assert empty.json()["errors"][0]["field"] == "steps"
