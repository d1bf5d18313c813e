"""An organisation at work: two branches of teams, one user of each kind. Built once per worker, rolled back per test.

North (led by the manager)      South
  └ North East: seller            └ other_seller
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import orjson
import pytest
from django.http import HttpResponse
from django.test import Client

from rapport.config import seeds
from rapport.platform.actor import Actor, acting_as, as_system
from rapport.platform.identity import access, accounts, snapshot
from rapport.platform.identity.models import User
from rapport.records import registry, write

PASSWORD = "a quiet river"
PEOPLE = {
    "admin": ("Ada Admin", "admin", None),
    "manager": ("Mona Manager", "manager", "North"),
    "seller": ("Sam Seller", "sales", "North East"),
    "other_seller": ("Olga Other", "sales", "South"),
    "reader": ("Rita Reader", "readonly", None),
}


def address(who: str) -> str:
    """The e-mail address of one of PEOPLE."""
    return f"{who}@rapport.test"


def populate() -> None:
    """Teams and users, through the product's own doors."""
    with as_system("tests"):
        team = registry.get("team")
        north = write.create(team, {"name": "North"})
        write.create(team, {"name": "North East", "parent": north.id})
        write.create(team, {"name": "South"})
        for who, (name, role, team_name) in PEOPLE.items():
            user = write.create(registry.get("user"), {"name": name, "email": address(who), "team": team_name})
            accounts.set_password(user, PASSWORD)
            accounts.give_role(user, role)
            if who == "manager":
                write.change(team, north.id, {"leader": user.id})


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Migrated, seeded, with people in it."""
    with django_db_blocker.unblock():
        if seeds.plant():
            populate()
        snapshot.forget()


@pytest.fixture
def organisation(db: None) -> Iterator[None]:
    """The organisation above; whatever the test does to it is rolled back."""
    snapshot.forget()
    if seeds.plant():  # a test that commits has emptied the database
        populate()
    yield
    snapshot.forget()


def _user(who: str) -> Any:
    @pytest.fixture(name=who)
    def found(organisation: None) -> User:
        return User.objects.get(email=address(who))

    return found


admin, manager, seller, other_seller, reader = (_user(who) for who in PEOPLE)


@pytest.fixture
def acting(organisation: None) -> Callable[[User], AbstractContextManager[Actor]]:
    """``with acting(user):`` what stands in the block is done on his behalf."""
    return lambda user: acting_as(access.actor_of(user))


def may(user: User, entity: str, verb: str = "view") -> bool:
    """Whether a user's roles let him do that at all: some of the set-up is for administrators alone."""
    return access.actor_of(user).may(entity, verb)


class Api(Client):
    """A program that speaks to ``/api/v1/`` with a token: ``api(user).get("parties", limit=5)``."""

    def ask(self, method: str, path: str, body: Any = None, /, **given: Any) -> HttpResponse:
        """One request; ``headers`` go as such, other keywords into the query."""
        headers = given.pop("headers", None)
        query = {k: orjson.dumps(v).decode() if k == "filter" else v for k, v in given.items()}
        data = body if isinstance(body, bytes | str) else b"" if body is None else orjson.dumps(body)
        where = path if path.startswith("/") else f"/api/v1/{path}"
        return self.generic(method, where, data, "application/json", headers=headers, query_params=query or None)

    def get(self, path: str, **given: Any) -> HttpResponse:  # type: ignore[override]
        return self.ask("GET", path, **given)

    def post(self, path: str, body: Any = None, **given: Any) -> HttpResponse:  # type: ignore[override]
        return self.ask("POST", path, body, **given)

    def patch(self, path: str, body: Any = None, **given: Any) -> HttpResponse:  # type: ignore[override]
        return self.ask("PATCH", path, body, **given)

    def delete(self, path: str, **given: Any) -> HttpResponse:  # type: ignore[override]
        return self.ask("DELETE", path, **given)

    def items(self, path: str, **given: Any) -> list[dict[str, Any]]:
        """The items of an answer that must be 200."""
        answer = self.get(path, **given)
        assert answer.status_code == 200, answer.content
        return list(answer.json()["items"])

    def make(self, path: str, body: Any, **given: Any) -> dict[str, Any]:
        """Create; the record as answered."""
        answer = self.post(path, body, **given)
        assert answer.status_code == 201, answer.content
        return dict(answer.json())


@pytest.fixture
def api(organisation: None) -> Callable[..., Api]:
    """``api(user)``: a client with a token of the user; ``api(None)`` knows nobody."""

    def client(user: User | None, scope: str = "write") -> Api:
        if user is None:
            return Api()
        return Api(headers={"Authorization": f"Bearer {access.make_token(user, 'test', scope)}"})

    return client


@pytest.fixture
def browser_of(organisation: None) -> Callable[[User], Client]:
    """``browser_of(user)``: a signed-in browser, CSRF enforced as for real."""

    def client(user: User) -> Client:
        made = Client(enforce_csrf_checks=True)
        made.cookies["rapport_session"] = access.open_session(user)
        return made

    return client
