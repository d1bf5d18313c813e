"""What whoever puts a job in the queue may rely on."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest

from rapport.platform import db
from rapport.platform.actor import Actor, acting_as, as_system
from rapport.platform.clock import now
from rapport.platform.jobs import LeaseLost, UnknownJob, again, behalf, cancel, claims, enqueue, recurring, registry
from rapport.platform.jobs.execution import execute
from rapport.platform.jobs.health import queue_health
from rapport.platform.jobs.heart import Heart
from rapport.platform.jobs.models import Job, JobSchedule
from rapport.platform.jobs.run import Run
from rapport.platform.jobs.states import Status
from rapport.platform.jobs.tests.example_jobs import acted_as, done_by
from rapport.platform.jobs.upkeep import forget_ended_jobs

Drain = Callable[[], int]


def later(seconds: float) -> dt.datetime:
    return now() + dt.timedelta(seconds=seconds)


def make_due() -> None:
    Job.objects.filter(status=Status.WAITING).update(run_at=later(-1))


def test_a_job_enqueued_in_a_rolled_back_transaction_never_runs(drain: Drain) -> None:
    def refused() -> None:
        with db.transaction():
            enqueue("test.note", {"n": 1})
            raise KeyError

    with pytest.raises(KeyError):
        refused()
    enqueue("test.note", {"n": 2})
    assert drain() == 1
    assert [n for n, _ in done_by()] == [2]


def test_nothing_starts_before_the_transaction_commits(queue: str) -> None:
    seen: list[set[str]] = []

    def look() -> None:
        seen.append(claims.due_lanes(["test.note"]))
        db.close()

    with db.transaction():
        enqueue("test.note", {})
        other = threading.Thread(target=look)
        other.start()
        other.join()
    assert seen == [set()]
    assert claims.due_lanes(["test.note"]) == {"short"}


def test_a_job_waits_for_its_moment(drain: Drain) -> None:
    enqueue("test.note", {}, run_at=later(60))
    assert drain() == 0
    make_due()
    assert drain() == 1


def test_one_key_waits_once_and_the_earlier_moment_counts(drain: Drain) -> None:
    first = enqueue("test.note", {"n": 1}, key="k", run_at=later(60))
    assert enqueue("test.note", {"n": 2}, key="k", run_at=later(90)) == first
    assert drain() == 0
    assert enqueue("test.note", {"n": 3}, key="k") == first
    other = enqueue("test.note", {"n": 4}, key="other")
    assert other != first
    assert drain() == 2
    assert [n for n, _ in done_by()] == [1, 4]


def test_jobs_of_one_key_run_one_after_the_other(queue: str) -> None:
    first = enqueue("test.note", {}, key="k")
    held = claims.claim("short", ["test.note"], "one")
    second = enqueue("test.note", {}, key="k")
    assert held is not None
    assert second != first
    assert claims.due_lanes(["test.note"]) == set()
    assert claims.claim("short", ["test.note"], "two") is None
    claims.end(str(held.lease), Status.DONE)
    assert claims.claim("short", ["test.note"], "two").id == second


def test_jobs_of_one_line_run_in_the_order_they_were_asked_for(queue: str) -> None:
    def claimed() -> str | None:
        held = claims.claim("short", ["test.note", "test.count"], "one")
        return held and str(held.id)

    first = enqueue("test.note", {}, line="shelf")
    second = enqueue("test.count", {}, line="shelf")
    other = enqueue("test.note", {}, line="desk")
    assert claimed() == first
    assert claimed() == other
    assert claimed() is None, "the first of the line is at work"
    claims.retry(str(Job.objects.get(id=first).lease), "it stumbled", delay=60)
    assert claimed() is None, "it will be tried again"
    Job.objects.filter(id=first).update(run_at=now())
    assert claimed() == first
    claims.end(str(Job.objects.get(id=first).lease), Status.FAILED)
    assert claimed() == second


def test_a_key_asked_for_again_does_not_start_before_the_asking_transaction_ends(queue: str) -> None:
    first = enqueue("test.note", {}, key="k")
    claimed: list[Job | None] = []

    def try_to_claim() -> None:
        claimed.append(claims.claim("short", ["test.note"], "other"))
        db.close()

    other = threading.Thread(target=try_to_claim)
    with db.transaction():
        assert enqueue("test.note", {}, key="k") == first
        other.start()
        other.join(0.5)
        assert [job for job in claimed if job] == []
    other.join()
    assert claimed[0] or claims.claim("short", ["test.note"], "me")


def test_eight_workers_never_claim_the_same_job(queue: str) -> None:
    wanted = {enqueue("test.note", {"n": n}) for n in range(40)}
    got: list[str] = []
    start = threading.Barrier(8)

    def work(name: str) -> None:
        start.wait()
        while job := claims.claim("short", ["test.note"], name):
            got.append(job.id)
        db.close()

    threads = [threading.Thread(target=work, args=(f"worker {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 40
    assert set(got) == wanted


def test_a_failing_job_is_tried_again_later_and_later_then_given_up(drain: Drain) -> None:
    job = enqueue("test.flaky", {"good_at": 9})
    waits = []
    for _ in range(2):
        assert drain() == 1
        row = Job.objects.get(id=job)
        assert row.status == Status.WAITING
        waits.append((row.run_at - now()).total_seconds())
        make_due()
    assert 7 < waits[0] < 13 < waits[1] < 26
    assert drain() == 1
    row = Job.objects.get(id=job)
    assert (row.status, row.failures) == (Status.FAILED, 3)
    assert row.error.startswith("ValueError: attempt 3")
    assert queue_health().failed_today == 1


def test_a_job_that_recovers_is_done_and_a_failed_one_can_run_again(drain: Drain) -> None:
    recovers, hopeless = enqueue("test.flaky", {"good_at": 2}), enqueue("test.exits", {})
    drain()
    make_due()
    drain()
    assert Job.objects.get(id=recovers).status == Status.DONE
    assert Job.objects.get(id=hopeless).error.startswith("SystemExit: 3")
    assert again(hopeless)
    assert not again(recovers)
    assert drain() == 1


def test_a_waiting_job_is_cancelled_at_once(drain: Drain) -> None:
    job = enqueue("test.note", {})
    assert cancel(job)
    assert drain() == 0
    assert not cancel(job)
    assert Job.objects.get(id=job).status == Status.CANCELLED


def test_a_lost_lease_takes_the_work_back(queue: str) -> None:
    enqueue("test.count", {"upto": 9, "pause": 0})
    slow = claims.claim("short", ["test.count"], "slow")
    assert slow is not None
    Job.objects.update(lease_until=later(-1))
    assert claims.reap() == 1
    assert claims.claim("short", ["test.count"], "quick") is not None
    run = Run(slow)

    def work_on() -> None:
        with db.transaction():
            db.execute("INSERT INTO job_test_work (n, process) VALUES (1, 1)")
            run.save_state({"next": 1})

    with pytest.raises(LeaseLost):
        work_on()
    assert done_by() == []
    assert claims.end(str(slow.lease), Status.DONE) == 0


def test_a_job_that_kills_its_workers_is_given_up(queue: str) -> None:
    job = enqueue("test.note", {})
    for _ in range(claims.CRASHES_ALLOWED + 1):
        assert claims.claim("short", ["test.note"], "doomed") is not None
        Job.objects.update(lease_until=later(-1))
        claims.reap()
    row = Job.objects.get(id=job)
    assert row.status == Status.FAILED
    assert "worker died" in row.error


def test_a_job_runs_on_behalf_of_who_asked_for_it(drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, gone = "a" * 32, "b" * 32

    def find(user: str, scope: str) -> Actor:
        if user == gone:
            raise PermissionError("may no longer act")
        return Actor(id=user, name="Ann", scope=scope)

    monkeypatch.setattr(behalf, "find", find)
    with acting_as(Actor(id=ann, name="Ann", scope="write")):
        enqueue("test.note", {})
    with as_system("import"):
        enqueue("test.note", {})
    with acting_as(Actor(id=gone, name="Gone")):
        refused = enqueue("test.note", {})
    drain()
    assert acted_as == [(ann, "write", ""), (None, "admin", "job:test.note (import)")]
    assert "may no longer act" in Job.objects.get(id=refused).error


def test_a_misspelt_name_is_refused_with_the_nearest_one(queue: str) -> None:
    with pytest.raises(UnknownJob, match=r"Did you mean 'test\.note'"):
        enqueue("test.nota", {})


def test_ended_jobs_are_forgotten_after_their_time(drain: Drain, heart: Heart) -> None:
    old, new = enqueue("test.note", {}), enqueue("test.note", {})
    drain()
    Job.objects.filter(id=old).update(ended_at=now() - dt.timedelta(days=8))
    enqueue("platform.forget_ended_jobs", {})
    job = claims.claim("short", ["platform.forget_ended_jobs"], "me")
    assert job is not None
    assert forget_ended_jobs
    execute(job, heart)
    assert set(Job.objects.exclude(id=job.id).values_list("id", flat=True)) == {new}


def test_a_schedule_waits_until_there_is_something_to_do(drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [False]
    recurrence = registry.Recurrence("test.note", dt.timedelta(seconds=60), None, lambda: wanted[0])
    monkeypatch.setattr(registry, "_recurrences", {"test.note": recurrence})
    recurring.prepare()
    JobSchedule.objects.filter(name="test.note").update(next_at=now() - dt.timedelta(minutes=5))
    assert (recurring.start_due(), Job.objects.count()) == (0, 0)
    wanted[0] = True
    assert (recurring.start_due(), Job.objects.count()) == (1, 1)
