"""Approvals: an automation asks, a person answers, and it goes on with the answer, once."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from rapport.automation.models import Approval, AutomationRun
from rapport.platform.actor import acting_as, as_system
from rapport.platform.identity.access import actor_of
from rapport.platform.identity.models import User
from rapport.records import notifications, registry, revert, write
from tests.automation.acting import automation, runs, work
from tests.people import Api
from tests.queues.conftest import queue

__all__ = ["queue"]
Client = Callable[..., Api]
LEAD = {"do": "approve", "how": "lead", "text": "May {name} go out at {amount} {currency}?"}
PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
AFTER = {"do": "change", "set": {"probability": 90}}


def told(user: User) -> list[tuple[str, str, str | None]]:
    """(Reason, title, text) of what a user has heard, the newest first."""
    with acting_as(actor_of(User.objects.get(id=user.id))):
        return [(each["reason"], each["title"], each["text"]) for each in notifications.read().entries]


def asked(client: Api) -> list[tuple[str, str]]:
    """(Question, status) of the approvals that somebody sees."""
    return [(each["question"], each["status"]) for each in client.items("approvals")]


def decide(client: Api, verb: str, **args: Any) -> Any:
    """Answer the only approval that somebody sees."""
    found = client.items("approvals")
    assert len(found) == 1
    return client.post(f"approvals/{found[0]['id']}/actions/{verb}", args)


@pytest.fixture
def deal(admin: User, seller: User, api: Client) -> Any:
    """A seller's deal, about which the leader of his team was asked."""
    automation(api(admin), LEAD, AFTER, name="Discounts")
    made = api(seller).make("deals", {"name": "Pumps", "amount": "9000", "currency": "USD"})
    work()
    return made


def test_the_leader_is_asked_and_approves(deal: Any, admin: User, manager: User, seller: User, api: Client) -> None:
    assert asked(api(manager)) == [("May Pumps go out at 9000.00 USD?", "waiting")]
    assert told(manager)[0][:2] == ("approval_asked", "May Pumps go out at 9000.00 USD?")
    [approval] = api(seller).items("approvals")  # whoever asked sees how it stands
    assert (approval["asked_by"], approval["about"]) == (seller.id, {"entity": "deal", "id": deal["id"]})
    assert runs() == [("waiting", "")]
    answer = decide(api(manager), "approve", remark="For once")
    assert (answer.status_code, answer.json()["status"], answer.json()["decided_by"]) == (200, "approved", manager.id)
    work()
    assert runs() == [("done", "")]
    assert api(seller).get(f"deals/{deal['id']}").json()["probability"] == 90
    assert told(seller)[0] == ("approval_approved", "May Pumps go out at 9000.00 USD?", "For once")
    timeline = api(seller).items(f"deals/{deal['id']}/timeline")
    found = [(each["channel"], each["verb"], each["body"]) for each in timeline if each["channel"] == "approval"]
    assert found == [("approval", "approved", "For once"), ("approval", "asked", None)]


def test_declining_needs_a_reason_and_sets_what_the_step_says(
    admin: User, manager: User, seller: User, api: Client
) -> None:
    automation(api(admin), {**LEAD, "set": {"probability": 5}}, AFTER)
    deal = api(seller).make("deals", {"name": "Pumps"})
    work()
    refused = decide(api(manager), "decline")
    assert (refused.status_code, refused.json()["detail"]) == (422, "Say why you decline.")
    assert decide(api(manager), "decline", remark="Too cheap").status_code == 200
    work()
    assert runs() == [("stopped", "Declined by Mona Manager: Too cheap")]
    assert api(seller).get(f"deals/{deal['id']}").json()["probability"] == 5
    assert told(seller)[0][::2] == ("approval_declined", "Too cheap")


def test_only_who_is_asked_decides_and_only_once(
    deal: Any, admin: User, manager: User, seller: User, api: Client
) -> None:
    assert decide(api(seller), "approve").status_code == 403  # he may look
    refused = decide(api(admin), "approve")
    assert (refused.status_code, refused.json()["detail"]) == (422, "This is for somebody else to decide.")
    assert decide(api(manager), "approve").status_code == 200
    again = decide(api(manager), "decline", remark="No")
    assert (again.status_code, again.json()["detail"]) == (422, "It is decided already: Approved.")


def colleagues(*users: User) -> str:
    """A team of these."""
    with as_system("tests"):
        team = write.create(registry.get("team"), {"name": "Finance"})
        for user in users:
            write.change(registry.get("user"), user.id, {"team": team.id})
    return str(team.id)


def test_the_first_of_a_team_decides_but_not_who_asked(
    admin: User, seller: User, other_seller: User, reader: User, api: Client
) -> None:
    team = colleagues(seller, other_seller, reader)
    automation(api(admin), {"do": "approve", "how": "team", "team": team, "text": "{name}?"}, AFTER)
    api(seller).make("deals", {"name": "Pumps"})
    work()
    assert told(other_seller)[0][:2] == ("approval_asked", "Pumps?")
    assert told(reader) == []  # may decide nothing
    own = decide(api(seller), "approve")
    assert own.json()["detail"] == "You asked for this yourself; somebody else of the team decides."
    assert decide(api(other_seller), "approve").json()["decided_by"] == other_seller.id
    late = decide(api(seller), "decline", remark="No")
    assert late.status_code in (403, 422)
    work()
    assert runs() == [("done", "")]


def test_who_is_the_only_one_of_his_team_decides_himself(admin: User, seller: User, api: Client) -> None:
    automation(api(admin), {"do": "approve", "how": "team", "team": colleagues(seller), "text": "{name}?"}, AFTER)
    api(seller).make("deals", {"name": "Pumps"})
    work()
    assert decide(api(seller), "approve").status_code == 200


def test_a_leader_who_asks_goes_to_the_one_above(admin: User, manager: User, seller: User, api: Client) -> None:
    with as_system("tests"):
        write.change(registry.get("team"), str(seller.team_id), {"leader": seller.id})
    automation(api(admin), LEAD, AFTER)
    api(seller).make("deals", {"name": "Pumps"})
    work()
    assert Approval.objects.get().decider_id == manager.id


def test_without_an_answer_in_time_it_counts_as_declined(admin: User, manager: User, seller: User, api: Client) -> None:
    automation(api(admin), {**LEAD, "within": {"n": 2, "unit": "day"}}, AFTER)
    api(seller).make("deals", {"name": "Pumps"})
    work()
    Approval.objects.update(due_at=PAST)
    assert decide(api(manager), "approve").json()["detail"] == "The time to answer is over."
    AutomationRun.objects.update(wake_at=PAST)
    work()
    assert asked(api(manager))[0][1] == "expired"
    assert runs() == [("stopped", "Not answered in time.")]
    assert told(seller)[0][0] == "approval_expired"


def test_a_record_that_goes_takes_its_question_along(deal: Any, manager: User, admin: User, api: Client) -> None:
    api(admin).delete(f"deals/{deal['id']}")
    work()
    refused = decide(api(manager), "approve")
    assert refused.json()["detail"] == "It was withdrawn; nobody need decide any more."
    assert runs() == [("stopped", "The record is not there any more.")]


def test_a_run_that_is_given_up_or_undone_withdraws_it(deal: Any, admin: User, manager: User, api: Client) -> None:
    run = AutomationRun.objects.get()
    where = f"automations/{run.automation_id}/runs/{run.id}"
    assert api(admin).post(f"{where}/cancel").status_code == 200
    assert asked(api(manager))[0][1] == "withdrawn"
    assert api(admin).post(f"{where}/retry").status_code == 200
    work()
    assert sorted(status for _question, status in asked(api(manager))) == ["waiting", "withdrawn"]
    assert api(admin).post(f"{where}/undo").status_code == 200
    assert "waiting" not in [status for _question, status in asked(api(manager))]
    assert runs()[0][0] == "stopped"


def test_an_administrator_withdraws_or_passes_on(
    deal: Any, admin: User, manager: User, seller: User, other_seller: User, api: Client
) -> None:
    assert decide(api(seller), "withdraw").status_code == 403
    own = decide(api(admin), "pass_on", decider=seller.id)
    assert own.json()["detail"] == "Whoever asked for it does not decide."
    assert decide(api(admin), "pass_on", decider=other_seller.id).status_code == 200
    assert told(other_seller)[0][0] == "approval_asked"
    assert decide(api(other_seller), "approve").status_code == 200
    assert decide(api(admin), "withdraw").status_code == 422


def test_one_who_withdraws_it_ends_the_run(deal: Any, admin: User, seller: User, api: Client) -> None:
    assert decide(api(admin), "withdraw", remark="Settled by phone").status_code == 200
    work()
    assert runs() == [("stopped", "The question was withdrawn: Settled by phone")]
    assert told(seller)[0][::2] == ("approval_withdrawn", "Settled by phone")


def test_who_may_not_decide_or_is_gone_is_not_asked(admin: User, manager: User, seller: User, api: Client) -> None:
    with as_system("tests"):
        write.change(registry.get("user"), manager.id, {"is_active": False})
    automation(api(admin), LEAD, AFTER)
    api(seller).make("deals", {"name": "Pumps"})
    work()
    assert runs() == [("failed", "The record's team has no leader who could decide, nor has one above it.")]
    assert told(admin)[0][0] == "automation_failed"


def test_an_answer_is_not_taken_back(deal: Any, admin: User, manager: User, api: Client) -> None:
    decide(api(manager), "approve")
    [approval] = api(manager).items("approvals")
    change = api(manager).items(f"approvals/{approval['id']}/changes")[0]
    with acting_as(actor_of(manager)):
        undone = revert.revert(change["operation"])
    assert undone.failed == [(approval["id"], "An answer is not taken back: what follows from it has begun.")]
    assert asked(api(manager))[0][1] == "approved"


def test_what_was_asked_stays_as_it_was_asked(deal: Any, admin: User, api: Client) -> None:
    [approval] = api(admin).items("approvals")
    refused = api(admin).patch(f"approvals/{approval['id']}", {"question": "May it?"})
    assert refused.json()["detail"] == "What was asked stays as it was asked. Withdraw it, and ask anew."
    assert api(admin).patch(f"approvals/{approval['id']}", {"remark": "x"}).status_code == 422


def test_a_dry_run_says_who_would_be_asked(admin: User, manager: User, seller: User, api: Client) -> None:
    deal = api(seller).make("deals", {"name": "Pumps"})
    made = automation(api(admin), {"do": "approve", "how": "lead", "text": "{name}?"}, AFTER)
    [tried] = api(admin).post(f"automations/{made['id']}/try", {"record": deal["id"]}).json()["items"]
    assert [(each["way"], each["said"]) for each in tried["steps"]] == [("waiting", "Asks Mona Manager."), ("done", "")]
    assert tried["steps"][0]["tells"] == [{"user": manager.id, "text": None, "reason": "approval_asked"}]
    assert Approval.objects.count() == 0


def test_a_plan_says_who_decides_and_what_is_asked(admin: User, api: Client) -> None:
    steps = {"version": 1, "steps": [{"do": "approve", "how": "user", "text": "{nothing}", "set": {"status": "won"}}]}
    plan = {"name": "x", "entity": "deal", "trigger": {"on": "created"}, "steps": steps}
    refused = api(admin).post("automations", plan)
    assert {each["field"] for each in refused.json()["errors"]} == {
        "steps.0.user", "steps.0.text", "steps.0.set.status"
    }  # fmt: skip


def test_whose_automation_it_is_may_be_the_one_who_asked(admin: User, manager: User, api: Client) -> None:
    automation(api(admin), {"do": "approve", "how": "user", "user": manager.id, "text": "{name}?"}, AFTER)
    api(admin).make("deals", {"name": "Pumps"})
    work()
    assert runs() == [("waiting", "")]
    assert decide(api(manager), "approve").status_code == 200
    work()
    assert runs() == [("done", "")]
    assert told(admin)[0][0] == "approval_approved"


def test_the_members_of_a_queue_are_asked_and_nothing_stays_there(
    queue: Any, admin: User, seller: User, other_seller: User, api: Client
) -> None:
    automation(api(admin), {"do": "approve", "how": "team", "team": queue.id, "text": "{name}?"}, AFTER)
    for name in ("Pumps", "Hoses"):
        api(seller).make("deals", {"name": name})
    work()
    first, second = api(other_seller).items("approvals", sort="created_at")
    assert told(other_seller)[0][0] == "approval_asked"
    taken = api(seller).post(f"approvals/{first['id']}/actions/take")
    assert taken.status_code == 422, "who asked does not decide"
    yes = api(other_seller).post(f"approvals/{first['id']}/actions/approve").json()
    assert (yes["owner"], yes["decided_by"]) == (other_seller.id, other_seller.id)
    assert api(admin).post(f"approvals/{second['id']}/actions/withdraw").json()["team"] is None
