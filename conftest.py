"""What every test may ask for, in `tests/` and in the modules."""

import pytest

from tests.browser import browser, page
from tests.people import (
    acting,
    admin,
    api,
    browser_of,
    django_db_setup,
    manager,
    organisation,
    other_seller,
    reader,
    seller,
)
from tests.postgres import postgres
from tests.standing import postgres_template, sqlite_template, standing, standing_postgres

__all__ = [
    "acting",
    "admin",
    "api",
    "browser",
    "browser_of",
    "django_db_setup",
    "manager",
    "organisation",
    "other_seller",
    "page",
    "postgres",
    "postgres_template",
    "reader",
    "seller",
    "sqlite_template",
    "standing",
    "standing_postgres",
]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "chaos: kills a real server; CHAOS_ROUNDS lengthens it")
