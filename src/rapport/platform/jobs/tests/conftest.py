"""A fresh queue in a real database file or server, which threads and other processes can open too."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections

from rapport.platform import db
from rapport.platform.jobs.claims import claim
from rapport.platform.jobs.execution import execute
from rapport.platform.jobs.heart import Heart
from rapport.platform.jobs.models import Job, JobSchedule
from rapport.platform.jobs.tests import example_jobs

WORKER = str(Path(__file__).with_name("worker_process.py"))
SQLITE = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;",
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """Where the test's database is."""
    if request.param == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(tmp_path / "queue.sqlite3"),
            "OPTIONS": SQLITE,
        }
    parts = urlsplit(request.getfixturevalue("postgres"))
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": parts.path.lstrip("/"), "USER": parts.username,
        "HOST": parts.hostname, "PORT": str(parts.port), "OPTIONS": {},
    }  # fmt: skip


@pytest.fixture
def queue(place: dict[str, Any], django_db_blocker: Any) -> Iterator[str]:
    """The queue's tables, empty; ``platform.db`` leads to them. Yields the vendor."""
    usual = connections.settings[db.ALIAS]
    with django_db_blocker.unblock():
        db.lead_to({**usual, "CONN_MAX_AGE": None, **place})
        try:
            with db.connection().schema_editor() as editor:
                editor.create_model(Job)
                editor.create_model(JobSchedule)
            db.execute(example_jobs.WORK)
            example_jobs.acted_as.clear()
            yield db.vendor()
        finally:
            for table in ("job", "job_schedule", "job_test_work"):
                db.execute(f"DROP TABLE IF EXISTS {table}")
            db.close()
            db.lead_to(usual)


@pytest.fixture
def heart(queue: str) -> Iterator[Heart]:
    """A quick heartbeat."""
    beating = Heart(turn=0.05)
    yield beating
    beating.stop()


@pytest.fixture
def drain(heart: Heart) -> Callable[[], int]:
    """Run what is due, here and now; returns how many jobs ran."""

    def run() -> int:
        ran = 0
        for lane in ("short", "long"):
            while job := claim(lane, ["test.note", "test.count", "test.count_long", "test.flaky", "test.exits"], "me"):
                execute(job, heart)
                ran += 1
        return ran

    return run


@pytest.fixture
def workers(queue: str, place: dict[str, Any]) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Start real worker processes; those still alive at the end are killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*options: str) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, "JOBS_TEST_DATABASE": json.dumps(place)}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        started.append(subprocess.Popen([sys.executable, WORKER, *options], env=environment, stdin=subprocess.PIPE))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
