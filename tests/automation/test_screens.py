"""The editor, the dry run and the log as pages, also without scripts; and who may not see them."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from rapport.automation import recipes
from rapport.automation.models import Automation
from rapport.platform.identity.models import Team, User
from tests.automation.acting import CALL, automation, work
from tests.people import Api

Browser = Callable[[User], Client]
FRAGMENT = {"HX-Request": "true"}
PLAN: dict[str, Any] = {
    "name": "Offers", "entity": "deal", "was": "deal", "on": "changed", "field": "stage", "was-field": "stage",
    "filter": "",
    "s0-do": "create", "s0-entity": "task", "s0-was": "task",
    "s0-set-0-field": "title", "s0-set-0-was": "title", "s0-set-0-how": "text", "s0-set-0-text": "Offer {name}",
    "s0-set-1-field": "due_at", "s0-set-1-was": "due_at", "s0-set-1-how": "in", "s0-set-1-n": "3",
    "s0-set-1-unit": "day",
    "s0-set-1-at": "09:00", "s0-set-1-of": "close_on",
    "s0-set-2-field": "assignee", "s0-set-2-was": "assignee", "s0-set-2-how": "of", "s0-set-2-of": "party.owner",
    "s1-do": "wait", "s1-way": "for", "s1-n": "2", "s1-unit": "hour",
    "s2-do": "change", "s2-set-0-field": "probability", "s2-set-0-was": "probability", "s2-set-0-how": "fixed",
    "s2-set-0-value": "40",
}  # fmt: skip


@pytest.fixture
def page(admin: User, browser_of: Browser) -> Client:
    made = browser_of(admin)
    made.handler.enforce_csrf_checks = False
    return made


def test_what_the_form_says_is_the_plan_that_is_kept(page: Client) -> None:
    done = page.post("/automations/plan", {**PLAN, "is_active": "on"})
    assert done.status_code == 302, done.content.decode()[:3000]
    kept = Automation.objects.get()
    assert (kept.name, kept.entity, kept.is_active) == ("Offers", "deal", True)
    assert kept.when == {"on": "changed", "fields": ["stage"]}
    assert kept.then == [
        {"do": "create", "entity": "task", "set": {
            "title": {"text": "Offer {name}"},
            "due_at": {"in": {"n": 3, "unit": "day"}, "at": "09:00", "of": "close_on"},
            "assignee": {"of": "party.owner"},
        }},
        {"do": "wait", "for": {"n": 2, "unit": "hour"}},
        {"do": "change", "set": {"probability": "40"}},
    ]  # fmt: skip
    shown = page.get(f"/automations/{kept.id}/plan").content.decode()
    for words in ("Offer {name}", 'value="3"', "Customer › Owner", "Linked by itself"):
        assert words in shown, words
    card = page.get(f"/automations/{kept.id}").content.decode()
    for words in ("Stage of a deal changes", "Due: 3 days from Expected close", "Wait 2 hours", "Likely: 40"):
        assert words in card, words


def test_what_is_wrong_stands_at_its_control_and_what_was_typed_stays(page: Client) -> None:
    wrong = {**PLAN, "s0-set-0-text": "Offer {nmae}", "s2-set-0-value": "many", "name": ""}
    answer = page.post("/automations/plan", wrong, headers=FRAGMENT)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Offer {nmae}" in shown
    assert 'value="many"' in shown
    assert shown.count('class="part step bad"') == 2
    assert "have no field “nmae”" in shown
    assert not Automation.objects.exists()


def test_every_recipe_and_every_step_has_its_card_without_scripts_too(page: Client) -> None:
    for recipe in recipes.RECIPES:
        shown = page.get(f"/automations/plan?recipe={recipe.key}")
        assert shown.status_code == 200
        assert str(recipe.name) in shown.content.decode()
    given = dict(PLAN)
    for do in ("change", "create", "assign", "tag", "notify", "act", "wait", "unless", "call"):
        answer = page.post("/automations/plan/draft", {**given, "deed": f"add:{do}"})
        assert answer.status_code == 200
        assert f'name="s3-do" value="{do}"' in answer.content.decode()
        assert "<html" in answer.content.decode()
    moved = page.post("/automations/plan/draft", {**given, "deed": "up:1"}, headers=FRAGMENT).content.decode()
    assert moved.index('name="s0-do" value="wait"') < moved.index('name="s1-do" value="create"')
    gone = page.post("/automations/plan/draft", {**given, "deed": "remove:0"}, headers=FRAGMENT).content.decode()
    assert 'name="s2-do"' not in gone
    for on in ("created", "changed", "verb", "tagged", "binned", "restored", "date", "schedule"):
        for entity in ("deal", "task", "party"):
            other = {"name": "x", "entity": entity, "was": entity, "on": on}
            assert page.post("/automations/plan/draft", other).status_code == 200, (on, entity)
    elsewhere = page.post("/automations/plan/draft", {**given, "entity": "party"}, headers=FRAGMENT).content.decode()
    assert "s0-do" not in elsewhere, "what was said of deals says nothing of parties"


@pytest.mark.parametrize("step", [
    {"s0-do": "assign", "s0-how": "turn", "s0-team": ""}, {"s0-do": "tag"}, {"s0-do": "notify", "s0-text": ""},
    {"s0-do": "act", "s0-verb": "move_to", "s0-takes": ["stage", "lost_reason"]}, {"s0-do": "unless", "s0-filter": ""},
    {"s0-do": "wait", "s0-way": "filter", "s0-most": "on", "s0-n": "x"}, {"s0-do": "call", "s0-url": "ftp://x"},
    {"s0-do": "wait", "s0-way": "until", "s0-until": "name"}, {"s0-do": "create", "s0-entity": "starship"},
    {"s0-do": "change", "s0-set-0-field": "colour", "s0-set-0-how": "of"}, {"s0-do": "change"},
])  # fmt: skip
def test_a_step_that_is_not_filled_in_is_refused_in_place(step: dict[str, Any], page: Client) -> None:
    base = {"name": "x", "entity": "deal", "was": "deal", "on": "created"}
    answer = page.post("/automations/plan", {**base, **step}, headers=FRAGMENT)
    assert answer.status_code == 422, answer.content
    assert 'class="error"' in answer.content.decode()
    tried = page.post("/automations/plan/try", {**base, **step}, headers=FRAGMENT)
    assert tried.status_code == 422


def test_the_dry_run_is_shown_in_place(page: Client, admin: User, api: Callable[..., Api]) -> None:
    client = api(admin)
    client.make("deals", {"name": "Pumps", "close_on": "2026-05-01"})
    shown = page.post("/automations/plan/try", PLAN, headers=FRAGMENT).content.decode()
    for words in ("1 record fits. Nothing was written.", "Offer Pumps", "Likely"):
        assert words in shown, words
    assert client.items("tasks") == []
    hose = client.make("deals", {"name": "Hose"})["id"]
    client.make("deals", {"name": "Valve"})
    one = page.post("/automations/plan/try", {**PLAN, "try-record": hose}, headers=FRAGMENT).content.decode()
    assert "Offer Hose" in one
    assert "Valve" not in one
    assert "<html" in page.post("/automations/plan/try", PLAN).content.decode()


def test_the_log_of_an_automation_and_of_a_record(
    page: Client, admin: User, reader: User, browser_of: Browser, api: Callable[..., Api]
) -> None:
    client = api(admin)
    made = automation(client, CALL, {"do": "change", "set": {"closed_on": "2026-01-01"}}, name="Two steps")
    deal = client.make("deals", {"name": "Pumps"})
    work()
    base = f"/automations/{made['id']}"
    log = page.get(f"{base}/runs").content.decode()
    for words in ("Pumps", "Failed", "An open deal has no closing date", "Try again"):
        assert words in log, words
    assert "Pumps" not in page.get(f"{base}/runs?status=done").content.decode()
    assert "Two steps" in page.get(f"/deals/{deal['id']}/automations").content.decode()
    (run,) = client.items(f"automations/{made['id']}/runs")
    told = page.get(f"{base}/runs/{run['id']}").content.decode()
    for words in ("Create a record", "Call about Pumps", "Undo all of this"):
        assert words in told, words
    assert page.post(f"{base}/runs/{run['id']}/undo").status_code == 302
    assert client.items("tasks") == []
    assert page.post(f"{base}/switch", {}, headers=FRAGMENT).status_code == 204
    assert client.get(f"automations/{made['id']}").json()["is_active"] is False
    other = browser_of(reader)
    for path in (base, f"{base}/plan", f"{base}/runs", "/automations/new", "/automations/plan",
                 f"/deals/{deal['id']}/automations"):  # fmt: skip
        assert other.get(path).status_code in (403, 404), path
    assert "Automations" not in other.get(f"/deals/{deal['id']}").content.decode()


def test_a_condition_is_put_together_in_a_form(page: Client) -> None:
    given = {"box": "filter", "field": "amount", "op": "gte", "one": "1000", "apply": "1"}
    shown = page.get("/deals/filter?" + urlencode(given), headers=FRAGMENT).content.decode()
    assert 'id="box-filter"' in shown
    assert 'name="filter"' in shown
    assert "is at least" in shown
    assert "/deals/filter/box?" in shown
    wrong = page.get("/deals/filter?" + urlencode({**given, "one": "many"}), headers=FRAGMENT)
    assert wrong.status_code == 422
    assert page.get("/deals/filter/box?box=filter", headers=FRAGMENT).status_code == 200
    assert Team.objects.exists()
