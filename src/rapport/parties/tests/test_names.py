"""Names of persons and organisations: whichever was given or changed leads."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rapport.parties.models import Party
from rapport.platform.identity.models import User
from rapport.records import registry, write
from rapport.records.errors import Refused


@pytest.fixture(autouse=True)
def at_work(admin: User, acting: Callable[..., Any]) -> Iterator[None]:
    with acting(admin):
        yield


def person(**values: Any) -> Party:
    return write.create(registry.get("party"), {"kind": "person"} | values)


def names(party: Party) -> tuple[str, str | None, str | None]:
    fresh = Party.objects.get(id=party.id)
    return fresh.name, fresh.given_name, fresh.family_name


def change(party: Party, **values: Any) -> tuple[str, str | None, str | None]:
    write.change(registry.get("party"), party.id, values)
    return names(party)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": "Ada Lovelace"}, ("Ada Lovelace", "Ada", "Lovelace")),
        ({"name": "Ada King Lovelace"}, ("Ada King Lovelace", "Ada King", "Lovelace")),
        ({"name": "Plato"}, ("Plato", None, "Plato")),
        ({"given_name": "Ada", "family_name": "Lovelace"}, ("Ada Lovelace", "Ada", "Lovelace")),
        ({"given_name": "Ada"}, ("Ada", "Ada", None)),
        ({"email": "ada@example.com"}, ("ada@example.com", None, None)),
        ({"name": "Dr. Lovelace", "given_name": "Ada", "family_name": "Lovelace"}, ("Dr. Lovelace", "Ada", "Lovelace")),
    ],
)
def test_a_new_person_is_called_as_given(values: dict[str, str], expected: tuple[str, str | None, str | None]) -> None:
    assert names(person(**values)) == expected


def test_a_changed_part_changes_the_name_and_a_changed_name_its_parts() -> None:
    ada = person(name="Ada Byron")
    assert change(ada, family_name="Lovelace") == ("Ada Lovelace", "Ada", "Lovelace")
    assert change(ada, name="Augusta King") == ("Augusta King", "Augusta", "King")
    assert change(ada, name="A. King", given_name="Augusta Ada") == ("A. King", "Augusta Ada", "King")


def test_an_edit_of_something_else_leaves_the_names_alone() -> None:
    titled = person(name="Dr. Ada Lovelace", given_name="Ada", family_name="Lovelace")
    assert change(titled, title="Countess") == ("Dr. Ada Lovelace", "Ada", "Lovelace")
    unnamed = person(email="ada@example.com")
    assert change(unnamed, title="Countess") == ("ada@example.com", None, None)
    assert change(unnamed, given_name="Ada") == ("Ada", "Ada", None)


def test_an_organisation_that_turns_out_to_be_a_person_gets_its_parts() -> None:
    party = write.create(registry.get("party"), {"name": "Ada Lovelace"})
    assert names(party) == ("Ada Lovelace", None, None)
    assert change(party, kind="person") == ("Ada Lovelace", "Ada", "Lovelace")


def test_without_a_name_and_an_address_there_is_no_party() -> None:
    with pytest.raises(Refused, match="name or an e-mail"):
        person(title="Countess")
    ada = person(name="Ada")
    with pytest.raises(Refused, match="works at himself"):
        change(ada, company=ada.id)
