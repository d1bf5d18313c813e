"""What a search looks at: on both engines the newest rows that the actor may see, in few statements."""

from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from rapport.platform import db
from rapport.platform.actor import acting_as, as_system
from rapport.platform.identity import access
from rapport.platform.identity.models import User
from rapport.platform.keys import new_key
from rapport.records import registry, searching, write
from rapport.records.candidates import FAIR, FEW_ROWS, INDEXED, MOST, candidates
from rapport.records.search_read import search
from tests.people import address

KINDS = ("party", "deal")
ROWS = {"party": 2 * FEW_ROWS + 500, "deal": 60}
STATEMENTS = {"sqlite": 1, "postgresql": 2}
WORDS = (
    ["a"],  # in all
    ["alpha", "be"],  # in all, two words
    ["even"],  # in every second
    ["seldom"],  # too rare among the newest
    ["lately"],  # common among the newest only
    ["early"],  # the oldest only
    ["4930", "20"],
    ["49302"],
    ["needle"],  # one
    ["needle", "seldom"],
    ["nowhere"],
)


def words_of(n: int, count: int) -> list[str]:
    """The words of row ``n``, oldest first."""
    return [
        f"w{n}", "alpha", "beta",
        *["even"] * (n % 2 == 0), *["seldom"] * (n % 100 == 1),
        *["lately"] * (n >= count - FAIR), *["early"] * (n < FEW_ROWS // 2),
        *[f"4930{n}"] * (n % 3 == 0), *["needle"] * (n == count // 2),
    ]  # fmt: skip


def owner_of(n: int) -> str:
    """Every 50th is the seller's, whose manager sees him; the rest is another branch's."""
    return "seller" if n % 50 == 1 else "other_seller"


@pytest.fixture
def filled(standing: str) -> str:
    """Search rows, without their records, in that order; the engine."""
    for key in KINDS:
        entity, tokens = registry.get(key), {}
        for who in ("seller", "other_seller"):
            user = User.objects.get(email=address(who))
            tokens[who] = searching.tokens_of(entity, user.id, user.team_id)
        rows = [
            (key, db.key(new_key()), " ".join(words_of(n, ROWS[key])), tokens[owner_of(n)]) for n in range(ROWS[key])
        ]
        db.execute_many(db.insert_sql("search_entry", searching.COLUMNS), rows)
    return standing


def expected(key: str, sought: list[str], who: str) -> list[str]:
    """The first words of the rows, newest first."""
    count = ROWS[key]
    rows = [(n, words_of(n, count)) for n in reversed(range(count)) if who == "admin" or owner_of(n) == "seller"]
    found = [held[0] for n, held in rows if all(any(word.startswith(start) for word in held) for start in sought)]
    return found[:MOST]


@pytest.mark.parametrize("who", ["admin", "manager", "seller"])
def test_candidates_are_the_newest_that_the_actor_may_see(filled: str, who: str) -> None:
    user = User.objects.get(email=address(who))
    for sought in WORDS:
        with acting_as(access.actor_of(user)) as actor:
            for key in KINDS:
                found = candidates(sought, [registry.get(key)], actor)
                assert [row[2].split()[0] for row in found] == expected(key, sought, who), (sought, key)
            with CaptureQueriesContext(db.connection()) as statements:
                found = candidates(sought, [registry.get(key) for key in KINDS], actor)
        wanted = [(key, word) for key in KINDS for word in expected(key, sought, who)]
        held = [(row[0], row[2].split()[0]) for row in found]
        if len(wanted) <= MOST:
            assert sorted(held) == sorted(wanted), sought
        asks_for_words = filled == "sqlite" and max(map(len, sought)) > INDEXED
        assert len(statements) == STATEMENTS[filled] + asks_for_words, sought


def test_a_search_takes_no_more_statements_for_more_kinds_of_hits(standing: str) -> None:
    user = User.objects.get(email=address("admin"))
    taken = []
    with as_system("tests"):
        parts: dict[str, dict[str, Any]] = {"party": {"name": "Quagga"}, "deal": {"name": "Quagga sale"}}
        for key, values in parts.items():
            write.create(registry.get(key), values)
    for text in ("quag", "nowh"):
        with acting_as(access.actor_of(user)), CaptureQueriesContext(db.connection()) as statements:
            hits = search(text)
        taken.append((len(hits), len(statements)))
    known = STATEMENTS[standing]
    assert taken == [(2, known + 2), (0, known)], "each kind with hits is read once more, for titles"


def test_a_seller_finds_what_his_team_has_to_do_but_not_what_it_owns(standing: str) -> None:
    """Tasks of the team are in his reach, its deals and parties are not."""
    with as_system("tests"):
        colleague = User.objects.get(email=address("seller"))
        mate = write.create(
            registry.get("user"), {"email": "mate@rapport.test", "name": "Mate", "team": colleague.team_id}
        )
        for key, field in (("party", "name"), ("deal", "name"), ("task", "title")):
            for owner, word in ((mate.id, "mates"), (User.objects.get(email=address("other_seller")).id, "others")):
                write.create(registry.get(key), {field: f"Quokka {word} {key}", "owner": owner})
    found = {}
    for who in ("seller", "manager", "admin"):
        with acting_as(access.actor_of(User.objects.get(email=address(who)))):
            found[who] = {hit.title for hit in search("quokka")}
    everything = {f"Quokka {word} {key}" for word in ("mates", "others") for key in ("party", "deal", "task")}
    assert found["seller"] == {"Quokka mates task"}
    assert found["manager"] == {each for each in everything if "mates" in each}
    assert found["admin"] == everything
