"""What begins an automation, and what does not."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rapport.automation import jobs, sweeping, timing
from rapport.automation.models import Automation, AutomationRun
from rapport.platform.actor import acting_as, as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.access import actor_of
from rapport.platform.identity.models import Grant, Organisation, Role, User
from rapport.records import notifications
from rapport.records.transfer.tests import importing
from tests.automation.acting import automation, runs, work
from tests.automation.test_steps import pass_time
from tests.people import Api

Client = Callable[..., Api]
MARK: dict[str, Any] = {"do": "create", "entity": "task", "set": {"title": {"text": "{name}"}}}


def titles(client: Api) -> list[str]:
    return sorted(each["title"] for each in client.items("tasks", limit=1000))


def test_a_change_of_named_fields_from_one_value_to_another(admin: User, api: Client) -> None:
    client = api(admin)
    stages = {each["name"]: each["id"] for each in client.items("stages")}
    automation(client, MARK, on={"on": "changed", "fields": ["status"], "to": "won"})
    to = {"on": "changed", "fields": ["stage"], "from": stages["New"], "to": stages["Proposal"]}
    automation(client, {**MARK, "set": {"title": "Proposed"}}, on=to)
    deal = client.make("deals", {"name": "Pumps"})
    path = f"deals/{deal['id']}"
    client.patch(path, {"amount": "5"})
    work()
    assert titles(client) == []
    client.post(f"{path}/actions/move_to", {"stage": stages["Proposal"]})
    work()
    assert titles(client) == ["Proposed"]
    client.patch(path, {"stage": stages["Qualified"]})
    client.patch(path, {"stage": stages["Proposal"]})
    client.patch(path, {"stage": stages["Won"]})
    work()
    assert titles(client) == ["Proposed", "Pumps"]


def test_a_verb_the_bin_and_a_tag(admin: User, api: Client) -> None:
    client = api(admin)
    client.make("tags", {"name": "Key"})
    client.make("tags", {"name": "Other"})
    told = {"do": "notify", "users": [admin.id], "text": "now"}
    automation(client, told, on={"on": "verb", "verb": "complete"}, entity="task", name="done")
    automation(client, told, on="binned", entity="task", name="binned")
    automation(client, told, on={"on": "tagged", "tags": ["Key"]}, entity="task", name="tagged")
    task = client.make("tasks", {"title": "Ring"})
    path = f"tasks/{task['id']}"
    client.patch(path, {"tags": ["Other"]})
    work()
    assert runs() == []
    client.patch(path, {"tags": ["Key", "Other"]})
    client.patch(path, {"tags": ["Key"]})
    client.post(f"{path}/actions/complete")
    work()
    client.delete(path)
    work()
    found = set(AutomationRun.objects.values_list("automation__name", "event"))
    assert found == {("tagged", "task.changed"), ("done", "task.complete"), ("binned", "task.binned")}


def test_it_hears_what_happens_from_when_it_is_switched_on(admin: User, api: Client) -> None:
    client = api(admin)
    client.make("deals", {"name": "Before"})
    made = automation(client, MARK)
    client.make("deals", {"name": "Heard"})
    work()
    client.patch(f"automations/{made['id']}", {"is_active": False})
    client.make("deals", {"name": "Unheard"})
    work()
    assert not jobs.something_to_do()
    client.patch(f"automations/{made['id']}", {"is_active": True})
    client.make("deals", {"name": "Again"})
    work()
    assert titles(client) == ["Again", "Heard"]
    assert not jobs.something_to_do()


def test_only_what_its_owner_sees_and_may(admin: User, seller: User, other_seller: User, api: Client) -> None:

    for verb in ("view", "add", "change"):
        Grant.objects.create(role=Role.objects.get(key="sales"), entity="automation", verb=verb, level="all")
    snapshot.touch()
    mine = automation(api(seller), MARK)
    assert mine["owner"] == seller.id
    refused = api(seller).patch(f"automations/{mine['id']}", {"all_rights": True})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "all_rights")
    api(other_seller).make("deals", {"name": "Theirs"})
    api(seller).make("deals", {"name": "Mine"})
    work()
    assert titles(api(admin)) == ["Mine"]
    free = api(admin).patch(f"automations/{mine['id']}", {"all_rights": True})
    assert (free.status_code, free.json()["owner"]) == (200, admin.id), "who says what it does owns it"
    api(other_seller).make("deals", {"name": "Theirs too"})
    work()
    assert titles(api(admin)) == ["Mine", "Theirs too"]


def test_whose_owner_has_gone_is_switched_off_and_told(admin: User, manager: User, api: Client) -> None:

    for verb in ("view", "add", "change"):
        Grant.objects.create(role=Role.objects.get(key="manager"), entity="automation", verb=verb, level="all")
    snapshot.touch()
    made = automation(api(manager), MARK)
    api(admin).patch(f"users/{manager.id}", {"is_active": False})
    api(admin).make("deals", {"name": "Pumps"})
    work()
    assert api(admin).get(f"automations/{made['id']}").json()["is_active"] is False
    with acting_as(actor_of(admin)):
        assert [each["reason"] for each in notifications.read().entries] == ["automation_off"]


def test_a_schedule_goes_through_all_that_fit_once(
    admin: User, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    client = api(admin)
    monkeypatch.setattr("rapport.automation.sweeping.SLICE", 2)
    for n in range(5):
        client.make("deals", {"name": f"Deal {n}", "probability": 10 if n else 90})
    automation(
        client, MARK, on={"on": "schedule", "every": "day", "at": "09:00"},
        filter={"field": "probability", "op": "lt", "value": 50},
    )  # fmt: skip
    work()
    assert titles(client) == []
    pass_time(monkeypatch, dt.timedelta(days=1))
    assert jobs.something_to_do()
    work()
    work()
    assert titles(client) == ["Deal 1", "Deal 2", "Deal 3", "Deal 4"]
    assert not jobs.something_to_do()


def test_a_date_that_comes_near_counts_once_and_again_when_moved(
    admin: User, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, today = api(admin), dt.datetime.now(dt.UTC).date()
    week = {"on": "date", "field": "close_on", "side": "before", "n": 7, "unit": "day", "at": "00:00"}
    automation(client, MARK, on=week, filter={"field": "status", "op": "eq", "value": "open"})
    work()
    far = client.make("deals", {"name": "Far", "close_on": str(today + dt.timedelta(days=9))})
    client.make("deals", {"name": "Near", "close_on": str(today + dt.timedelta(days=3))})
    client.make("deals", {"name": "Past", "close_on": str(today - dt.timedelta(days=3))})
    work()
    assert titles(client) == ["Near"], "what is made within the week counts at once"
    pass_time(monkeypatch, dt.timedelta(days=2))
    work()
    assert titles(client) == ["Far", "Near"]
    work()
    client.patch(f"deals/{far['id']}", {"close_on": str(today + dt.timedelta(days=30))})
    work()
    assert titles(client) == ["Far", "Near"]
    pass_time(monkeypatch, dt.timedelta(days=23))
    work()
    assert titles(client) == ["Far", "Far", "Near"]


def test_time_since_a_moment(admin: User, api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api(admin)
    client.make("deals", {"name": "Old"})
    rest = {"on": "date", "field": "stage_since", "side": "after", "n": 14, "unit": "day"}
    automation(client, MARK, on=rest, filter={"field": "status", "op": "eq", "value": "open"})
    work()
    assert not jobs.something_to_do()
    pass_time(monkeypatch, dt.timedelta(days=14, minutes=1))
    assert jobs.something_to_do()
    work()
    assert titles(client) == ["Old"]
    timing._looked.clear()
    assert not jobs.something_to_do(), "once for each date"


def test_an_import_is_passed_over_unless_asked_for_and_then_taken_in_slices(
    admin: User, api: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(admin)
    monkeypatch.setattr(sweeping, "SLICE", 3)
    automation(client, MARK, entity="party", name="Not for imports")
    asked = {"on": "created", "imports": True}
    only = {"field": "industry", "op": "eq", "value": "Wood"}
    automation(client, MARK, on=asked, entity="party", name="For imports too", filter=only)
    file = tmp_path / "firms.csv"
    file.write_text("name,industry\n" + "".join(f"Firm {n},{'Wood' if n % 2 else 'Iron'}\n" for n in range(11)))
    monkeypatch.setattr(importing, "as_system", lambda reason: as_system(reason, source="import"))
    assert importing.bring("party", file).counts == (11, 0, 0, 0)
    work()
    assert titles(client) == [f"Firm {n}" for n in (1, 3, 5, 7, 9)]
    assert not jobs.something_to_do()
    by_hand = client.make("parties", {"name": "By hand"})
    work()
    assert "By hand" in titles(client)
    assert by_hand


def test_clock_times_follow_the_organisations_zone(admin: User, api: Client) -> None:

    Organisation.objects.update(time_zone="Asia/Tashkent")
    snapshot.touch()
    every = {"on": "schedule", "every": "month", "day": 31, "at": "09:00"}
    made = automation(api(admin), MARK, on=every, filter={"field": "status", "op": "eq", "value": "open"})
    rule = Automation.objects.get(id=made["id"])
    struck = timing.following(rule, dt.datetime(2026, 2, 10, tzinfo=dt.UTC))
    assert struck == dt.datetime(2026, 2, 28, 4, 0, tzinfo=dt.UTC)
    weekly = {"on": "schedule", "every": "week", "day": 1, "at": "00:30"}
    api(admin).patch(f"automations/{made['id']}", {"trigger": weekly})
    rule.refresh_from_db()
    assert timing.following(rule, struck) == dt.datetime(2026, 3, 1, 19, 30, tzinfo=dt.UTC), "a Monday there"
