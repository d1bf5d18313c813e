"""Each invariant is broken by hand, past all doors, and is named with an example and with what to do."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rapport.config import cli, readiness, soundness
from rapport.config.soundness import links
from rapport.interactions.models import Task
from rapport.platform import db, locks
from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.platform.jobs.models import Job
from rapport.records import registry, sharing, write
from rapport.records.models import RecordShare, TimelineEntry

NOBODY = "0" * 32


@pytest.fixture
def firm(organisation: None, seller: User, other_seller: User) -> dict[str, Any]:
    """A party with all that hangs on it."""
    with as_system("tests"):
        write.create(registry.get("tag"), {"name": "Gold"})
        party = write.create(
            registry.get("party"),
            {
                "name": "Acme Works",
                "email": "a@acme.example",
                "tags": ["Gold"],
                "owner": seller.id,
                "roles": ["customer"],
            },
        )
        deal = write.create(
            registry.get("deal"), {"name": "Boxes", "party": party.id, "amount": "10", "owner": seller.id}
        )
        talk = write.create(
            registry.get("interaction"), {"party": party.id, "channel": "call", "subject": "Rang", "owner": seller.id}
        )
        task = write.create(registry.get("task"), {"title": "Ring", "about": {"entity": "deal", "id": deal.id}})
        write.change(registry.get("deal"), deal.id, {"name": "Big boxes"})
        sharing.share(registry.get("deal"), deal.id, {"user": other_seller.id})
    return {"party": party.id, "deal": deal.id, "interaction": talk.id, "task": task.id, "seller": seller.id}


BREAKS: dict[str, tuple[str, str, str]] = {
    # what is done: (statement, whose id is its parameter, what the check says)
    "an event is gone": ("DELETE FROM event WHERE record = %s", "party", "event positions run from"),
    "a reader is ahead": (
        "INSERT INTO event_cursor (consumer, position) SELECT 'x', 1000000 WHERE %s IS NOT NULL", "party",
        "1 readers of events are ahead of the newest one (such as x)",
    ),
    "no creation": (
        "DELETE FROM change WHERE record = %s AND verb = 'created'", "deal",
        "1 deals have no creation in the history (such as {deal})",
    ),
    "a change is gone": (
        "DELETE FROM change WHERE record = %s AND verb = 'changed'", "deal",
        "1 deals have another version than their history (such as {deal})",
    ),
    "a version ran ahead": (
        "UPDATE party SET version = version + 1 WHERE id = %s", "party",
        "1 parties have another version than their history (such as {party})",
    ),
    "not in search": (
        "DELETE FROM search_entry WHERE record = %s", "deal", "1 deals cannot be found by search (such as {deal})",
    ),
    "search finds the bin": (
        "UPDATE deal SET binned_at = created_at WHERE id = %s", "deal",
        "1 deals in the bin are found by search (such as {deal})",
    ),
    "the owner finds it no more": (
        "UPDATE search_entry SET scope = 'edeal' WHERE record = %s", "deal",
        "1 deals are not found by their owner (such as {deal})",
    ),
    "who got it shared finds it no more": (
        "UPDATE search_entry SET scope = 'edeal' WHERE record = %s", "deal",
        "1 shared deals are not found by whom they are shared with (such as {deal})",
    ),
    "the party's team finds it no more": (
        "UPDATE search_entry SET scope = replace(scope, ' t', ' u') WHERE record = %s", "party",
        "1 parties are not found by their team (such as {party})",
    ),
    "on no timeline": (
        "DELETE FROM timeline_entry WHERE source = %s", "interaction",
        "1 interactions are on no timeline (such as {interaction})",
    ),
    "a tag is not indexed": (
        "DELETE FROM record_tag WHERE record = %s", "party",
        "1 parties have tags by which they are not found (such as {party})",
    ),
    "a tag is indexed only": (
        "UPDATE party SET tags = NULL WHERE id = %s", "party",
        "1 parties are found by tags they do not have (such as {party})",
    ),
    "a part in force of what is binned": (
        "UPDATE party SET binned_at = created_at WHERE id = %s", "party",
        "1 contact-points are in force though their whole is in the bin",
    ),
    "a wrong total": (
        "UPDATE deal SET amount = amount + 1 WHERE id = %s", "deal", "kept total of deals",
    ),
    "a total of another owner": (
        "UPDATE kept_total SET owner = team WHERE entity = 'deal' AND %s IS NOT NULL", "deal", "kept total of deals",
    ),
    "another e-mail than its contact point": (
        "UPDATE party SET email = 'b@acme.example' WHERE id = %s", "party", "1 parties have another email than",
    ),
}  # fmt: skip


def said() -> str:
    return "\n".join(readiness.deep())


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_named(name: str, firm: dict[str, Any]) -> None:
    assert readiness.deep() == []
    statement, whose, words = BREAKS[name]
    parameter: Any = db.key(firm[whose])
    if not db.is_sqlite() and "IS NOT NULL" in statement:
        statement = statement.replace("%s", "%s::text")
    assert db.execute(statement, [parameter])
    assert words.format(**firm) in said()
    assert "What to do: " in said()


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("timeline_entry", "subject", "rows of timeline_entry name a record in subject that is not there"),
        ("timeline_entry", "source", "rows of timeline_entry name a record in source that is not there"),
        ("search_entry", "record", "rows of search_entry name a record in record that is not there"),
        ("record_share", "record", "rows of record_share name a record in record that is not there"),
        ("record_tag", "record", "tags are on records that are not there (such as 11111111"),
        ("task", "about_id", "rows of task name a record in about_id that is not there"),
    ],
)
def test_what_points_nowhere_is_named(table: str, column: str, words: str, firm: dict[str, Any]) -> None:
    first = f"(SELECT min(CAST(id AS text)) FROM {table})" if not db.is_sqlite() else f"(SELECT min(id) FROM {table})"
    own = "CAST(id AS text)" if not db.is_sqlite() else "id"
    assert db.execute(f"UPDATE {table} SET {column} = %s WHERE {own} = {first}", [db.key("1" * 32)])
    assert words in said()


def test_which_columns_name_records_is_read_from_the_models() -> None:
    assert list(links.pairs(TimelineEntry)) == [("subject_entity", "subject"), ("source_entity", "source")]
    assert list(links.pairs(RecordShare)) == [("entity", "record")]
    assert list(links.pairs(Task)) == [("about_entity", "about_id")]
    assert list(links.pairs(User)) == []


def test_sqlite_tells_of_foreign_keys_words_and_pages(standing: str) -> None:
    if not db.is_sqlite():
        pytest.skip("PostgreSQL keeps these itself")
    with as_system("tests"):
        write.create(registry.get("deal"), {"name": "Boxes", "amount": "10"})
    assert readiness.deep() == []
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("UPDATE deal SET owner_id = x'11111111111111111111111111111111'")
    db.execute("INSERT INTO search_text(search_text) VALUES ('delete-all')")
    words = said()
    assert "1 rows of deal point to a user_account that is not there. What to do: restore" in words
    assert "are not in the full-text index" in words
    assert "INSERT INTO search_text(search_text) VALUES ('rebuild')" in words
    db.execute("INSERT INTO search_text(search_text) VALUES ('rebuild')")
    assert "full-text" not in said()
    db.execute("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'tag') "
               "WHERE name = 'deal_id_own'")  # fmt: skip
    db.close()
    assert "malformed. What to do: restore the last backup" in said()


def test_each_check_says_what_it_holds_true() -> None:
    for check in soundness.CHECKS:
        assert check.__doc__
    assert len({check.__name__ for check in soundness.CHECKS}) == len(soundness.CHECKS)


def test_it_holds_up_no_writer_and_sees_one_moment(standing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody writes between two questions of the check."""
    from threading import Thread

    def write_one() -> None:
        with as_system("tests"):
            write.create(registry.get("deal"), {"name": "Meanwhile", "amount": "1"})
        db.close()

    def meanwhile(_words: str) -> None:
        other = Thread(target=write_one)
        other.start()
        other.join(10)
        assert not other.is_alive()

    assert soundness.deep(meanwhile) == []
    assert db.one("SELECT count(*) FROM deal") == (len(soundness.CHECKS),)


def test_the_command_ends_with_1_and_the_reasons(firm: dict[str, Any], capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(readiness, "built", lambda: True)
    assert cli.run(["check", "--deep"]) == 0
    told = capsys.readouterr()
    assert told.out == "all is well\n"
    assert "kept totals: ok" in told.err
    db.execute("DELETE FROM search_entry")
    assert cli.run(["check", "--deep"]) == 1
    told = capsys.readouterr()
    assert told.out == "not well\n"
    assert "records findable: NOT WELL" in told.err
    assert "1 deals cannot be found by search" in told.err
    assert cli.run(["check"]) == 0


class Disk:
    """A disk with hardly anything left."""

    free = 5 << 20


@pytest.fixture
def ready(organisation: None, api: Callable[..., Any], tmp_path: Path, settings: Any) -> Callable[[], Any]:
    settings.DATA = tmp_path
    return lambda: api(None).get("/readyz")


def test_ready_says_yes_with_each_state_named(ready: Callable[[], Any]) -> None:
    answer = ready()
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "problems": [],
        "checks": {"database": "ok", "migrations": "ok", "jobs": "ok", "disk": "ok"},
    }


def test_ready_says_no_and_why(ready: Callable[[], Any], monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(readiness.shutil, "disk_usage", lambda path: Disk)
    answer = ready()
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()["checks"]["disk"].startswith("only 5 MB are left on the disk of")
    monkeypatch.undo()
    assert ready().status_code == 200
    db.execute("DELETE FROM django_migrations WHERE app = 'sales' AND name = '0003_sample'")
    assert ready().json()["problems"] == ["migrations have not run: sales.0003_sample"]


def test_ready_tells_when_nobody_does_the_jobs(ready: Callable[[], Any], tmp_path: Path) -> None:
    with locks.held(tmp_path, locks.SERVING, shared=True):
        assert ready().json()["problems"] == ["no process for background jobs is alive"]
        with locks.held(tmp_path, locks.WORKING, shared=True):
            assert ready().status_code == 200
            Job.objects.create(name="x", run_at="2020-01-01T00:00:00Z")
            assert "no worker keeps up" in ready().json()["checks"]["jobs"]


def test_ready_writes_nothing_and_costs_little(ready: Callable[[], Any], django_assert_max_num_queries: Any) -> None:
    ready()
    with django_assert_max_num_queries(8) as asked:
        ready()
    assert not [each for each in asked if each["sql"].split()[0].upper() not in ("SELECT", "PRAGMA")]


def test_ready_tells_when_the_database_is_away(ready: Callable[[], Any], monkeypatch: Any) -> None:
    def away(*_given: Any) -> None:
        raise db.OperationalError("no route to host")

    monkeypatch.setattr(db, "one", away)
    answer = ready()
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "the database does not answer: no route to host"
    with contextlib.suppress(KeyError):
        assert answer.json()["checks"]["jobs"] != "ok"
