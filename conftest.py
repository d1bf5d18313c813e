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

__all__ = [
    "acting", "admin", "api", "browser", "browser_of", "django_db_setup", "manager", "organisation", "other_seller",
    "page", "postgres", "reader", "seller",
]  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "chaos: kills a real server; RAPPORT_CHAOS_ROUNDS lengthens it")
