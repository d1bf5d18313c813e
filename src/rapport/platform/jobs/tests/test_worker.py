"""What whoever runs the worker may rely on; kill -9 is a real one."""

import datetime as dt
import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.jobs import cancel, claims, enqueue, recurring, registry
from rapport.platform.jobs.heart import Heart
from rapport.platform.jobs.models import Job, JobSchedule
from rapport.platform.jobs.run import Run
from rapport.platform.jobs.runner import Worker
from rapport.platform.jobs.states import Status
from rapport.platform.jobs.tests.example_jobs import done_by
from rapport.platform.jobs.tests.patience import until

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def worker(queue: str) -> Iterator[Callable[[float], None]]:
    """A worker in this process; call it with the seconds it shall turn."""
    made = Worker(threading.Event())

    def turn(seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(min(made.turn(), 0.1))

    yield turn
    made._stop.set()
    assert made.close()


@pytest.fixture
def nightly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The only schedule there is: test.note, every hour."""
    hourly = registry.Recurrence("test.note", dt.timedelta(hours=1), None)
    monkeypatch.setattr(registry, "_recurrences", {"test.note": hourly})


def status(job: str) -> str:
    return str(Job.objects.get(id=job).status)


def lease_runs_out() -> None:
    Job.objects.filter(status=Status.RUNNING).update(lease_until=now() - dt.timedelta(seconds=1))


def test_after_kill_9_a_worker_of_the_same_host_resumes_at_once(workers: Start) -> None:
    job, far = enqueue("test.count", {"upto": 12, "pause": 0.05}), enqueue("test.note", {})
    elsewhere = claims.claim("short", ["test.note"], "elsewhere:1")
    assert elsewhere is not None
    first = workers()
    until(lambda: len(done_by()) >= 3)
    first.kill()
    first.wait()
    assert Job.objects.get(id=job).lease_until > now() + dt.timedelta(seconds=10)
    workers()
    until(lambda: status(job) == Status.DONE, 9)
    assert [n for n, _ in done_by()] == list(range(12))
    assert Job.objects.get(id=far).lease == elsewhere.lease


def test_after_kill_9_another_worker_resumes_from_the_saved_state(workers: Start) -> None:
    job = enqueue("test.count", {"upto": 12, "pause": 0.05})
    first = workers()
    until(lambda: len(done_by()) >= 3)
    first.kill()
    first.wait()
    assert status(job) == Status.RUNNING
    Job.objects.update(worker="elsewhere:1")
    second = workers()
    lease_runs_out()
    until(lambda: status(job) == Status.DONE)
    work = done_by()
    assert [n for n, _ in work] == list(range(12))
    assert {process for _, process in work} == {first.pid, second.pid}
    row = Job.objects.get(id=job)
    assert (row.attempt, row.crashes, row.done, row.total) == (2, 0, 12, 12)


def test_a_long_job_that_dies_is_resumed_at_once_and_short_jobs_pass_it(workers: Start) -> None:
    long = enqueue("test.count_long", {"upto": 24, "pause": 0.03})
    worker = workers()
    until(lambda: len(done_by()) >= 3)
    child = done_by()[0][1]
    assert child != worker.pid
    short = enqueue("test.note", {"n": 1000})
    until(lambda: status(short) == Status.DONE)
    assert status(long) == Status.RUNNING
    os.kill(child, signal.SIGKILL)
    until(lambda: status(long) == Status.DONE)
    assert [n for n, _ in done_by()] == [*range(24), 1000]


def test_sigterm_gives_the_long_job_back_with_its_state(workers: Start) -> None:
    long = enqueue("test.count_long", {"upto": 1000, "pause": 0.05})
    worker = workers()
    until(lambda: len(done_by()) >= 2)
    asked = time.monotonic()
    worker.terminate()
    assert worker.wait(10) == 0
    assert time.monotonic() - asked < 5
    row = Job.objects.get(id=long)
    assert (row.status, row.lease, row.crashes) == (Status.WAITING, None, 0)
    assert row.state["next"] == len(done_by()) >= 2


def test_kill_9_of_the_worker_takes_its_child_along(workers: Start) -> None:
    long = enqueue("test.count_long", {"upto": 1000, "pause": 0.05})
    worker = workers()
    until(lambda: len(done_by()) >= 2)
    worker.kill()
    until(lambda: status(long) == Status.WAITING, 8)


def test_an_attached_worker_stops_with_whoever_started_it(workers: Start) -> None:
    worker = workers("--attached")
    assert worker.stdin is not None
    time.sleep(0.3)
    assert worker.poll() is None
    worker.stdin.close()
    assert worker.wait(10) == 0


def test_sigterm_releases_a_stubborn_short_job_when_its_grace_is_over(workers: Start) -> None:
    job = enqueue("test.stubborn", {})
    worker = workers()
    until(lambda: done_by())
    asked = time.monotonic()
    worker.terminate()
    assert worker.wait(10) == 0
    assert time.monotonic() - asked < 2
    assert status(job) == Status.WAITING


def test_a_running_job_can_be_cancelled_and_keeps_what_it_saved(worker: Callable[[float], None]) -> None:
    job = enqueue("test.count", {"upto": 1000, "pause": 0.02})
    until(lambda: worker(0.1) or len(done_by()) >= 2)
    assert cancel(job)
    until(lambda: status(job) == Status.CANCELLED)
    assert 2 <= len(done_by()) < 1000
    assert Job.objects.get(id=job).note.startswith("step ")


def test_an_idle_worker_writes_nothing(
    queue: str, place: dict[str, Any], nightly: None, worker: Callable[[float], None]
) -> None:
    worker(0.3)
    before = footprint(queue, place)
    worker(0.8)
    assert footprint(queue, place) == before


def footprint(vendor: str, place: dict[str, Any]) -> Any:
    """What changes with every write to the database."""
    if vendor == "postgresql":
        tables = db.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            name: db.one(f"SELECT md5(string_agg(xmin::text || ctid::text, ' ' ORDER BY ctid)) FROM \"{name}\"")
            for (name,) in tables
        }  # not the server's count of transactions: it has work of its own
    path = place["NAME"]
    with sqlite3.connect(path) as onlooker:
        pages = onlooker.execute("SELECT count(*) FROM job").fetchone()
    wal = os.stat(f"{path}-wal")
    return pages, os.stat(path).st_size, wal.st_size, wal.st_mtime_ns


def test_a_schedule_starts_once_with_two_workers(queue: str, nightly: None) -> None:
    recurring.prepare()
    assert recurring.start_due() == 0
    JobSchedule.objects.update(next_at=now() - dt.timedelta(days=3))
    started: list[int] = []
    together = threading.Barrier(2)

    def look() -> None:
        together.wait()
        started.append(recurring.start_due())
        db.close()

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(started) == [0, 1]
    assert Job.objects.filter(name="test.note").count() == 1
    assert JobSchedule.objects.get().next_at > now() + dt.timedelta(minutes=59)


def test_the_heartbeat_keeps_the_lease_and_tells_how_far_the_job_is(heart: Heart) -> None:
    enqueue("test.count", {"upto": 2, "pause": 0})
    job = claims.claim("short", ["test.count"], "me")
    assert job is not None
    run = Run(job)
    run.lease_until = now() + dt.timedelta(seconds=3)
    Job.objects.update(lease_until=run.lease_until)
    heart.watch(run)
    until(lambda: Job.objects.get().lease_until > now() + dt.timedelta(seconds=20))
    run.progress(5, 9, "five of nine")
    until(lambda: Job.objects.get().done == 5)
    assert Job.objects.get().note == "five of nine"
    heart.forget(run)


def test_daily_means_the_next_time_of_day() -> None:
    nightly = registry.Recurrence("x", None, dt.time(2, 40))
    at = dt.datetime(2026, 3, 1, 2, 40, tzinfo=dt.UTC)
    assert nightly.after(at - dt.timedelta(minutes=1)) == at
    assert nightly.after(at) == at + dt.timedelta(days=1)
