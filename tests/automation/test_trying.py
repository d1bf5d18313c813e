"""The dry run: what would happen, and that nothing does."""

from collections.abc import Callable
from typing import Any

from rapport.platform import db
from rapport.platform.identity.models import User
from tests.automation.acting import CALL, automation, runs, work
from tests.people import Api
from tests.webhooks.receiving import Receiver

Client = Callable[..., Api]
LEFT = ("change", "event", "timeline_entry", "notification", "job", "task", "deal", "search_entry", "automation_run")


def everything() -> dict[str, Any]:
    """What the tables hold that a write would touch."""
    return {table: sorted(map(str, db.rows(f'SELECT * FROM "{table}"'))) for table in LEFT}


def test_it_says_what_each_step_would_do_and_writes_nothing(
    admin: User, seller: User, api: Client, receiver: Receiver
) -> None:
    client = api(admin)
    stages = {each["name"]: each["id"] for each in client.items("stages")}
    for n in range(3):
        client.make("deals", {"name": f"Deal {n}", "probability": n * 40, "owner": seller.id})
    made = automation(
        client, {"do": "change", "set": {"probability": 33}}, {"do": "wait", "for": {"n": 3, "unit": "day"}}, CALL,
        {"do": "notify", "of": ["owner"], "text": "Look at {name}"}, {"do": "call", "url": receiver.url},
        {"do": "act", "verb": "move_to", "args": {"stage": stages["Lost"]}},
        filter={"field": "probability", "op": "gte", "value": 40},
    )  # fmt: skip
    before = everything()
    answer = client.post(f"automations/{made['id']}/try")
    assert answer.status_code == 200, answer.content
    found = answer.json()["items"]
    assert [each["title"] for each in found] == ["Deal 2", "Deal 1"]
    steps = found[0]["steps"]
    assert [each["way"] for each in steps] == ["done", "waiting", "done", "done", "done", "failed"]
    (change,) = steps[0]["changes"]
    assert (change["before"]["probability"], change["after"]["probability"]) == (80, 33)
    assert steps[1]["until"]
    assert steps[2]["changes"][0]["after"]["title"] == "Call about Deal 2"
    assert steps[3]["tells"] == [{"user": seller.id, "text": "Look at Deal 2", "reason": "automation"}]
    assert (steps[4]["url"], receiver.heard) == (receiver.url, [])
    assert steps[5]["said"] == "Say why it was lost."
    assert everything() == before
    work()
    assert runs() == []


def test_one_record_is_tried_and_told_when_it_does_not_fit(admin: User, api: Client) -> None:
    client = api(admin)
    made = automation(client, CALL, filter={"field": "probability", "op": "gte", "value": 40})
    small = client.make("deals", {"name": "Small", "probability": 1})
    (tried,) = client.post(f"automations/{made['id']}/try", {"record": small["id"]}).json()["items"]
    assert tried == {"record": small["id"], "title": "Small", "fits": False, "steps": []}


def test_it_is_tried_with_the_rights_of_who_tries(admin: User, seller: User, other_seller: User, api: Client) -> None:
    from rapport.platform.identity import snapshot
    from rapport.platform.identity.models import Grant, Role

    made = automation(api(admin), CALL)
    api(other_seller).make("deals", {"name": "Theirs"})
    api(seller).make("deals", {"name": "Mine"})
    path = f"automations/{made['id']}"
    assert api(seller).post(f"{path}/try").status_code in (403, 404)
    assert api(seller).get(f"{path}/runs").status_code in (403, 404)
    for verb in ("view", "change"):
        Grant.objects.create(role=Role.objects.get(key="sales"), entity="automation", verb=verb, level="all")
    snapshot.touch()
    assert [each["title"] for each in api(seller).post(f"{path}/try").json()["items"]] == ["Mine"]
