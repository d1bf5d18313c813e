"""Boards and calendars of objects that an organisation adds, by fields of their own."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.platform.identity.models import Role, User
from rapport.records import boards, field_limits, own_boards, registry
from rapport.records.boards import Wanted
from tests.people import Api
from tests.test_custom_objects import make

Browser = Callable[[User], Client]
Doors = Callable[[User], Api]


@pytest.fixture
def claims(admin: User, api: Doors) -> Api:
    """Claims with a board by their state, which adds up what is at stake."""
    claim = make("custom_object", name="Damage", plural_name="Damages")
    make("custom_field", entity="damage", name="State", kind="choice", options="New\nAt the insurer\n50% paid")
    make("custom_field", entity="damage", name="At stake", kind="amount", currency="EUR")
    make("custom_field", entity="damage", name="Days", kind="number")
    make("custom_field", entity="damage", name="Reported on", kind="date")
    make("custom_field", entity="damage", name="Settled on", kind="date")
    client = api(admin)
    client.patch(f"custom-objects/{claim.id}", {"board_by": "State", "board_total": "at_stake"})
    return client


def post(client: Client, path: str, values: dict[str, str]) -> Any:
    """As the board sends it."""
    page = client.get("/damages?view=board").content.decode()
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/damages?view=board"}
    return client.post(path, values | {"csrfmiddlewaretoken": token[1]}, headers=headers)


def counts(**more: Any) -> dict[str, tuple[int, str]]:
    """What the columns say."""
    entity = registry.get("damage")
    return {
        column.step.name: (column.count, boards.said(entity, column.base))
        for column in boards.columns(entity, None, Wanted(**more))
    }


def test_columns_stand_in_the_order_of_the_choice_and_add_up(claims: Api, admin: User, acting: Any) -> None:
    for n, state in enumerate(("New", "New", "50% paid", None)):
        claims.make("damages", {"name": f"D-{n}", "custom": {"state": state, "at_stake": f"{n + 1}00"}})
    with acting(admin):
        assert counts() == {
            "Without State": (1, "400.00"), "New": (2, "300.00"), "At the insurer": (0, "0.00"),
            "50% paid": (1, "300.00"),
        }  # fmt: skip
        assert counts(filter={"field": "name", "op": "eq", "value": "D-1"})["New"] == (1, "200.00")
    one = claims.items("damages")[0]
    claims.delete(f"damages/{one['id']}")
    with acting(admin):
        assert counts()["New"] == (1, "200.00")


def test_of_more_than_are_counted_the_index_tells(
    claims: Api, admin: User, seller: User, acting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    for n in range(9):
        claims.make("damages", {"name": f"D-{n}", "custom": {"state": "New" if n < 4 else "50% paid", "at_stake": "1"}})
    monkeypatch.setattr(own_boards, "COUNTED", 5)
    with acting(admin):
        found = {each.step.name: each for each in boards.columns(registry.get("damage"), None, Wanted())}
    assert (found["New"].count, found["New"].base, found["New"].estimated) == (4, 400, False)
    assert found["Without State"].estimated, "of those without a value only the newest are known"
    with acting(admin):
        some = Wanted(filter={"field": "name", "op": "starts_with", "value": "D"})
        found = {each.step.name: each for each in boards.columns(registry.get("damage"), None, some, cards=("name",))}
    assert found["New"].estimated
    assert len(found["New"].rows) == 4, "cards are read, however few of them the newest hold"


def test_a_card_is_dragged_and_brought_back(claims: Api, admin: User, browser_of: Browser, api: Doors) -> None:
    one = claims.make("damages", {"name": "Hail", "custom": {"state": "New", "at_stake": "12"}})
    page = browser_of(admin).get("/damages?view=board").content.decode()
    steps = {step.name: step.id for step in boards.steps(registry.get("damage"))}
    assert all(f'data-stage="{key}"' in page for key in steps.values())
    assert "/damages/new?custom.state=At%20the%20insurer" in page, "quick add"
    url = f"/damages/{one['id']}/move"
    answer = post(browser_of(admin), url, {"custom.state": steps["50% paid"], "version": "1"})
    told = answer.content.decode()
    assert answer.status_code == 200, told
    assert f'id="head-{steps["New"]}"' in told, "both heads are told anew"
    assert f'id="head-{steps["50% paid"]}"' in told
    assert claims.get(f"damages/{one['id']}").json()["custom"]["state"] == "50% paid"
    assert post(browser_of(admin), url, {"custom.state": "none"}).status_code == 200
    assert claims.get(f"damages/{one['id']}").json()["custom"]["state"] is None
    assert post(browser_of(admin), url, {"custom.state": "no such"}).status_code == 422


def test_who_may_not_change_may_not_move_and_counts_what_he_sees(
    claims: Api, admin: User, seller: User, reader: User, api: Doors, browser_of: Browser, acting: Any
) -> None:  # fmt: skip
    one = claims.make("damages", {"name": "Hail", "custom": {"state": "New"}})
    Role.objects.get(key="sales").grants.create(entity="damage", verb="view", level="own")
    make("tag", name="set-up is read anew")
    api(seller).make("damages", {"name": "Mine", "custom": {"state": "New"}})
    with acting(seller):
        assert counts()["New"][0] == 1
    with acting(reader):
        assert counts()["New"][0] == 2
    answer = post(browser_of(reader), f"/damages/{one['id']}/move", {"custom.state": "none"})
    assert answer.status_code == 403
    assert "Please send it again" not in answer.content.decode()


def test_who_does_not_see_the_choice_has_no_board(
    claims: Api, admin: User, reader: User, browser_of: Browser, acting: Any
) -> None:  # fmt: skip
    claims.make("damages", {"name": "Hail", "custom": {"state": "New", "at_stake": "7391"}})
    with acting(admin):
        role = str(Role.objects.get(key="readonly").id)
        field_limits.limit(role, registry.get("damage"), {"custom.at_stake": "hidden"})
    page = browser_of(reader).get("/damages?view=board").content.decode()
    assert "data-stage" in page
    assert "7,391" not in page, "a total of what is hidden"
    with acting(admin):
        field_limits.limit(role, registry.get("damage"), {"custom.state": "hidden"})
    page = browser_of(reader).get("/damages?view=board").content.decode()
    assert "data-stage" not in page
    assert "At the insurer" not in page
    assert browser_of(reader).get("/damages/columns/none").status_code == 404


def test_board_and_calendar_go_by_what_fits(claims: Api, admin: User, acting: Any, browser_of: Browser) -> None:
    known = claims.items("custom-objects")[0]
    refused = claims.patch(f"custom-objects/{known['id']}", {"board_by": "days"})
    assert refused.status_code == 422
    assert "State" in refused.json()["errors"][0]["message"], "what there is"
    assert registry.get("damage").calendar.by == "custom.reported_on", "the first unless said otherwise"
    assert claims.patch(f"custom-objects/{known['id']}", {"calendar_by": "settled on"}).status_code == 200
    claims.get("damages")
    assert registry.get("damage").calendar.by == "custom.settled_on"
    state = next(each for each in claims.items("custom-fields") if each["key"] == "state")
    claims.delete(f"custom-fields/{state['id']}")
    assert browser_of(admin).get("/damages?view=board").status_code == 200, "the board went with its field"
    assert registry.get("damage").board is None
