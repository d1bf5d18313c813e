"""Queues on screens: My day, cards, lists, the people pages; what is asked, shown and refused."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from django.test import Client

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import registry, write
from rapport.records.queues import keeping
from tests.automation.acting import automation
from tests.imports.screens import work
from tests.people import Api

HTMX = {"HX-Request": "true"}
There = Callable[[User], Client]


@pytest.fixture
def screens(browser_of: Callable[[User], Client]) -> There:
    """A browser of somebody; forgery has its own tests."""

    def client(user: User) -> Client:
        made = browser_of(user)
        made.handler.enforce_csrf_checks = False
        return made

    return client


def said(response: Any) -> dict[str, Any]:
    """What the toast says."""
    return dict(orjson.loads(response["HX-Trigger"])["toast"])


def text(client: Client, path: str, **query: Any) -> str:
    answer = client.get(path, query_params=query or None)
    assert answer.status_code == 200, path
    return answer.content.decode()


def there(queue: str) -> dict[str, str]:
    """The filter of what waits in a queue, as an address says it."""
    return {"view": "table", "filter": orjson.dumps({"field": "team", "op": "eq", "value": queue}).decode()}


def test_my_day_shows_what_waits_to_members_and_taking_it_is_taken_back(
    queue: SimpleNamespace, screens: There, seller: User, manager: User, other_seller: User
) -> None:
    day = text(screens(seller), "/my-day")
    assert "Inbound leads" in day
    assert f"/deals/{queue.deal}/take" in day
    assert f"/parties/{queue.party}/take" in day
    assert "Inbound leads" not in text(screens(manager), "/my-day")
    answer = screens(seller).post(f"/deals/{queue.deal}/take", headers=HTMX)
    assert answer.status_code == 204
    assert said(answer)["text"] == "“Zebra waiting” is yours"
    assert queue.deal not in text(screens(other_seller), "/my-day")
    late = screens(other_seller).post(f"/deals/{queue.deal}/take", headers=HTMX)
    assert late.status_code == 422
    assert said(late)["text"].startswith("Sam Seller took it ")
    assert "records:changed" in late["HX-Trigger"]
    assert screens(seller).post(said(answer)["undo"], headers=HTMX).status_code == 200
    assert queue.deal in text(screens(other_seller), "/my-day")


def test_a_list_names_the_queue_where_the_owner_would_stand_and_its_chip_reads(
    queue: SimpleNamespace, screens: There, seller: User
) -> None:
    page = text(screens(seller), "/deals", **there(queue.id))
    assert re.search(r'class="person waits" title="Inbound leads"', page)
    assert "Waits in" in page
    assert "Zebra waiting" in page
    people = text(screens(seller), "/my-day")
    found = re.search(r'href="(/parties\?[^"]*filter=[^"]+)"', people)
    assert found
    assert "Quorum Waiting" in text(screens(seller), found[1].replace("&amp;", "&"))


def test_without_queues_a_list_reads_no_team(screens: There, seller: User) -> None:
    assert 'value="take"' not in text(screens(seller), "/deals", view="table")
    with as_system("tests"):
        keeping.add("Inbound leads")
    assert 'value="take"' in text(screens(seller), "/deals", view="table")


def test_a_card_offers_to_take_it_and_its_owner_can_be_a_queue(
    queue: SimpleNamespace, screens: There, seller: User, api: Callable[..., Api]
) -> None:
    client = screens(seller)
    card = text(client, f"/deals/{queue.deal}")
    assert f'action="/deals/{queue.deal}/take"' in card
    assert f'href="/deals/{queue.deal}/queue"' in card
    offered = text(client, "/lookup/users", of="deal.owner", q="inb")
    assert f'data-value="queue:{queue.id}"' in offered
    assert "queue:" not in text(client, "/lookup/users", q="inb")
    assert "Inbound" not in text(client, "/lookup/teams", of="user.team", q="inb")
    assert "Inbound" not in text(client, "/lookup/grantees", q="inb")
    own = api(seller).make("deals", {"name": "Owned"})["id"]
    answer = client.post(f"/deals/{own}/field/owner", {"value": f"queue:{queue.id}", "version": "1"}, headers=HTMX)
    assert answer.status_code == 200
    assert "Inbound leads" in answer.content.decode()
    assert api(seller).get(f"deals/{own}").json()["team"] == queue.id


def test_the_dialog_puts_it_in_a_queue_and_says_so(
    queue: SimpleNamespace, screens: There, seller: User, api: Callable[..., Api]
) -> None:
    client, own = screens(seller), api(seller).make("deals", {"name": "Owned"})["id"]
    dialog = text(client, f"/deals/{own}/queue")
    assert "Inbound leads" in dialog
    assert "Second line" in dialog
    wrong = client.post(f"/deals/{own}/queue", {"queue": "queue:"}, headers=HTMX)
    assert wrong.status_code == 422
    answer = client.post(f"/deals/{own}/queue", {"queue": f"queue:{queue.id}"}, headers=HTMX)
    assert answer.status_code == 204
    assert said(answer)["text"] == "“Owned” waits in Inbound leads"
    gone = client.post(f"/deals/{own}/queue", {"queue": f"queue:{queue.empty}"}, headers=HTMX)
    assert client.get(f"/deals/{own}").status_code == 404  # he is no member there
    back = client.post(said(gone)["undo"], headers=HTMX)
    assert (back.status_code, said(back)["text"]) == (200, "Undone")
    assert api(seller).get(f"deals/{own}").json()["team"] == queue.id
    history = text(screens(seller), f"/deals/{queue.deal}", channel="changes")
    assert "created this" in history


def test_the_palette_takes_and_puts(queue: SimpleNamespace, screens: There, seller: User) -> None:
    found = screens(seller).get(f"/commands/deals/{queue.deal}").json()["commands"]
    labels = [each["label"] for each in found]
    assert "Take" in labels
    assert "Put in the queue Second line" in labels
    assert "Put in the queue Inbound leads" not in labels


def test_many_are_assigned_to_a_queue_and_taken_from_it_with_one_undo(
    queue: SimpleNamespace, screens: There, seller: User, other_seller: User, api: Callable[..., Api]
) -> None:
    client = screens(seller)
    keys = [api(seller).make("deals", {"name": f"Deal {n}"})["id"] for n in range(4)]
    deed = {"do": "assign", "asked": "1", "id": keys, "value": f"queue:{queue.id}"}
    given = client.post("/deals/bulk", deed, headers=HTMX)
    assert said(given)["text"] == "4 assigned"
    assert len(api(other_seller).items("deals")) == 5
    taken = screens(other_seller).post("/deals/bulk", {"do": "take", "id": [*keys[:3], queue.deal]}, headers=HTMX)
    assert said(taken)["text"] == "4 taken"
    assert len(api(seller).items("deals")) == 1
    assert screens(other_seller).post(said(taken)["undo"], headers=HTMX).status_code == 200
    assert len(api(seller).items("deals")) == 5
    late = client.post("/deals/bulk", {"do": "take", "id": keys}, headers=HTMX)
    assert said(late)["text"] == "4 taken"


def test_a_whole_list_is_taken_in_the_background(
    queue: SimpleNamespace, screens: There, seller: User, monkeypatch: pytest.MonkeyPatch, api: Callable[..., Api]
) -> None:
    monkeypatch.setattr("rapport.shell.lists.selection.MOST", 2)
    with as_system("tests"):
        for n in range(5):
            write.create(registry.get("deal"), {"name": f"Many {n}", "owner": f"queue:{queue.id}"})
    client = screens(seller)
    answer = client.post(f"/deals/bulk?{urlencode(there(queue.id))}", {"do": "take", "all": "1"}, headers=HTMX)
    run = answer["HX-Redirect"]
    assert "Take" in text(client, run)
    work()
    mine = {"field": "owner", "op": "eq", "value": "me"}
    assert len(api(seller).items("deals", filter=mine)) == 6


def test_queues_are_looked_after_by_administrators(
    queue: SimpleNamespace, screens: There, admin: User, seller: User, manager: User
) -> None:
    assert screens(seller).get("/access/queues").status_code == 403
    client = screens(admin)
    page = text(client, "/access/queues")
    assert "Inbound leads" in page
    assert "2 members" in page
    assert "Nobody takes from it" in page  # the second has no members
    taken = client.post("/access/queues/new", {"name": "inbound LEADS"})
    assert taken.status_code == 422
    assert "There is a queue of this name." in taken.content.decode()
    made = client.post("/access/queues/new", {"name": "Returns"})
    where = made["Location"].partition("?")[0]
    assert client.post(f"{where}/join", {"user": ""}).status_code == 422
    client.post(f"{where}/join", {"user": manager.id})
    page = text(client, where)
    assert "Mona Manager" in page
    assert "changed its people" in page
    client.post(f"{where}/leave", {"user": manager.id})
    client.post(f"{where}/name", {"name": "Goods returned"})
    assert "Goods returned" in text(client, "/access/queues")
    full = client.post(f"/access/queues/{queue.id}/switch", {"closed": "1"})
    assert full.status_code == 422
    assert "Something waits in it" in full.content.decode()
    assert "Closed: nothing can be put there." in text(
        client, client.post(f"{where}/switch", {"closed": "1"})["Location"]
    )


def test_a_task_of_a_queue_is_taken_on_my_day(
    queue: SimpleNamespace, screens: There, seller: User, admin: User
) -> None:
    with as_system("tests"):
        task = write.create(registry.get("task"), {"title": "Ring back", "department": queue.id}).id
    client = screens(seller)
    assert f"/tasks/{task}/take" in text(client, "/my-day")
    assert client.post(f"/tasks/{task}/act/take", headers=HTMX).status_code == 204
    assert "Ring back" in text(client, "/tasks", view="mine")


def test_what_waits_for_a_department_is_in_no_queue(queue: SimpleNamespace, screens: There, admin: User) -> None:
    with as_system("tests"):
        task = write.create(registry.get("task"), {"title": "Ring the forwarder", "department": "South"}).id
    client = screens(admin)
    owner = text(client, f"/tasks/{task}/field/owner")
    assert "queue:" not in owner
    listed = text(client, "/tasks", view="all")
    assert "Ring the forwarder" in listed
    assert "person waits" not in listed


def test_an_automation_that_puts_in_a_queue_is_edited_and_read_in_words(
    queue: SimpleNamespace, screens: There, admin: User, api: Callable[..., Api]
) -> None:
    made = automation(api(admin), {"do": "assign", "how": "queue", "queue": queue.id})["id"]
    client = screens(admin)
    editor = text(client, f"/automations/{made}/plan")
    assert f'<option value="{queue.id}" selected>Inbound leads' in editor
    assert "Put in the queue Inbound leads" in text(client, f"/automations/{made}")


def test_the_form_of_all_fields_shows_the_queue_and_keeps_it(
    queue: SimpleNamespace, screens: There, seller: User, api: Callable[..., Api]
) -> None:
    client = screens(seller)
    form = text(client, f"/deals/{queue.deal}/edit")
    assert f'<option value="queue:{queue.id}" selected>Inbound leads' in form
    given = {"name": "Renamed", "owner": f"queue:{queue.id}", "version": "1"}
    assert client.post(f"/deals/{queue.deal}/edit", given, headers=HTMX).status_code == 204
    found = api(seller).get(f"deals/{queue.deal}").json()
    assert (found["name"], found["owner"], found["team"]) == ("Renamed", None, queue.id)
