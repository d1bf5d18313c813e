"""A database that stands by itself, with the organisation in it: threads and processes can work on it and commit."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections

from rapport.config import seeds
from rapport.platform import db
from rapport.platform.identity import snapshot
from tests.people import populate

SQLITE = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;",
}
Settings = dict[str, Any]


def lead_to(settings: Settings) -> None:
    """From now on ``platform.db`` leads there."""
    db.lead_to(settings)
    snapshot.forget()


def _build(place: Settings, blocker: Any) -> Settings:
    usual = connections.settings[db.ALIAS]
    settings = {**usual, "CONN_MAX_AGE": None, **place}
    with blocker.unblock():
        lead_to(settings)
        try:
            call_command("migrate", verbosity=0, interactive=False)
            seeds.plant()
            populate()
            db.close()
        finally:
            lead_to(usual)
    return settings


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Settings:
    """A file with the organisation, to be copied."""
    path = tmp_path_factory.mktemp("standing") / "template.sqlite3"
    engine = "django.db.backends.sqlite3"
    return _build({"ENGINE": engine, "NAME": str(path), "OPTIONS": SQLITE}, django_db_blocker)


@pytest.fixture(scope="session")
def postgres_template(postgres: str, django_db_blocker: Any) -> Settings:
    """A database with the organisation, to be copied; its locale sorts as people do, not bytewise."""
    parts = urlsplit(postgres)
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute("CREATE DATABASE standing TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
    place = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "standing",
        "USER": parts.username,
        "PASSWORD": "",
        "HOST": parts.hostname,
        "PORT": str(parts.port),
        "OPTIONS": {},
    }
    return _build(place, django_db_blocker)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def standing(request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: Any) -> Iterator[str]:
    """A fresh copy, on each engine; yields the vendor."""
    with copy_of(request.param, request, tmp_path, django_db_blocker):
        yield request.param


@pytest.fixture
def standing_postgres(request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: Any) -> Iterator[None]:
    """A fresh copy on PostgreSQL."""
    with copy_of("postgresql", request, tmp_path, django_db_blocker):
        yield


class copy_of:  # noqa: N801  reads as a phrase
    """Work on a fresh copy of the organisation's database on ``vendor``."""

    def __init__(self, vendor: str, request: pytest.FixtureRequest, folder: Path, blocker: Any) -> None:
        self.vendor, self.folder, self.blocker = vendor, folder, blocker
        name = "sqlite_template" if vendor == "sqlite" else "postgres_template"
        self.template: Settings = request.getfixturevalue(name)
        self.server = request.getfixturevalue("postgres") if vendor == "postgresql" else ""

    def __enter__(self) -> None:
        self.usual = connections.settings[db.ALIAS]
        if self.vendor == "sqlite":
            self.name = str(self.folder / f"{uuid4().hex}.sqlite3")
            shutil.copy(self.template["NAME"], self.name)
        else:
            self.name = f"t{uuid4().hex}"
            with psycopg.connect(self.server, autocommit=True) as server:
                server.execute(f"CREATE DATABASE {self.name} TEMPLATE standing")
        self.blocker.unblock()
        lead_to({**self.template, "NAME": self.name})

    def __exit__(self, *_problem: object) -> None:
        db.close()
        lead_to(self.usual)
        self.blocker.restore()
        if self.vendor == "postgresql":
            with psycopg.connect(self.server, autocommit=True) as server:
                server.execute(f"DROP DATABASE {self.name} WITH (FORCE)")


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run each in a thread of its own, all starting together; their results, or the error that one of them met."""
    start, results = Barrier(len(works)), [None] * len(works)
    errors: list[BaseException] = []

    def run(at: int, work: Callable[[], Any]) -> None:
        try:
            start.wait(30)
            results[at] = work()
        except BaseException as error:
            errors.append(error)
        finally:
            db.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]
    return results
