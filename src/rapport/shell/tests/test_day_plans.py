"""My day is read from indexes, whoever asks, on both engines: what holds with a few rows holds with two million."""

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from rapport.automation import queries as approvals
from rapport.interactions import queries
from rapport.interactions.models import Task
from rapport.platform import db
from rapport.platform.clock import now, today
from rapport.platform.identity.models import Team, User
from rapport.platform.keys import new_key
from rapport.records import notifications, read, registry, write
from rapport.records.models import Notification
from rapport.records.read import Query
from rapport.sales import attention
from rapport.sales.models import Deal, Stage
from tests.crowded import crowd

Plans = Callable[[], str]
WHO = ["admin", "manager", "seller"]


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], str]:
    """``plan(deed)``: how the database goes about the queries of ``deed``."""
    real = db.rows

    def told(deed: Callable[[], Any]) -> str:
        found: list[str] = []

        def rows(sql: str, params: Any = ()) -> Any:
            if not db.is_sqlite():
                for each in ("seqscan", "bitmapscan", "hashjoin", "mergejoin"):  # as if the tables were large
                    db.execute(f"SET LOCAL enable_{each} = off")
            how = "EXPLAIN QUERY PLAN " if db.is_sqlite() else "EXPLAIN "
            found.extend(str(row) for row in real(how + sql, params))
            return real(sql, params)

        with monkeypatch.context() as patch:
            patch.setattr(db, "rows", rows)
            deed()
        return "\n".join(found)

    return told


@pytest.fixture
def busy(admin: User, manager: User, seller: User, acting: Callable[..., Any]) -> dict[str, User]:
    """A few tasks and deals of each."""
    users = {"admin": admin, "manager": manager, "seller": seller}
    with acting(admin):
        party = write.create(registry.get("party"), {"name": "Acme"})
        deal = write.create(registry.get("deal"), {"name": "Deal", "party": party.id})
        for user in users.values():
            about = {"entity": "deal", "id": deal.id}
            for due in (now(), None):
                values = {"title": "x", "assignee": user.id, "due_at": due, "party": party.id, "about": about}
                write.create(registry.get("task"), values)
        write.create(registry.get("task"), {"title": "x", "department": Team.objects.get(name="North East").id})
    return users


def touched(plan: str) -> set[str]:
    """The indexes of tasks and deals that a plan names."""
    names = ("task_due_at_own", "task_waiting", "task_party", "task_about", "deal_stage_own", "deal_close_on_own")
    return {name for name in names if name in plan}


def _many_tasks() -> None:
    """Nobody's: with a handful several indexes cost PostgreSQL the same, and which it takes depends on their size."""
    one = Task.objects.first()
    rows = []
    for number in range(1000):
        other = copy.copy(one)
        other.id, other.owner_id, other.assignee_id = new_key(), None, None
        other.due_at = now() - dt.timedelta(hours=number) if number % 2 else None
        rows.append(other)
    Task.objects.bulk_create(rows)
    db.execute("ANALYZE task")


@pytest.mark.parametrize("who", WHO)
def test_my_tasks_are_a_run_of_one_index(
    who: str, busy: dict[str, User], acting: Callable[..., Any], plan: Callable[..., str]
) -> None:
    _many_tasks()
    with acting(busy[who]):
        for deed in (lambda: queries.mine(None, today(), 5), lambda: queries.mine(today(), today(), 5)):
            found = plan(deed)
            assert touched(found) == {"task_due_at_own"}, found
            assert "SCAN t" not in found, found
        found = plan(lambda: queries.undated(5))
        # Of few rows PostgreSQL may as well walk the index of the same person and status by age.
        assert touched(found.replace("task_id_own", "task_due_at_own")) == {"task_due_at_own"}, found
        assert "SCAN t" not in found, found
        view = next(view for view in registry.get("task").views if view.key == "mine")
        found = plan(lambda: read.page(Query(registry.get("task"), view.filter, (view.sort,))))
        assert touched(found) == {"task_due_at_own"}, found


@pytest.mark.parametrize("who", WHO)
def test_what_is_planned_is_read_by_the_party_or_the_deal(
    who: str, busy: dict[str, User], acting: Callable[..., Any], plan: Callable[..., str]
) -> None:
    with acting(busy[who]):
        party, deal = (str(registry.get(key).model._default_manager.get().id) for key in ("party", "deal"))
        assert touched(plan(lambda: queries.planned("party", party))) == {"task_party"}
        assert touched(plan(lambda: queries.planned("deal", deal))) == {"task_about"}


@pytest.mark.parametrize("who", ["manager", "seller"])
def test_what_waits_for_the_team_has_an_index_of_its_own(
    who: str, busy: dict[str, User], acting: Callable[..., Any], plan: Callable[..., str]
) -> None:
    with acting(busy[who]):
        found = plan(lambda: queries.waiting(5))
        # With a handful of rows several indexes cost PostgreSQL the same.
        assert "task_waiting" in found if db.is_sqlite() else "Seq Scan on task" not in found, found


@pytest.mark.parametrize("who", ["manager", "seller"])
def test_what_waits_for_a_decision_is_read_from_indexes(
    who: str, busy: dict[str, User], acting: Callable[..., Any], plan: Callable[..., str]
) -> None:
    with acting(busy[who]):
        found = plan(lambda: approvals.mine(5))
    # With a handful of rows several indexes cost PostgreSQL the same.
    wanted = {"approval_id_own", "approval_deciders"} if db.is_sqlite() else set()
    assert {name for name in wanted if name in found} == wanted, found
    assert "SCAN approval" not in found, found
    assert "Seq Scan on approval" not in found, found


def _many_deals(owner: str) -> None:
    """Nobody's in the same stage, and one's own in another: with a handful several indexes cost PostgreSQL the same."""
    one = Deal.objects.get()
    elsewhere = Stage.objects.filter(kind="open").exclude(id=one.stage_id).first()
    rows = []
    for number in range(1000):
        other = copy.copy(one)
        other.id, other.owner_id = new_key(), (None, owner)[number % 2]
        other.stage = elsewhere if other.owner_id else one.stage
        other.stage_since = one.stage_since - dt.timedelta(hours=number)
        other.close_on = dt.date(2020, 1, 1) + dt.timedelta(days=number)
        rows.append(other)
    Deal.objects.bulk_create(rows)
    db.execute("ANALYZE deal")


@pytest.mark.parametrize("who", WHO)
def test_deals_that_ask_for_attention_are_runs_of_indexes(
    who: str, busy: dict[str, User], acting: Callable[..., Any], plan: Callable[..., str]
) -> None:
    _many_deals(busy[who].id)
    with acting(busy[who]):
        found = plan(lambda: attention.stuck(5))
        assert touched(found) == {"deal_stage_own"}, found
        found = touched(plan(lambda: attention.closing_unplanned(5)))
        assert found == {"deal_close_on_own", "task_about"} if db.is_sqlite() else "deal_close_on_own" in found


def test_what_is_unread_is_counted_from_its_index(
    busy: dict[str, User], acting: Callable[..., Any], plan: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whose = (f"'{busy[name].id}'" for name in ("seller", "manager"))
    crowd(Notification, user_id="CASE WHEN mod(n, 60) = 0 THEN {} ELSE {} END::uuid".format(*whose), read_at="now()")
    with acting(busy["seller"]):
        monkeypatch.setattr(db, "one", lambda sql, params=(): db.rows(sql, params)[0])
        assert "notification_unread" in plan(notifications.unread)
        assert "notification_unread" in plan(lambda: notifications.read(only_unread=True))
        assert "notification_user" in plan(notifications.read)
