"""Several people at the same moment: nothing is lost, nothing is done twice, nobody meets a lock."""

import random
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from django.test import Client

from rapport.config import readiness
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.events import stream
from rapport.platform.identity import access, upholding
from rapport.platform.identity.models import User, UserRole
from rapport.records import appointing, granting, registry, write
from rapport.records.errors import Refused
from tests.people import Api, address
from tests.standing import at_once


@pytest.fixture
def token(standing: str) -> str:
    return access.make_token(User.objects.get(email=address("admin")), "test")


def client(token: str) -> Api:
    return Api(headers={"Authorization": f"Bearer {token}"})


def test_of_two_who_read_the_same_version_one_wins_and_the_other_hears_of_it(token: str) -> None:
    for round_ in range(6):
        record = client(token).make("parties", {"name": f"Acme {round_}"})["id"]

        def rename(name: str, record: str = record) -> Any:
            return client(token).patch(f"parties/{record}", {"name": name}, headers={"If-Match": '"1"'})

        answers = at_once(lambda: rename("One"), lambda: rename("Two"), lambda: rename("Three"))
        assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
        winner = next(answer.json() for answer in answers if answer.status_code == 200)
        assert client(token).get(f"parties/{record}").json() == winner
        assert winner["version"] == 2


def test_those_who_change_different_fields_at_once_all_get_through(token: str) -> None:
    record = client(token).make("parties", {"name": "Acme"})["id"]
    fields = {
        "industry": "Retail",
        "employees": 7,
        "website": "https://acme.example",
        "description": "Big",
        "title": "x",
    }
    works = [lambda n=n, v=v: client(token).patch(f"parties/{record}", {n: v}).status_code for n, v in fields.items()]
    assert at_once(*works) == [200] * len(fields)
    now = client(token).get(f"parties/{record}").json()
    assert {name: now[name] for name in fields} == fields
    assert now["version"] == 1 + len(fields)
    assert [c["version"] for c in client(token).items(f"parties/{record}/changes")] == [6, 5, 4, 3, 2, 1]


def test_eight_writers_meet_no_lock_and_everything_adds_up(token: str) -> None:
    shared = client(token).make("deals", {"name": "Shared", "amount": "1"})["id"]
    stages = [stage["id"] for stage in client(token).items("stages")][:4]

    def work(n: int) -> list[int]:
        dice, mine, codes = random.Random(n), client(token), []
        for at in range(10):
            made = mine.post("deals", {"name": f"Deal {n} {at}", "amount": "10.50", "stage": dice.choice(stages)})
            codes.append(made.status_code)
            codes.append(mine.patch(f"deals/{made.json()['id']}", {"stage": dice.choice(stages)}).status_code)
            codes.append(mine.post(f"deals/{shared}/actions/move_to", {"stage": dice.choice(stages)}).status_code)
            codes.append(mine.get("deals", limit=5).status_code)
        return codes

    answers = at_once(*(lambda n=n: work(n) for n in range(8)))
    assert answers == [[201, 200, 200, 200] * 10] * 8
    found = client(token).get("deals/aggregate", sum="amount").json()["groups"][0]
    assert (found["count"], found["sum"]) == (81, {"amount": "841.00"})
    assert readiness.deep() == []


def test_the_same_request_sent_many_times_at_once_is_done_once(token: str) -> None:
    for n in range(3):
        send = lambda n=n: client(token).post("parties", {"name": f"Once {n}"}, headers={"Idempotency-Key": f"k{n}"})  # noqa: E731
        answers = at_once(*[send] * 6)
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
    assert len(client(token).items("parties")) == 3


def test_an_external_id_taken_at_the_same_moment_goes_to_one(token: str) -> None:
    send = lambda: client(token).post("parties", {"name": "Acme", "external_id": "E-1"}).status_code  # noqa: E731
    assert sorted(at_once(*[send] * 5)) == [201, 409, 409, 409, 409]


def test_two_first_visitors_make_one_administrator(standing: str) -> None:
    db.execute("UPDATE user_account SET password = ''")
    UserRole.objects.all().delete()

    def visit(n: int) -> int:
        form = {
            "organisation": "Acme",
            "name": f"First {n}",
            "email": f"first{n}@example.com",
            "password": "a quiet river",
        }
        return Client().post("/welcome", form).status_code

    answers = at_once(*(lambda n=n: visit(n) for n in range(4)))
    assert 302 in answers
    assert UserRole.objects.filter(role__key="admin").count() == 1


def in_thread(work: Callable[[], None]) -> Thread:
    def run() -> None:
        try:
            work()
        finally:
            db.close()

    thread = Thread(target=run)
    thread.start()
    return thread


@pytest.mark.postgres
def test_an_event_whose_transaction_began_first_and_commits_last_is_not_skipped(standing_postgres: None) -> None:
    began, go_on = Event(), Event()
    start = len(stream.after(0, 10_000))

    def slow() -> None:
        with as_system("tests"), db.transaction():
            write.create(registry.get("interaction"), {"subject": "Slow"})
            began.set()
            go_on.wait(20)

    thread = in_thread(slow)
    assert began.wait(20)
    with as_system("tests"):
        quick = write.create(registry.get("party"), {"name": "Quick"}).id
    first = stream.after(start)
    assert [(fact.position, fact.record) for fact in first] == [(start + 1, quick)]
    assert stream.after(first[-1].position) == []
    go_on.set()
    thread.join(20)
    late = stream.after(first[-1].position)
    assert [(fact.position, fact.name) for fact in late] == [(start + 2, "interaction.created")]
    assert stream.gaps() == []


def test_a_reader_with_a_cursor_hears_every_event_once_while_many_write(standing: str) -> None:
    done, heard = Event(), []
    cursor = stream.after(0, 10_000)[-1].position

    def listen() -> None:
        position = cursor
        while True:
            ended = done.is_set()
            facts = stream.after(position, 7)
            heard.extend(facts)
            position = facts[-1].position if facts else position
            if ended and not facts:
                return
            time.sleep(0.002)

    def work(n: int) -> list[str]:
        dice, made = random.Random(n), []
        with as_system("tests"):
            for at in range(12):
                with db.transaction():
                    made.append(write.create(registry.get("party"), {"name": f"P {n} {at}"}).id)
                    time.sleep(dice.random() * (0.02 if standing == "postgresql" else 0.002))
        return made

    listeners = [in_thread(listen)]
    made = [key for keys in at_once(*(lambda n=n: work(n) for n in range(6))) for key in keys]
    done.set()
    listeners[0].join(30)
    assert sorted(fact.record for fact in heard) == sorted(made)
    assert [fact.position for fact in heard] == list(range(cursor + 1, cursor + 1 + len(made)))


def test_of_two_keepers_who_take_each_other_out_one_is_left(standing: str) -> None:
    """Somebody always keeps the right to change users and roles, however close two deeds come."""
    for _round in range(4):
        with as_system("test"):
            admin, second = (User.objects.get(email=address(who)) for who in ("admin", "manager"))
            appointing.appoint(second.id, ["admin"])
            appointing.appoint(admin.id, ["admin"])

        def take_out(key: str) -> bool:
            with as_system("test"):
                try:
                    appointing.appoint(key, ["sales"])
                except Refused:
                    return False
                return True

        assert sorted(at_once(lambda a=admin: take_out(a.id), lambda s=second: take_out(s.id))) == [False, True]
        assert upholding.somebody()


def test_of_two_keepers_who_switch_each_other_off_one_is_left(standing: str) -> None:
    for _round in range(4):
        with as_system("test"):
            both = [User.objects.get(email=address(who)) for who in ("admin", "manager")]
            for user in both:
                write.change(registry.get("user"), user.id, {"is_active": True})
                appointing.appoint(user.id, ["admin"])

        def switch_off(key: str) -> bool:
            with as_system("test"):
                try:
                    write.change(registry.get("user"), key, {"is_active": False})
                except Refused:
                    return False
                return True

        assert sorted(at_once(*(lambda key=user.id: switch_off(key) for user in both))) == [False, True]
        assert upholding.somebody()


def test_grants_changed_in_different_cells_at_once_all_count(standing: str) -> None:
    with as_system("test"):
        role = write.create(registry.get("role"), {"name": "At once"})

    def give(verb: str) -> str | None:
        with as_system("test"):
            return granting.grant(role.id, {("deal", verb): "own"})

    assert all(at_once(*(lambda verb=verb: give(verb) for verb in ("view", "change", "delete", "export"))))
    found = db.rows("SELECT verb FROM role_grant WHERE role_id = %s", (db.key(role.id),))
    assert {verb for (verb,) in found} == {"view", "change", "delete", "export"}
    assert readiness.deep() == []
