"""Finding: by words, beginnings, accents, scripts, parts of addresses and numbers; alike on both engines."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.platform.identity import organisation
from rapport.platform.identity.models import User
from rapport.records import registry, search_read, write
from rapport.records.spelling import edits, vocabulary

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


def near(text: str) -> tuple[set[str], str]:
    found = search_read.near(text, limit=50)
    return {hit.title for hit in found.hits}, found.meant


@pytest.mark.parametrize("learnt", [True, False], ids=["learnt", "just written"])
@pytest.mark.parametrize(
    ("text", "title", "meant"),
    [
        ("Shoplan", "Шолпан Әлиева", "sholpan"),  # two in each other's place
        ("Шолпна", "Шолпан Әлиева", "sholpan"),
        ("Sholpn", "Шолпан Әлиева", "sholpan"),  # one missing
        ("Sholppan", "Шолпан Әлиева", "sholpan"),  # one doubled
        ("Shalpan", "Шолпан Әлиева", "sholpan"),  # another
        ("Shalpon", "Шолпан Әлиева", "sholpan"),  # two others
        ("Solpan Aleva", "Шолпан Әлиева", "sholpan alieva"),
        ("Alyieva", "Шолпан Әлиева", "alieva"),
        ("Muelller", "Müller & Söhne GmbH", "mueller"),
        ("Mulelr sohne", "Müller & Söhne GmbH", "muller sohne"),
        ("onel partners", "O'Neil Partners", "oneil partners"),
        ("Telsa", "Tesla", "tesla"),
        ("xesla", "Tesla", "tesla"),
    ],
)
def test_a_letter_or_two_off_leads_there_too(text: str, title: str, meant: str, learnt: bool) -> None:
    while learnt and vocabulary.learn():
        pass
    assert title not in found(text)
    assert near(text) == ({title}, meant)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Шолпан", "Sholpan"), ("Sholpan", "Шолпан"), ("Əliyev", "Aliyev"), ("Aliyev", "Əliyev"),
        ("Oʻzbekiston", "Ўзбекистон"), ("Ўзбекистон", "Oʻzbekiston"), ("Liepaja", "Ļiepāja"), ("ļiepaja", "Liepaja"),
    ],
)  # fmt: skip
def test_across_scripts(typed: str, name: str) -> None:
    write.create(registry.get("party"), {"name": name})
    assert name in found(typed) | near(typed)[0]


@pytest.mark.parametrize("typed", ["Әлиев", "Əliyef", "Aleyiv", "Алийев"])
def test_a_name_that_is_written_in_many_ways(typed: str) -> None:
    write.create(registry.get("party"), {"name": "Elchin Əliyev"})
    assert "Elchin Əliyev" in found(typed) | near(typed)[0]


@pytest.mark.parametrize(
    "typed", ["+49 30 123456", "0049 30 123456", "+49 (0)30 12 34 56", "(030) 123-456", "030/1234", "4930123456"]
)
def test_a_number_is_found_in_any_writing(typed: str) -> None:
    organisation.set_up(country="DE")
    assert found(typed) == {"Müller & Söhne GmbH"}


def test_what_is_spelt_well_or_is_nothing_has_nothing_near() -> None:
    for text in ("tesla", "", "x", "te", "zzzzzzzz", "4930123457", "tesla\x00"):
        assert near(text) == (set(), ""), text


def test_near_ones_are_those_he_may_see(acting: Callable[..., Any], seller: User, manager: User) -> None:
    with acting(seller):
        assert near("telsa") == (set(), "")
        write.create(registry.get("party"), {"name": "Tesla Motors of mine"})
        assert near("telsa") == ({"Tesla Motors of mine"}, "tesla")


def test_a_new_name_is_known_at_once_and_after_it_was_learnt() -> None:
    party = write.create(registry.get("party"), {"name": "Quixotry"})
    while vocabulary.learn():
        pass
    assert not vocabulary.behind()
    write.change(registry.get("party"), party.id, {"name": "Verdigris"})
    assert near("verdigirs") == ({"Verdigris"}, "verdigris")
    assert vocabulary.behind(), "the words of a change are learnt like new ones"
    while vocabulary.learn():
        pass
    assert near("verdigirs") == ({"Verdigris"}, "verdigris")
    assert near("quixorty") == (set(), ""), "nothing has this name any more"


@given(one=st.text("abcd", max_size=7), other=st.text("abcd", max_size=7))
def test_neighbours_are_just_those_at_a_distance_of_one(one: str, other: str) -> None:
    assert (other in edits.neighbours(one)) == (edits.distance(one, other) == 1)
    assert edits.distance(one, other) == edits.distance(other, one)
