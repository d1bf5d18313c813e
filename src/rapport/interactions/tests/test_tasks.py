"""Tasks: whose they are, how they repeat, what completing and undoing do, who hears of it."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rapport.interactions.jobs import DUE, remind
from rapport.interactions.models import Task
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.clock import now
from rapport.platform.events import stream
from rapport.platform.identity.models import Team, User
from rapport.records import notifications, registry, revert, timeline_read, write
from rapport.records.errors import NotFound, Refused
from rapport.records.operation import moment_param

Acting = Callable[..., Any]
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def at_work(admin: User, acting: Acting) -> Iterator[None]:
    with acting(admin):
        yield


class Run:
    """A job's run that nobody cancels."""

    def check_cancelled(self) -> None:
        """Never."""


def make(**values: Any) -> Any:
    return write.create(registry.get("task"), {"title": "Call Horst", **values})


def act(task: Any, verb: str, **args: Any) -> Any:
    return write.act(registry.get("task"), task.id, verb, args)


def heard() -> list[tuple[str, str]]:
    return [(entry["reason"], entry["title"]) for entry in notifications.read().entries]


def test_the_assignee_owns_a_task_and_his_team_sees_it(admin: User, seller: User) -> None:
    assert (make().assignee_id, make(assignee=None).assignee_id) == (admin.id, admin.id)
    task = make(assignee=seller.id)
    assert (task.owner_id, task.team_id) == (seller.id, seller.team_id)
    task = write.change(registry.get("task"), task.id, {"owner": admin.id})
    assert (task.assignee_id, task.owner_id, task.team_id) == (admin.id, admin.id, None)


def test_a_request_waits_for_the_department_until_somebody_takes_it(
    admin: User, seller: User, other_seller: User, acting: Acting
) -> None:
    team = Team.objects.get(name="North East")
    task = make(department=team.id)
    assert (task.owner_id, task.team_id) == (None, team.id)
    with acting(other_seller), pytest.raises(NotFound):
        act(task, "take")
    with acting(seller):
        assert act(task, "take").owner_id == seller.id
        assert act(task, "complete", answer="By Friday.").done_by_id == seller.id
    assert heard() == [("answered", "Call Horst")]
    assert notifications.read().entries[0]["text"] == "By Friday."


def test_what_somebody_has_taken_is_not_taken_again(manager: User, seller: User, acting: Acting) -> None:
    task = make(assignee=seller.id)
    with acting(manager), pytest.raises(Refused, match="taken it already"):
        act(task, "take")


@pytest.mark.parametrize(
    ("recurrence", "due", "then"),
    [
        ("daily", "2030-03-01", "2030-03-02"), ("weekdays", "2030-03-01", "2030-03-04"),
        ("weekly", "2030-03-01", "2030-03-08"), ("monthly", "2030-01-31", "2030-02-28"),
        ("quarterly", "2030-11-30", "2031-02-28"), ("yearly", "2032-02-29", "2033-02-28"),
    ],
)  # fmt: skip
def test_completing_a_repeating_task_makes_the_next(recurrence: str, due: str, then: str) -> None:
    task = make(recurrence=recurrence, due_at=f"{due}T09:00:00Z", remind_at=f"{due}T08:00:00Z")
    act(task, "complete")
    following = Task.objects.exclude(id=task.id).get()
    assert following.due_at.isoformat() == f"{then}T09:00:00+00:00"
    assert following.due_at - following.remind_at == dt.timedelta(hours=1)
    assert (following.status, following.recurrence, following.owner_id) == ("open", recurrence, task.owner_id)


def test_a_series_on_the_31st_comes_back_to_the_31st() -> None:
    task = make(recurrence="monthly", due_at="2030-01-31T09:00:00Z")
    found = []
    for _month in range(3):
        act(task, "complete")
        task = Task.objects.get(status="open")
        found.append(task.due_at.date().isoformat())
    assert found == ["2030-02-28", "2030-03-31", "2030-04-30"]


def test_putting_one_off_does_not_shift_the_series() -> None:
    task = make(recurrence="weekly", recurs_every=2, due_at="2030-03-04T09:00:00Z")
    act(task, "snooze", due_at="2030-03-06T09:00:00Z")
    act(task, "complete")
    assert Task.objects.get(status="open").due_at.date().isoformat() == "2030-03-18"


def test_a_series_keeps_its_hour_where_the_person_is_when_the_clocks_change(admin: User, acting: Acting) -> None:
    User.objects.filter(id=admin.id).update(time_zone="Europe/Berlin")
    with acting(User.objects.get(id=admin.id)):
        act(make(recurrence="daily", due_at="2030-03-30T09:00:00Z"), "complete")  # 10:00 in Berlin, the clocks change
    assert Task.objects.get(status="open").due_at.isoformat() == "2030-03-31T08:00:00+00:00"


def test_what_is_late_comes_next_in_the_future() -> None:
    act(make(recurrence="daily", due_at=now() - 10 * DAY), "complete")
    assert now() < Task.objects.get(status="open").due_at <= now() + DAY


def test_undoing_a_completion_takes_the_next_one_and_the_story_back() -> None:
    party = write.create(registry.get("party"), {"name": "Acme"})
    task = make(recurrence="daily", due_at=now(), party=party.id)
    with write.operation() as done:
        act(task, "complete")
    told = timeline_read.read(registry.get("party"), party.id).entries
    assert (told[0]["verb"], told[0]["subject"]) == ("done", "Call Horst")
    assert Task.objects.filter(binned_at=None).count() == 2
    revert.revert(done.id)
    left = Task.objects.get(binned_at=None)
    assert (left.id, left.status, left.done_at, left.done_by_id) == (task.id, "open", None, None)
    assert [e["verb"] for e in timeline_read.read(registry.get("party"), party.id).entries] == ["created"]


def test_a_done_task_is_told_to_the_deal_and_the_customer() -> None:
    party = write.create(registry.get("party"), {"name": "Acme"})
    deal = write.create(registry.get("deal"), {"name": "Deal", "party": party.id})
    task = make(party=party.id, about={"entity": "deal", "id": deal.id})
    act(task, "complete", answer="Sent.")
    for key, record in (("party", party), ("deal", deal)):
        entry = timeline_read.read(registry.get(key), record.id).entries[0]
        assert (entry["channel"], entry["subject"], entry["body"]) == ("task", "Call Horst", "Sent.")


def test_tasks_sort_by_the_rank_of_their_priority(admin: User, api: Callable[..., Any]) -> None:
    for priority in ("low", "urgent", "normal", "high"):
        make(title=priority, priority=priority)
    first = api(admin).get("tasks", sort="-priority", limit=2).json()
    rest = api(admin).get("tasks", sort="-priority", limit=2, after=first["next"]).json()
    assert [t["title"] for t in [*first["items"], *rest["items"]]] == ["urgent", "high", "normal", "low"]


def test_who_is_assigned_hears_of_it_but_not_of_his_own_deeds(admin: User, seller: User, acting: Acting) -> None:
    make(title="Mine")
    task = make(assignee=seller.id, title="Yours")
    assert heard() == []
    with acting(seller):
        assert heard() == [("assigned", "Yours")]
        assert notifications.unread() == 1
        act(task, "complete")
        assert notifications.mark_read() == 1
        assert (notifications.unread(), notifications.mark_read()) == (0, 0)
    assert heard() == [("done", "Yours")]


def test_a_notification_goes_with_the_right_to_see_its_record(seller: User, other_seller: User, acting: Acting) -> None:
    task = make(assignee=seller.id)
    write.change(registry.get("task"), task.id, {"assignee": other_seller.id})
    with acting(seller):
        assert heard() == []
    with acting(other_seller):
        assert heard() == [("assigned", "Call Horst")]


def test_a_record_handed_over_is_told_once_whatever_it_is(seller: User, acting: Acting) -> None:
    for key in ("party", "deal"):
        record = write.create(registry.get(key), {"name": f"A {key}"})
        write.change(registry.get(key), record.id, {"owner": seller.id})
        write.change(registry.get(key), record.id, {registry.get(key).title: f"The {key}"})
    with acting(seller):
        assert heard() == [("handed_over", "The deal"), ("handed_over", "The party")]


def test_many_in_one_deed_are_one_notification_that_counts(seller: User, acting: Acting) -> None:
    start = len(stream.after(0))
    with write.operation():
        for n in range(12):
            make(title=f"Task {n}", assignee=seller.id)
    told = [fact for fact in stream.after(0, 5000)[start:] if fact.name == "notification.created"]
    assert [(fact.entity, fact.record) for fact in told] == [("user", seller.id)]
    with acting(seller):
        [entry] = notifications.read().entries
        assert (entry["reason"], entry["count"], str(entry["label"]), entry["url"]) == ("assigned", 12, "Tasks", None)


def test_undoing_takes_the_notification_back(seller: User, acting: Acting) -> None:
    with write.operation() as done:
        make(assignee=seller.id)
    revert.revert(done.id)
    with acting(seller):
        assert (heard(), notifications.unread()) == ([], 0)


def test_a_mention_reaches_the_person_and_every_member_of_a_team_once(
    admin: User, manager: User, seller: User, acting: Acting
) -> None:
    party = write.create(registry.get("party"), {"name": "Acme", "owner": seller.id})
    team = Team.objects.get(name="North East")
    body = f"@[Mona Manager](user:{manager.id}) and @[North East](team:{team.id}), look: @[Ada](user:{admin.id})"
    note = write.create(registry.get("interaction"), {"party": party.id, "body": body, "owner": seller.id})
    assert note.subject == "@Mona Manager and @North East, look: @Ada"
    write.change(registry.get("interaction"), note.id, {"body": f"{body} again"})
    for user in (manager, seller):
        with acting(user):
            told = [entry for entry in notifications.read().entries if entry["reason"] == "mentioned"]
            assert [entry["text"] for entry in told] == ["@Mona Manager and @North East, look: @Ada"]
    assert heard() == [], "nobody hears of mentioning himself"


def test_a_reminder_is_told_once_and_anew_when_it_is_moved(admin: User) -> None:
    task = make(remind_at=now() - DAY, due_at=now() + DAY)
    make(title="Later", remind_at=now() + DAY)
    act(make(title="Done already", remind_at=now() - DAY), "complete")
    with as_system("tests"):
        remind(Run())
        remind(Run())
    assert heard() == [("reminder", "Call Horst")]
    write.change(registry.get("task"), task.id, {"remind_at": now() - DAY / 2})
    with as_system("tests"):
        remind(Run())
    assert heard() == [("reminder", "Call Horst")] * 2


def test_nothing_is_written_while_no_reminder_is_due(django_assert_num_queries: Any) -> None:
    make(remind_at=now() + DAY)
    with django_assert_num_queries(1) as seen:
        remind(Run())
    assert seen.captured_queries[0]["sql"].startswith("SELECT")


def test_the_reminder_job_reads_its_own_index() -> None:
    plan = "EXPLAIN QUERY PLAN " if db.is_sqlite() else "EXPLAIN "
    if not db.is_sqlite():
        db.execute("SET LOCAL enable_seqscan = off")
    assert "task_reminder" in str(db.rows(f"{plan}{DUE} 1", (moment_param(now()),)))
