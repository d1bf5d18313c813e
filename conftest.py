"""What every test may ask for, in `tests/` and in the modules."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

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


# On a busy machine, that it takes long says nothing about what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "chaos: kills a real server; CHAOS_ROUNDS lengthens it")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(AtOnce(config))


class AtOnce:
    """Tells a failure when it happens: a run that is stopped from outside never comes to its summary."""

    def __init__(self, config: pytest.Config) -> None:
        self.plugins = config.pluginmanager

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self.plugins.get_plugin("terminalreporter")
        if report.failed and terminal:
            terminal.ensure_newline()
            terminal.write_line(f"\n{report.nodeid} ({report.when}): {report.longreprtext[-1500:]}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones first, or at the end one worker is left with a long module while the others are idle."""
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (_turn(item), -sizes[item.path]))


def _turn(item: pytest.Item) -> int:
    """What drives a browser, what works on the whole, the units."""
    if item.get_closest_marker("browser"):
        return 0
    return 2 if item.nodeid.startswith("src/") else 1
