"""Finding: by words, beginnings, accents, scripts, parts of addresses and numbers; alike on both engines."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.platform.identity.models import User
from rapport.records import registry, search_read, write

PARTIES = {
    "Müller & Söhne GmbH": {"email": "info@mueller-soehne.example.com", "phone": "+49 30 123456"},
    "Шолпан Әлиева": {"kind": "person", "address.city": "Алматы"},
    "O'Neil Partners": {},
    "snake_case Ltd": {"external_id": "X_17"},
    "3com 2000": {},
    "Ärzte e.V.": {},
    "Edward Party": {"kind": "person"},
    "Orbit": {},
    "Tesla": {},
    "Deal Makers": {},
}


@pytest.fixture(autouse=True)
def world(admin: User, acting: Callable[..., Any]) -> Iterator[None]:
    with acting(admin):
        for name, more in PARTIES.items():
            write.create(registry.get("party"), {"name": name} | more)
        write.create(registry.get("deal"), {"name": "Orbit renewal"})
        yield


def found(text: str) -> set[str]:
    return {hit.title for hit in search_read.search(text, limit=50)}


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("müller", {"Müller & Söhne GmbH"}),
        ("MULLER soh", {"Müller & Söhne GmbH"}),
        ("soehne", {"Müller & Söhne GmbH"}),
        ("sholpan", {"Шолпан Әлиева"}),
        ("Шолпан", {"Шолпан Әлиева"}),
        ("almaty", {"Шолпан Әлиева"}),
        ("oneil", {"O'Neil Partners"}),
        ("O'Neil", {"O'Neil Partners"}),
        ("snake_case", {"snake_case Ltd"}),
        ("snake", {"snake_case Ltd"}),
        ("case", {"snake_case Ltd"}),
        ("x_17", {"snake_case Ltd"}),
        ("3com", {"3com 2000"}),
        ("2000", {"3com 2000"}),
        ("arzte", {"Ärzte e.V."}),
        ("ev", {"Ärzte e.V."}),
        ("soehn", {"Müller & Söhne GmbH"}),
        ("info@mueller-soehne.example.com", {"Müller & Söhne GmbH"}),
        ("+49 30 123456", {"Müller & Söhne GmbH"}),
        ("4930123456", {"Müller & Söhne GmbH"}),
        ("orbit", {"Orbit", "Orbit renewal"}),
        ("orbit ren", {"Orbit renewal"}),
        ("edward", {"Edward Party"}),
        ("party", {"Edward Party"}),
        ("eparty", set()),
        ("edeal", set()),
        ("e", {"Ärzte e.V.", "Edward Party", "Müller & Söhne GmbH"}),
        ("ed", {"Edward Party"}),
        ("o", {"O'Neil Partners", "Orbit", "Orbit renewal"}),
        ("t", {"Tesla"}),
        ("zzz", set()),
        ("", set()),
        ("&", set()),
        ('"', set()),
        ("*", set()),
        ("a AND", set()),
        ("NEAR(", set()),
        ("text:", set()),
        ("orbit' OR '1", set()),
        (":*", set()),
        ("\x00", set()),
        ("\\", set()),
    ],
)
def test_search_finds_what_people_mean(text: str, titles: set[str]) -> None:
    assert found(text) == titles


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=30) | st.text("ab_'\"*():&|!<->\\ \x00é中١", max_size=12))
def test_nothing_that_can_be_typed_breaks_search(text: str) -> None:
    search_read.search(text)
    search_read.lookup(registry.get("party"), text)


def test_every_record_is_found_by_each_of_its_words() -> None:
    for name in PARTIES:
        for word in name.replace("&", " ").replace(".", " ").replace("_", " ").split():
            assert name in found(word), (name, word)
