"""Finding: what people import is compared by general rules, and the pairs found are held against what is known.

The Febrl sets are public; PUBLIC_DATASETS names the folder that holds record_linkage_febrl. Without it only the people
invented here are looked at.
"""

import csv
import json
import os
import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from rapport.config import cli
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.records import registry, write
from rapport.records.duplicates import nearby, pairs
from rapport.records.duplicates.manners import DIFFERENT, MANNERS, NEAR, PART, SAME

PARTY = registry.get("party")
DATA = Path(os.environ.get("PUBLIC_DATASETS", "/nowhere")) / "record_linkage_febrl"
COLUMNS = {
    "rec_id": "external_id", "given_name": "given_name", "surname": "family_name",
    "street": "address.street", "address_2": {"custom": "address_2", "kind": "text"}, "suburb": "address.city",
    "postcode": "address.postcode", "state": "address.region",
    "date_of_birth": {"custom": "born_as_written", "kind": "text"},
    "soc_sec_id": {"custom": "social_security", "kind": "text"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def at_work(organisation: None) -> Iterator[None]:
    with as_system("tests"):
        yield


def found(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The last line of the command, and the pairs before it."""
    capsys.readouterr()
    assert cli.run(["duplicates", "parties", "--json", *options]) == 0
    *lines, last = capsys.readouterr().out.strip().split("\n")
    return json.loads(last), [json.loads(line) for line in lines]


def measured(rows: list[dict[str, Any]], ids: dict[str, str]) -> tuple[float, float]:
    """(Precision, recall) of pairs; ``ids``: by record the thing that it stands for."""
    things: dict[str, int] = {}
    for thing in ids.values():
        things[thing] = things.get(thing, 0) + 1
    true = sum(count * (count - 1) // 2 for count in things.values())
    hits = sum(ids[row["first"]] == ids[row["second"]] for row in rows)
    return hits / len(rows), hits / true


def brought(path: Path, folder: Path) -> dict[str, str]:
    """Import a file of Febrl as people would; by record the number of the person."""
    file, mapping = folder / "people.csv", folder / "map.json"
    with path.open() as given, file.open("w") as made:
        reader = csv.DictReader(given, skipinitialspace=True)
        writer = csv.DictWriter(made, list(COLUMNS), extrasaction="ignore")
        writer.writeheader()
        for row in reader:
            writer.writerow({**row, "street": f"{row['street_number']} {row['address_1']}".strip()})
    defaults = {"kind": "person", "name": "{given_name} {surname}"}
    mapping.write_text(json.dumps({"columns": COLUMNS, "defaults": defaults}))
    assert cli.run(["import", "parties", str(file), "--map", str(mapping), "--match", "external_id"]) in (0, 3)
    snapshot.current()
    rows = db.rows("SELECT id, external_id FROM party WHERE external_id LIKE 'rec-%%'")
    return {str(db.unkey(key)): given.split("-")[1] for key, given in rows}


@pytest.mark.skipif(not DATA.exists(), reason="PUBLIC_DATASETS names no folder with record_linkage_febrl")
@pytest.mark.parametrize("name", ["dataset1.csv", "dataset2.csv"])
def test_the_febrl_sets_are_found_as_their_ids_say(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = brought(DATA / name, tmp_path)
    told, rows = found(capsys)
    precision, recall = measured(rows, ids)
    assert told["pairs"] == len(rows)
    assert precision >= 0.98
    assert recall >= 0.98


GIVEN = "Ada Bruno Carla Dmitri Elif Farid Greta Hugo Ines Jonas Kamila Leon Mira Nadia Oskar Petra".split()
FAMILY = [f"{one}{two}" for one in "Ander Berg Castel Dom Eng Fisch Grün Hal Isak Jov".split() for two in
          "sen mann heim ini qvist ow aro etti".split()]  # fmt: skip
STREETS = [f"{one} {two}" for one in "Mill Harbour Station Church High".split() for two in ("Street", "Road", "Lane")]


def _invented(dice: random.Random) -> dict[str, Any]:
    given, family = dice.choice(GIVEN), dice.choice(FAMILY)
    return {
        "kind": "person", "given_name": given, "family_name": family,
        "email": f"{given}.{family}{dice.randrange(900)}@example.com".lower().replace("ü", "u"),
        "phone": f"+4940{dice.randrange(1_000_000, 9_999_999)}",
        "birth_on": f"{dice.randrange(1940, 2005)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}",
        "address.street": f"{dice.choice(STREETS)} {dice.randrange(1, 90)}",
        "address.postcode": str(dice.randrange(10_000, 99_999)),
    }  # fmt: skip


def _mistyped(dice: random.Random, text: str) -> str:
    at = dice.randrange(1, len(text))
    return text[:at] + dice.choice("aeinrst") + text[at + dice.randrange(2) :]


def _again(dice: random.Random, person: dict[str, Any]) -> dict[str, Any]:
    """The same person typed in another day."""
    copy = dict(person)
    for name in ("given_name", "family_name", "address.street"):
        if dice.random() < 0.3:
            copy[name] = _mistyped(dice, copy[name])
    if dice.random() < 0.15:
        copy["given_name"], copy["family_name"] = copy["family_name"], copy["given_name"]
    for name in ("email", "phone", "birth_on", "address.street"):
        if dice.random() < 0.25:
            del copy[name]
    return copy


def test_invented_people_typed_in_twice_are_found_and_nobody_else(capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(7)
    ids: dict[str, str] = {}
    for number in range(160):
        person = _invented(dice)
        for values in [person, _again(dice, person)] if number % 2 else [person]:
            ids[write.create(PARTY, values).id] = str(number)
    _told, rows = found(capsys)
    precision, recall = measured(rows, ids)
    assert precision >= 0.98
    assert recall >= 0.95


def test_a_household_is_not_one_person(capsys: pytest.CaptureFixture[str]) -> None:
    home = {
        "family_name": "Grünheim",
        "address.street": "Mill Lane 4",
        "address.city": "Bremen",
        "phone": "+49421123456",
    }
    for given, born in (("Ada", "1970-03-04"), ("Bruno", "1968-11-23"), ("Carla", "1999-07-01")):
        write.create(PARTY, {"kind": "person", "given_name": given, "birth_on": born, **home})
    assert found(capsys)[1] == []


def test_organisations_are_known_without_their_legal_form(capsys: pytest.CaptureFixture[str]) -> None:
    one = write.create(PARTY, {"name": "Harbour Foods GmbH", "website": "https://www.harbour.example/shop"})
    other = write.create(PARTY, {"name": "HARBOUR FOODS", "website": "harbour.example"})
    write.create(PARTY, {"name": "Harbour Tools GmbH"})
    write.create(PARTY, {"name": "Harbour Foods", "kind": "person"})
    _told, [pair] = found(capsys)
    assert {pair["first"], pair["second"]} == {one.id, other.id}
    assert pair["reasons"] == ["same website", "same name"]


def test_what_was_dismissed_comes_back_only_when_the_data_change(capsys: pytest.CaptureFixture[str]) -> None:
    one = write.create(PARTY, {"kind": "person", "name": "Ada Byron", "email": "ada@example.com"})
    other = write.create(PARTY, {"kind": "person", "name": "Ada Biron", "email": "ada@example.com"})
    [pair] = found(capsys)[1]
    pairs.dismiss(PARTY, pair["id"])
    assert found(capsys)[1] == []
    assert [each.id for each in pairs.queue(PARTY, state=pairs.DISMISSED)[0]] == [pair["id"]]
    write.change(PARTY, other.id, {"name": "Ada Byron"})
    assert [each["id"] for each in found(capsys)[1]] == [pair["id"]]
    write.change(PARTY, other.id, {"name": "Zoe Zander", "email": "zoe@example.com"})
    assert found(capsys)[1] == []
    assert pairs.between(PARTY, one.id, other.id) is None


def test_a_limit_keeps_the_most_certain(capsys: pytest.CaptureFixture[str]) -> None:
    for email, phone in (("a@example.com", "+49401234567"), ("b@example.com", None)):
        for _turn in range(2):
            write.create(PARTY, {"kind": "person", "name": f"Person {email[0]}", "email": email, "phone": phone})
    told, [pair] = found(capsys, "--limit", "1")
    assert told["pairs"] == 1
    assert "same phone" in pair["reasons"]


def test_the_warning_while_typing() -> None:
    ada = write.create(PARTY, {"kind": "person", "name": "Ada Lovelace", "phone": "+49 40 1234567"})
    firm = write.create(PARTY, {"name": "Analytical Engines Ltd", "email": "office@engines.example"})
    asked = {
        "Ada Lovelase": ada, "Lovelace Ada": ada, "Lovelace": None, "Ada": None,
    }  # fmt: skip
    for name, expected in asked.items():
        seen = nearby.nearby(PARTY, {"kind": "person", "name": name})
        assert [each.id for each in seen] == ([expected.id] if expected else []), name
    assert [each.id for each in nearby.nearby(PARTY, {"kind": "person", "phone": "+49401234567"})] == [ada.id]
    assert [each.id for each in nearby.nearby(PARTY, {"kind": "organisation", "name": "analytical engine"})] == [
        firm.id
    ]
    assert nearby.nearby(PARTY, {"kind": "organisation", "email": "office@"}) == []


@pytest.mark.parametrize(
    ("manner", "one", "other", "level"),
    [
        ("name", "Müller", "Mueller", NEAR), ("name", "Rob", "Robert", PART), ("name", "J.", "Jane", PART),
        ("name", "Шолпан", "Sholpan", SAME), ("name", "Anna", "Peter", DIFFERENT),
        ("title", "Acme Ltd.", "ACME Limited", SAME), ("title", "Foods Harbour", "Harbour Foods", NEAR),
        ("email", "john.smith1@x.example", "john.smith2@x.example", DIFFERENT),
        ("email", "ada.byron@x.example", "ada.byorn@x.example", NEAR),
        ("phone", "+49 40 1234567", "+494012345 67", SAME), ("day", "1970-03-04", "1970-04-03", PART),
        ("site", "https://www.acme.example/x", "acme.example", SAME), ("code", "DE 123 456", "DE123456", SAME),
    ],
)  # fmt: skip
def test_how_alike_two_values_are(manner: str, one: str, other: str, level: int) -> None:
    known = MANNERS[manner]
    assert known.level(known.clean(one), known.clean(other)) == level


def test_pairs_are_seen_by_those_who_see_both(
    seller: Any, other_seller: Any, acting: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for owner in (seller, seller, other_seller):
        write.create(PARTY, {"kind": "person", "name": "Ada Byron", "email": "ada@example.com", "owner": owner.id})
    told, _rows = found(capsys)
    assert told["pairs"] == len(list(combinations(range(3), 2)))
    with acting(seller):
        assert len(pairs.queue(PARTY)[0]) == 1
    with acting(other_seller):
        assert pairs.queue(PARTY)[0] == []
