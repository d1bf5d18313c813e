"""Lists as calendars: what stands on which day for whom, and moving it."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import Calendar, calendars, checks, read, registry, revert, write
from rapport.records.layout import View
from tests.contract.examples import example

Browsers = Callable[[User], Client]
FRAGMENT = {"HX-Request": "true"}


def make(entity: str, /, **values: Any) -> Any:
    with as_system("tests"):
        return write.create(registry.get(entity), values)


def days_of(page: HttpResponse) -> dict[str, list[str]]:
    """The titles by day, as a page shows them."""
    found = {}
    for part in page.content.decode().split('data-stage="')[1:]:
        found[part[:10]] = re.findall(r'class="what">([^<]*)', part)
    return found


def shown(client: Client, query: str) -> dict[str, list[str]]:
    page = client.get(f"/{query}")
    assert page.status_code == 200, page.content
    return {day: titles for day, titles in days_of(page).items() if titles}


@pytest.fixture
def client(admin: User, browser_of: Browsers) -> Client:
    return browser_of(admin)


def test_a_month_shows_whole_weeks_with_what_lies_on_each_day(client: Client) -> None:
    make("deal", name="Early", close_on="2026-10-26")
    make("deal", name="Late", close_on="2026-12-06")
    make("deal", name="Past it", close_on="2026-12-07")
    make("deal", name="Never")
    page = client.get("/deals?view=calendar&on=2026-11-15")
    assert "November 2026" in page.content.decode()
    assert len(days_of(page)) == 42
    assert shown(client, "deals?view=calendar&on=2026-11-15") == {"2026-10-26": ["Early"], "2026-12-06": ["Late"]}
    assert list(days_of(client.get("/deals?view=calendar&span=week&on=2026-12-03"))) == [
        f"2026-{day}" for day in ("11-30", "12-01", "12-02", "12-03", "12-04", "12-05", "12-06")
    ]
    assert shown(client, "deals?view=calendar&span=day&on=2026-12-07") == {"2026-12-07": ["Past it"]}


def test_a_day_begins_where_the_reader_is(client: Client, admin: User) -> None:
    make("interaction", subject="Late call", channel="call", at="2026-11-10T23:30:00Z")
    assert shown(client, "interactions?view=calendar&on=2026-11-10") == {"2026-11-10": ["Late call"]}
    User.objects.filter(id=admin.id).update(time_zone="Asia/Almaty")
    assert shown(client, "interactions?view=calendar&on=2026-11-10") == {"2026-11-11": ["Late call"]}
    assert "04:30" in client.get("/interactions?view=calendar&on=2026-11-10").content.decode()


def test_a_full_day_says_how_much_more_there_is(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        make("deal", name=f"Deal {number}", close_on="2026-11-10")
    make("deal", name="Alone", close_on="2026-11-11")
    usual = client.get("/deals?view=calendar&on=2026-11-10").content.decode()
    assert "2 more" in usual
    assert 'href="/deals?view=calendar&amp;span=day&amp;on=2026-11-10"' in usual
    monkeypatch.setattr(calendars, "WHOLE", 2)  # so many that each day is read by itself
    each = client.get("/deals?view=calendar&on=2026-11-10")
    assert days_of(each)["2026-11-11"] == ["Alone"]
    assert len(days_of(each)["2026-11-10"]) == 3
    assert "2 more" in each.content.decode()
    monkeypatch.setattr(calendars, "COUNTED", 4)
    assert "1+ more" in client.get("/deals?view=calendar&on=2026-11-10").content.decode()


def test_the_filters_and_words_of_the_list_hold_here_too(client: Client) -> None:
    for name, amount in (("Small", "10"), ("Large", "9000")):
        make("deal", name=name, amount=amount, currency="USD", close_on="2026-11-10")
    above = '{"field":"amount","op":"gt","value":"100"}'
    assert shown(client, f"deals?view=calendar&on=2026-11-10&filter={above}") == {"2026-11-10": ["Large"]}
    assert shown(client, "deals?view=calendar&on=2026-11-10&q=small") == {"2026-11-10": ["Small"]}
    page = client.get(f"/deals?view=calendar&span=week&on=2026-11-10&filter={above}").content.decode()
    assert "Remove filter" in page
    assert "span=week" in re.findall(r'href="([^"]+)" rel="next"', page)[0], "going on keeps the span"
    assert "filter=" in re.findall(r'href="([^"]+)" rel="next"', page)[0]
    assert client.get("/deals?view=calendar&on=nonsense&span=century").status_code == 200
    for far in ("0001-01-01", "9999-12-31"):
        assert client.get(f"/deals?view=calendar&on={far}").status_code == 200


def test_what_is_over_stands_fainter(client: Client) -> None:
    task = make("task", title="Call back", due_at="2026-11-10T10:00:00Z")
    page = client.get("/tasks?view=calendar&on=2026-11-10").content.decode()
    assert 'class="slip"' in page
    with as_system("tests"):
        write.act(registry.get("task"), task.id, "complete", {})
    assert 'class="slip faint"' in client.get("/tasks?view=calendar&on=2026-11-10").content.decode()


def move(client: Client, entity: str, key: str, day: str, **more: str) -> HttpResponse:
    return client.post(f"/{entity}/{key}/day", {"day": day, **more}, headers=FRAGMENT)


@pytest.fixture
def free(admin: User) -> Client:
    """A browser whose forms are believed: what is sent here by script carries its own token."""
    from rapport.platform.identity import access

    made = Client()
    made.cookies["rapport_session"] = access.open_session(admin)
    return made


def test_a_record_is_moved_to_another_day_and_back(free: Client, acting: Callable[..., Any], admin: User) -> None:
    User.objects.filter(id=admin.id).update(time_zone="Europe/Berlin")
    task = make("task", title="Call back", due_at="2026-10-20T07:15:00Z")  # 09:15 in summer time
    answer = move(free, "tasks", task.id, "2026-11-03", version=str(task.version))
    assert answer.status_code == 200
    assert "“Call back” moved to Tuesday, 3 November" in answer["HX-Trigger"].encode().decode("unicode_escape")
    assert "records:changed" in answer["HX-Trigger"]
    with acting(admin):
        stored = read.one(registry.get("task"), task.id, fields=("due_at",))
        assert b"2026-11-03T08:15:00Z" in stored, "the time of day stays, winter time or not"
        operation = re.search(r"/undo/(\w+)", answer["HX-Trigger"])
        assert operation is not None
        assert len(revert.revert(operation[1]).reverted) == 1
        assert b"2026-10-20T07:15:00Z" in read.one(registry.get("task"), task.id, fields=("due_at",))


def test_a_day_is_set_as_a_day(free: Client) -> None:
    deal = make("deal", name="One", close_on="2026-11-03")
    assert move(free, "deals", deal.id, "2026-11-30").status_code == 200
    assert shown(free, "deals?view=calendar&on=2026-11-30") == {"2026-11-30": ["One"]}
    plain = free.post(f"/deals/{deal.id}/day", {"day": "2026-11-12"})
    assert plain["Location"] == "/deals?view=calendar&on=2026-11-12"


def test_what_somebody_changed_meanwhile_or_is_no_day_is_refused(free: Client) -> None:
    deal = make("deal", name="One", close_on="2026-11-03")
    assert move(free, "deals", deal.id, "2026-11-04", version="1").status_code == 200
    assert move(free, "deals", deal.id, "2026-11-05", version="1").status_code == 422
    assert move(free, "deals", deal.id, "someday").status_code == 422
    assert shown(free, "deals?view=calendar&on=2026-11-03") == {"2026-11-04": ["One"]}


def test_each_sees_and_moves_his_own(seller: User, reader: User, browser_of: Browsers, acting: Any) -> None:
    make("deal", name="Nobody's", close_on="2026-11-10")
    with acting(seller):
        write.create(registry.get("deal"), {"name": "Mine", "close_on": "2026-11-10"})
    assert shown(browser_of(seller), "deals?view=calendar&on=2026-11-10") == {"2026-11-10": ["Mine"]}
    page = browser_of(reader).get("/deals?view=calendar&on=2026-11-10")
    assert sorted(days_of(page)["2026-11-10"]) == ["Mine", "Nobody&#39;s"]
    assert page.content.decode().count("data-fixed") == 2
    assert "/deals/new" not in page.content.decode()


def test_an_object_of_ones_own_has_a_calendar_by_its_first_date(free: Client) -> None:
    made = make("custom_object", name="Course", plural_name="Courses")
    assert 'href="/courses?view=calendar"' not in free.get("/courses").content.decode()
    make("custom_field", entity=made.key, name="Begins", kind="date")
    course = make(registry.at("courses").key, name="Welding", **{"custom.begins": "2026-11-10"})
    assert 'href="/courses?view=calendar"' in free.get("/courses").content.decode()
    assert shown(free, "courses?view=calendar&on=2026-11-10") == {"2026-11-10": ["Welding"]}
    assert move(free, "courses", course.id, "2026-11-11").status_code == 200
    assert shown(free, "courses?view=calendar&on=2026-11-10") == {"2026-11-11": ["Welding"]}


def test_a_calendar_is_saved_as_a_view(free: Client) -> None:
    kept = make("saved_view", name="Closing", entity="deal", base="calendar")
    page = free.get(f"/deals?view={kept.id}").content.decode()
    assert 'id="calendar"' in page


def test_what_cannot_be_a_calendar_is_told_at_the_start() -> None:
    entity = registry.get("party")
    wrong = type("WrongEntity", (type(entity),), {"calendar": Calendar("industry")})()
    told = checks.problems(wrong, {each.key: each for each in registry})
    assert any("E009" in each and "industry" in each for each in told)
    none = type("NoneEntity", (type(entity),), {"views": (View("x", "X", shape="calendar"),)})()
    assert any("E006" in each for each in checks.problems(none, {each.key: each for each in registry}))


@pytest.mark.parametrize(
    "day", [dt.date(2026, 2, 14), dt.date(2024, 12, 31), dt.date(2027, 2, 1), dt.date(2026, 11, 22)]
)
def test_a_month_is_whole_weeks(day: dt.date) -> None:
    found = calendars.month(day)
    assert len(found) % 7 == 0
    assert (found[0].weekday(), found[-1].weekday()) == (0, 6)
    assert day.replace(day=1) in found[:7]
    assert len([each for each in found if each.month == day.month]) in (28, 29, 30, 31)


@pytest.mark.parametrize("key", [entity.key for entity in registry if entity.calendar])
def test_every_calendar_shows_a_record_on_its_day_and_moves_it(key: str, free: Client) -> None:
    entity = registry.get(key)
    known = calendars.field_of(entity)
    day = "2026-11-10T10:00:00Z" if known.kind.name == "moment" else "2026-11-10"
    record = make(key, **{**example(entity, 1, None), known.name: day})
    for span in ("month", "week", "day"):
        page = free.get(f"/{entity.plural}?view=calendar&span={span}&on=2026-11-10")
        assert f'id="slip-{record.id}"' in page.content.decode()
    assert move(free, entity.plural, record.id, "2026-11-12").status_code == 200
    parts = free.get(f"/{entity.plural}?view=calendar&on=2026-11-10").content.decode().split('data-stage="')
    assert [part[:10] for part in parts if f'id="slip-{record.id}"' in part] == ["2026-11-12"]
