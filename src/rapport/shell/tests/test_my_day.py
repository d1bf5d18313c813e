"""My day, the line that adds a task, notifications and mentions, as a browser without scripts sees them."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from rapport.interactions import queries
from rapport.interactions.models import Interaction, Task
from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.identity.models import Team, User
from rapport.records import notifications, registry, write
from rapport.sales import attention
from rapport.sales.models import Deal

Browser = Callable[[User], Client]
Acting = Callable[..., Any]
DAY = dt.timedelta(days=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def at_work(admin: User, acting: Acting) -> Iterator[None]:
    with acting(admin):
        yield


def make(**values: Any) -> Any:
    return write.create(registry.get("task"), {"title": "Call Horst", **values})


def post(client: Client, path: str, **data: Any) -> Any:
    """Send a form as a page with scripts does."""
    client.get("/my-day")
    token = client.cookies["csrftoken"].value
    return client.post(path, {"csrfmiddlewaretoken": token, **data}, headers=HTMX)


def noon(days: int) -> dt.datetime:
    return now().replace(hour=12, minute=0, second=0, microsecond=0) + days * DAY


def test_the_day_has_what_is_late_due_today_and_soon(admin: User, browser_of: Browser) -> None:
    for title, due in (("Late one", noon(-2)), ("One of today", noon(0)), ("Soon one", noon(3)), ("Far", noon(30))):
        make(title=title, due_at=due)
    make(title="Undated one")
    client = browser_of(admin)
    assert client.get("/")["Location"] == "/my-day"
    page = client.get("/my-day").content.decode()
    found = [page.index(words) for words in ("Overdue", "Late one", "One of today", "Soon one", "Undated one")]
    assert found == sorted(found)
    assert "Far" not in page


def test_a_day_with_nothing_in_it_says_what_to_do(other_seller: User, browser_of: Browser) -> None:
    page = browser_of(other_seller).get("/my-day")
    assert page.status_code == 200
    assert "A clear day" in page.content.decode()


def test_only_my_own_tasks_make_my_day(seller: User, manager: User, browser_of: Browser) -> None:
    make(title="Of Sam", assignee=seller.id, due_at=noon(0))
    assert "Of Sam" in browser_of(seller).get("/my-day").content.decode()
    page = browser_of(manager).get("/my-day").content.decode()
    assert "Of Sam" not in page


def test_a_line_becomes_a_task_and_says_how_to_undo_it(admin: User, browser_of: Browser) -> None:
    User.objects.filter(id=admin.id).update(time_zone="America/New_York")
    client = browser_of(admin)
    answer = post(client, "/my-day", text="Call Horst tomorrow 10:00 !high")
    assert answer.status_code == 200
    assert "/undo/" in answer["HX-Trigger"]
    task = Task.objects.get()
    here = task.due_at.astimezone(ZoneInfo("America/New_York"))
    tomorrow = (now().astimezone(ZoneInfo("America/New_York")) + DAY).date()
    assert (task.title, task.priority, here.date(), here.hour) == ("Call Horst", "high", tomorrow, 10)


def test_the_chips_put_right_what_was_understood(admin: User, browser_of: Browser) -> None:
    client = browser_of(admin)
    shown = client.get("/my-day/understood?text=Call+Horst+2030-02-03", headers=HTMX).content.decode()
    assert 'value="2030-02-03T23:59"' in shown
    post(client, "/my-day", text="Call Horst 2030-02-03", due_at="2030-02-04T09:00", priority="low")
    post(client, "/my-day", text="Call Nora 2030-02-03", due_at="")
    horst, nora = Task.objects.order_by("title")
    assert (horst.title, horst.due_at.isoformat(), horst.priority) == ("Call Horst", "2030-02-04T09:00:00+00:00", "low")
    assert (nora.title, nora.due_at) == ("Call Nora", None)


def test_an_empty_line_is_refused_in_words(admin: User, browser_of: Browser) -> None:
    answer = post(browser_of(admin), "/my-day", text="  ")
    assert answer.status_code == 422
    assert "Say what is to be done." in answer.content.decode()


def test_checking_off_and_putting_off(admin: User, browser_of: Browser) -> None:
    first, second = make(due_at=noon(0)), make(due_at=noon(0))
    client = browser_of(admin)
    answer = post(client, f"/tasks/{first.id}/act/complete")
    assert (answer.status_code, Task.objects.get(id=first.id).status) == (204, "done")
    assert "records:changed" in answer["HX-Trigger"]
    assert post(client, f"/tasks/{second.id}/put-off", due="tomorrow").status_code == 204
    assert Task.objects.get(id=second.id).due_at.date() == (now() + DAY).date()
    assert post(client, f"/tasks/{second.id}/put-off", due_at="nonsense").status_code == 422
    assert post(client, f"/tasks/{second.id}/act/nonsense").status_code == 404


def test_the_composer_plans_a_task_with_a_customer_and_a_deal(admin: User, seller: User, browser_of: Browser) -> None:
    party = write.create(registry.get("party"), {"name": "Acme"})
    deal = write.create(registry.get("deal"), {"name": "Deal", "party": party.id})
    client = browser_of(admin)
    given = {"channel": "task", "title": "Ring back", "due": "tomorrow", "assignee": seller.id, "remind": "at9"}
    assert post(client, f"/deals/{deal.id}/log", **given).status_code == 200
    task = Task.objects.get()
    assert (task.party_id, task.about_id, task.assignee_id) == (party.id, deal.id, seller.id)
    assert (task.due_at.hour, task.remind_at.hour, task.remind_at.date()) == (23, 9, task.due_at.date())
    for card in (f"/deals/{deal.id}", f"/parties/{party.id}"):
        assert "Ring back" in client.get(card).content.decode(), card
    assert post(client, f"/parties/{party.id}/log", channel="task", title=" ").status_code == 422


def test_a_mention_chosen_in_the_composer_survives_a_new_name(
    admin: User, manager: User, browser_of: Browser, acting: Acting
) -> None:
    party = write.create(registry.get("party"), {"name": "Acme", "owner": manager.id})
    client = browser_of(admin)
    options = client.get("/lookup/mentions?q=mon", headers=HTMX).content.decode()
    assert f'data-value="user:{manager.id}"' in options
    body = "@Mona Manager please call, @Monaco is no one"
    post(client, f"/parties/{party.id}/log", channel="note", body=body, mention=f"user:{manager.id}")
    note = Interaction.objects.get()
    assert note.body == f"@[Mona Manager](user:{manager.id}) please call, @Monaco is no one"
    write.change(registry.get("interaction"), note.id, {"owner": manager.id})
    page = client.get(f"/parties/{party.id}").content.decode()
    assert '<span class="mention">@Mona Manager</span> please call, @Monaco is no one' in page
    with acting(manager):
        entry = next(each for each in notifications.read().entries if each["reason"] == "mentioned")
        assert (entry["title"], entry["url"]) == ("Acme", f"/parties/{party.id}")


def test_the_badge_counts_and_reading_clears_it(admin: User, seller: User, browser_of: Browser) -> None:
    make(assignee=seller.id, title="For Sam")
    client = browser_of(seller)
    page = client.get("/notifications").content.decode()
    assert "For Sam" in page
    assert '<span class="count num due" id="unread">1' in page
    [number] = notifications_of(seller)
    answer = post(client, "/notifications/read", id=str(number)).content.decode()
    assert 'id="unread" hx-swap-oob="true"></span>' in answer
    assert "For Sam" not in client.get("/notifications?show=unread").content.decode()
    assert post(client, "/notifications/read", id="1; DROP").status_code == 400


def notifications_of(user: User) -> list[int]:
    return [row[0] for row in db.rows("SELECT id FROM notification WHERE user_id = %s", (db.key(user.id),))]


def test_nobody_reads_or_clears_what_another_should_hear_of(
    admin: User, seller: User, other_seller: User, browser_of: Browser
) -> None:
    make(assignee=seller.id, title="For Sam")
    [number] = notifications_of(seller)
    assert post(browser_of(other_seller), "/notifications/read", id=str(number)).status_code == 200
    assert "For Sam" not in browser_of(other_seller).get("/notifications").content.decode()
    assert '<span class="count num due" id="unread">1' in browser_of(seller).get("/notifications").content.decode()


def test_deals_that_stand_still_or_close_with_nothing_planned_ask_for_attention() -> None:
    today = now().date()
    entity = registry.get("deal")
    resting = write.create(entity, {"name": "Resting", "opened_on": (today - 40 * DAY).isoformat()})
    closing = write.create(entity, {"name": "Closing", "close_on": today.isoformat()})
    planned = write.create(entity, {"name": "Planned", "close_on": today.isoformat()})
    make(about={"entity": "deal", "id": planned.id})
    assert [deal["id"] for deal in attention.stuck(5)] == [resting.id]
    assert [deal["id"] for deal in attention.closing_unplanned(5)] == [closing.id]
    assert Deal.objects.count() == 3


def test_what_waits_for_my_department_can_be_taken(admin: User, seller: User, browser_of: Browser) -> None:
    task = make(title="Stock?", department=Team.objects.get(name="North East").id)
    client = browser_of(seller)
    assert "Waiting for my team" in client.get("/my-day").content.decode()
    assert post(client, f"/tasks/{task.id}/act/take").status_code == 204
    assert Task.objects.get().assignee_id == seller.id


def test_planned_tasks_keep_to_the_scope(seller: User, other_seller: User, acting: Acting) -> None:
    party = write.create(registry.get("party"), {"name": "Acme"})
    make(title="Sam's", party=party.id, assignee=seller.id)
    make(title="Olga's", party=party.id, assignee=other_seller.id)
    with acting(seller):
        assert [task["title"] for task in queries.planned("party", party.id)] == ["Sam's"]
