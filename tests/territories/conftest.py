"""A market in two regions: Germany, with Bavaria below it, and France; the seller works Bavaria."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import User
from rapport.records import registry, write
from rapport.records.territories import hearing, staffing
from tests.imports.screens import work


def rule(field: str, value: Any, op: str = "eq") -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def territory(name: str, tree: Any = None, **more: Any) -> str:
    """A new one; its rule counts as soon as it is here."""
    with as_system("tests"):
        made = write.create(registry.get("territory"), {"name": name, "rule": tree, **more})
    snapshot.current()
    return str(made.id)


def firm(name: str = "Acme", country: str | None = None, **more: Any) -> str:
    return str(write.create(registry.get("party"), {"name": name, "address.country": country, **more}).id)


def deal(party: str | None, **more: Any) -> str:
    return str(write.create(registry.get("deal"), {"name": "Deal", "party": party, **more}).id)


def heard() -> None:
    """What happened is followed, as the worker would."""
    snapshot.current()
    while hearing.listen():
        pass


def record(entity: str, key: str) -> Any:
    return registry.get(entity).model._default_manager.get(id=key)  # type: ignore[attr-defined]


def lies(key: str, entity: str = "party") -> str | None:
    """The name of the territory that a record lies in."""
    heard()
    found = record(entity, key).territory
    return found.name if found else None


@pytest.fixture
def market(organisation: None, seller: User) -> SimpleNamespace:
    with as_system("tests"):
        germany = territory("Germany", rule("address.country", "DE"), position=1)
        bavaria = territory("Bavaria", rule("address.region", "Bavaria"), parent=germany, position=1)
        france = territory("France", rule("address.country", "FR"), position=2)
        staffing.staff(bavaria, [seller.id])
        snapshot.current()
        work()
    return SimpleNamespace(germany=germany, bavaria=bavaria, france=france)


@pytest.fixture
def at_work(admin: User, acting: Callable[..., Any]) -> Iterator[None]:
    with acting(admin):
        yield
