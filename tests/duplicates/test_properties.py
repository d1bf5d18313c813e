"""Merge and undo whatever two parties hold and whatever is done between: what was comes back, what was done stays."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.config import readiness
from rapport.platform import db
from rapport.platform.identity.models import User
from rapport.records import registry, revert, write
from rapport.records.duplicates import merging
from tests.duplicates.test_merging import differing, state

PARTY = registry.get("party")
MAILS = st.sampled_from([None, "a@example.com", "b@example.com", "c@example.com"])
PHONES = st.sampled_from([None, "+494012345", "+494054321"])
CITIES = st.sampled_from([None, "Bremen", "Köln"])
ROLES = st.lists(st.sampled_from(["customer", "partner", "supplier"]), unique=True)
TITLES = st.sampled_from([None, "Boss", "Buyer"])
PERSON = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Ada Byron", "Ada Biron", "Byron Ada"]), "email": MAILS, "phone": PHONES,
        "roles": ROLES, "title": TITLES, "address.city": CITIES, "description": st.sampled_from([None, "One", "Two"]),
    }
)  # fmt: skip
POINTS = st.lists(st.sampled_from(["d@example.com", "e@example.com", "b@example.com"]), max_size=2, unique=True)
CHOICES = st.dictionaries(
    st.sampled_from(["name", "email", "phone", "title", "address.city"]), st.sampled_from(["winner", "loser"])
)


class Rolled(Exception):
    """Ends an example, and what it wrote with it."""


def made(values: dict[str, Any], points: list[str]) -> Any:
    party = write.create(PARTY, {"kind": "person"} | {name: each for name, each in values.items() if each})
    for value in points:
        write.create(registry.get("contact_point"), {"party": party.id, "kind": "email", "value": value})
    write.create(registry.get("interaction"), {"party": party.id, "channel": "call", "subject": "Rang"})
    write.create(registry.get("deal"), {"name": "Boxes", "party": party.id, "amount": "10"})
    return party


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=PERSON, other=PERSON, points=st.tuples(POINTS, POINTS), choices=CHOICES, edited=st.booleans())
def test_merging_and_undoing_gives_back_what_was(
    one: dict[str, Any], other: dict[str, Any], points: tuple[list[str], list[str]], choices: dict[str, str],
    edited: bool, admin: User, acting: Callable[..., Any],
) -> None:  # fmt: skip
    with acting(admin), suppress(Rolled), db.savepoint():
        _tried(one, other, points, choices, edited)
        raise Rolled


def _tried(
    one: dict[str, Any], other: dict[str, Any], points: tuple[list[str], list[str]], choices: dict[str, str],
    edited: bool,
) -> None:  # fmt: skip
    winner, loser = made(one, points[0]), made(other, points[1])
    task = write.create(registry.get("task"), {"title": "Ring", "party": loser.id})
    was = state()
    with write.operation() as done:
        merging.merge(PARTY, winner.id, loser.id, choices)
    assert readiness.deep() == []
    if edited:
        write.change(registry.get("task"), task.id, {"title": "Ring at noon"})
        write.change(PARTY, winner.id, {"industry": "Retail"})
    outcome = revert.revert(done.id)
    assert (outcome.kept_changed, outcome.failed) == ([], [])
    differs = differing(was, state())
    kept = {f"{task.id}.title", f"{winner.id}.industry", "search"} if edited else set()
    assert set(differs) <= kept, differs
    assert readiness.deep() == []
