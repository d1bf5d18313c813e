"""The log of runs by the API: trying again, giving up, undoing as one."""

from collections.abc import Callable

from rapport.platform.identity.models import User
from tests.automation.acting import CALL, automation, work
from tests.people import Api

Client = Callable[..., Api]


def test_a_run_is_undone_as_one(admin: User, api: Client) -> None:
    client = api(admin)
    made = automation(client, {"do": "change", "set": {"probability": 33}}, CALL)
    deal = client.make("deals", {"name": "Pumps", "probability": 80})
    work()
    path = f"automations/{made['id']}/runs"
    (run,) = client.items(path)
    assert (run["status"], run["event"], run["record"]) == ("done", "deal.created", deal["id"])
    assert [(each["do"], each["way"]) for each in run["log"]] == [("change", "done"), ("create", "done")]
    whole = client.get(f"{path}/{run['id']}").json()
    assert [(each["entity"], each["verb"], each["title"]) for each in whole["changes"]] == [
        ("deal", "changed", "Pumps"), ("task", "created", "Call about Pumps"),
    ]  # fmt: skip
    undone = client.post(f"{path}/{run['id']}/undo")
    assert (undone.status_code, undone.json()["reverted"]) == (200, 2)
    assert client.get(f"deals/{deal['id']}").json()["probability"] == 80
    assert client.items("tasks") == []
    assert client.post(f"{path}/{run['id']}/undo").status_code == 422
    work()
    assert len(client.items(path)) == 1, "what is undone begins nothing"


def test_a_failed_run_is_tried_again_from_where_it_ended(admin: User, api: Client) -> None:
    client = api(admin)
    made = automation(client, CALL, {"do": "change", "set": {"closed_on": {"of": "close_on"}}})
    deal = client.make("deals", {"name": "Pumps", "close_on": "2026-01-01"})
    work()
    path = f"automations/{made['id']}/runs"
    (run,) = client.items(path, status="failed")
    assert run["reason"] == "An open deal has no closing date; move it to Won or Lost."
    stages = {each["name"]: each["id"] for each in client.items("stages")}
    client.patch(f"deals/{deal['id']}", {"stage": stages["Won"], "opened_on": "2025-12-01"})
    assert client.post(f"{path}/{run['id']}/retry").json()["status"] == "waiting"
    work()
    (run,) = client.items(path)
    assert run["status"] == "done"
    assert len(client.items("tasks")) == 1
    assert client.get(f"deals/{deal['id']}").json()["closed_on"] == "2026-01-01"


def test_one_that_waits_is_given_up(admin: User, api: Client) -> None:
    client = api(admin)
    made = automation(client, {"do": "wait", "for": {"n": 1, "unit": "week"}}, CALL)
    client.make("deals", {"name": "Pumps"})
    work()
    path = f"automations/{made['id']}/runs"
    (run,) = client.items(path, status="waiting")
    assert client.post(f"{path}/{run['id']}/cancel").json()["reason"] == "Cancelled by Ada Admin."
    assert client.post(f"{path}/{run['id']}/cancel").status_code == 422
    assert client.items(path, status="waiting") == []
    assert client.get(path, status="odd").status_code == 400
    assert client.get(path, after="odd").status_code == 400
