"""What keeps automations in bounds: loops, failures, other programs that do not answer, a process that dies."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from rapport.automation import guard, jobs, listening, running
from rapport.automation.models import AutomationRun
from rapport.platform.actor import acting_as
from rapport.platform.events.models import EventCursor
from rapport.platform.identity.access import actor_of
from rapport.platform.identity.models import User
from rapport.records import notifications
from rapport.records.webhooks import signing
from tests.automation.acting import CALL, automation, runs, work
from tests.automation.test_steps import pass_time
from tests.people import Api
from tests.webhooks.receiving import Receiver

Client = Callable[..., Api]


def told(user: User) -> list[str]:
    with acting_as(actor_of(user)):
        return [each["reason"] for each in notifications.read().entries]


def test_automations_that_cause_each_other_are_stopped(admin: User, api: Client) -> None:
    client = api(admin)
    another = {"do": "create", "entity": "task", "set": {"title": {"text": "{title}!"}}}
    automation(client, another, entity="task", name="Echo")
    client.make("tasks", {"title": "Hello"})
    for _turn in range(10):
        work()
    assert sorted(each["title"] for each in client.items("tasks")) == [
        "Hello" + "!" * n for n in range(guard.DEEPEST + 2)
    ]
    assert runs()[-1] == ("stopped", guard.TOO_DEEP)
    assert AutomationRun.objects.order_by("id").last().depth == guard.DEEPEST + 1
    assert told(admin) == ["automation_stopped"]
    assert not jobs.something_to_do()


def test_it_runs_for_a_record_only_so_often_in_a_minute(admin: User, api: Client) -> None:
    client = api(admin)
    automation(client, {"do": "notify", "users": [admin.id], "text": "x"}, on={"on": "changed"})
    deal = client.make("deals", {"name": "Pumps"})
    for n in range(guard.OFTEN + 3):
        client.patch(f"deals/{deal['id']}", {"probability": n})
    work()
    assert [status for status, _said in runs()].count("done") == guard.OFTEN
    assert [status for status, _said in runs()].count("stopped") == 3
    assert told(admin).count("automation_stopped") == 1


def test_what_it_writes_again_changes_nothing_and_so_begins_nothing(admin: User, api: Client) -> None:
    client = api(admin)
    automation(client, {"do": "change", "set": {"probability": 7}}, on={"on": "changed"})
    deal = client.make("deals", {"name": "Pumps"})
    client.patch(f"deals/{deal['id']}", {"probability": 50})
    for _turn in range(3):
        work()
    assert [status for status, _said in runs()] == ["done", "done"]


def test_one_that_fails_again_and_again_is_switched_off(admin: User, api: Client) -> None:
    client = api(admin)
    made = automation(client, {"do": "change", "set": {"closed_on": "2026-01-01"}})
    for n in range(guard.FAILURES + 2):
        client.make("deals", {"name": f"Deal {n}"})
    work()
    states = [status for status, _said in runs()]
    assert (states.count("failed"), states.count("stopped")) == (guard.FAILURES, 2)
    assert client.get(f"automations/{made['id']}").json()["is_active"] is False
    assert sorted(told(admin)) == ["automation_failed", "automation_off"]


def test_a_program_outside_is_told_signed_and_again_when_it_does_not_answer(
    admin: User, api: Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(admin)
    made = automation(client, {"do": "call", "url": receiver.url}, CALL)
    receiver.status = 503
    deal = client.make("deals", {"name": "Pumps"})
    work()
    run = AutomationRun.objects.get()
    assert (run.status, run.attempts, run.said) == ("waiting", 1, "503 thank you")
    assert client.items("tasks") == []
    receiver.status = 200
    pass_time(monkeypatch, dt.timedelta(seconds=11))
    work()
    assert len(receiver.heard) == 2
    (headers, body), (again, _body) = receiver.heard
    assert headers["webhook-id"] == again["webhook-id"]
    raw = body
    secret = client.get(f"automations/{made['id']}/secret").json()["secret"]
    expected = signing.headers(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), raw)
    assert headers["webhook-signature"] == expected["webhook-signature"]
    said = json.loads(body)
    assert (said["record"], said["data"]["name"], said["automation"]["name"]) == (deal["id"], "Pumps", "Rule")
    assert [each["title"] for each in client.items("tasks")] == ["Call about Pumps"]


def test_what_the_other_program_refuses_is_not_tried_again(admin: User, api: Client, receiver: Receiver) -> None:
    client = api(admin)
    automation(client, {"do": "call", "url": receiver.url}, CALL)
    receiver.status = 404
    client.make("deals", {"name": "Pumps"})
    work()
    assert runs() == [("failed", "404 thank you")]
    assert client.items("tasks") == []


def test_a_name_that_leads_inside_is_not_called(
    admin: User, api: Client, receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTGOING_PRIVATE = False
    client = api(admin)
    port = receiver.server.server_port
    found = [(2, 1, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *given, **more: found)
    automation(client, {"do": "call", "url": f"http://inside.example.com:{port}/"})
    client.make("deals", {"name": "Pumps"})
    work()
    assert receiver.heard == []
    assert runs() == [("failed", "This address is private.")]


def test_the_same_events_heard_twice_do_nothing_twice(admin: User, api: Client) -> None:
    client = api(admin)
    automation(client, CALL)
    for n in range(3):
        client.make("deals", {"name": f"Deal {n}"})
    work()
    EventCursor.objects.filter(consumer="automation").update(position=0)
    work()
    assert len(client.items("tasks")) == 3
    assert len(runs()) == 3


class Died(BaseException):
    """The process was killed here."""


@pytest.mark.parametrize("when", ["before the note", "after the commit"])
def test_a_process_that_dies_between_steps_leaves_no_deed_undone_or_done_twice(
    when: str, admin: User, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, real = api(admin), running._note
    steps = [{"do": "create", "entity": "task", "set": {"title": str(n)}} for n in range(3)]
    automation(client, *steps)
    client.make("deals", {"name": "Pumps"})

    def note(run: AutomationRun, *given: Any) -> None:
        if run.step == 1 and when == "before the note":
            raise Died
        real(run, *given)

    def step(run: AutomationRun, *given: Any) -> bool:
        if run.step == 1 and when == "after the commit":
            raise Died
        return carried(run, *given)

    carried = running._step
    with monkeypatch.context() as dying:
        dying.setattr(running, "_note", note)
        dying.setattr(running, "_step", step)
        with pytest.raises(Died):
            work()
    assert [each["title"] for each in client.items("tasks")] == ["0"]
    work()
    assert sorted(each["title"] for each in client.items("tasks")) == ["0", "1", "2"]
    assert runs() == [("done", "")]


def test_a_plan_that_is_changed_meanwhile_is_gone_on_with_as_it_was(
    admin: User, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(admin)
    made = automation(client, {"do": "wait", "for": {"n": 1, "unit": "hour"}}, CALL)
    client.make("deals", {"name": "Pumps"})
    work()
    client.patch(f"automations/{made['id']}", {"steps": {"version": 1, "steps": [CALL]}})
    pass_time(monkeypatch, dt.timedelta(hours=2))
    work()
    assert [each["title"] for each in client.items("tasks")] == ["Call about Pumps"]


def test_a_condition_on_a_field_that_is_gone_switches_it_off(admin: User, api: Client) -> None:
    client = api(admin)
    field = client.make("custom-fields", {"name": "Plant", "entity": "deal", "kind": "text"})
    made = automation(client, CALL, filter={"field": "custom.plant", "op": "eq", "value": "x"})
    client.delete(f"custom-fields/{field['id']}")
    client.make("deals", {"name": "Pumps"})
    work()
    assert client.get(f"automations/{made['id']}").json()["is_active"] is False
    assert told(admin) == ["automation_off"]
    assert client.delete(f"automations/{made['id']}").status_code == 204


def test_one_that_stumbles_keeps_no_other_from_acting(
    admin: User, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, real = api(admin), listening.hear
    bad = automation(client, CALL, name="Stumbles")
    automation(client, CALL, name="Works")

    def hear(automation: Any, facts: Any) -> None:
        if automation.name == "Stumbles":
            raise ZeroDivisionError
        real(automation, facts)

    monkeypatch.setattr(listening, "hear", hear)
    client.make("deals", {"name": "Pumps"})
    work()
    assert len(client.items("tasks")) == 1
    assert client.get(f"automations/{bad['id']}").json()["is_active"] is False
