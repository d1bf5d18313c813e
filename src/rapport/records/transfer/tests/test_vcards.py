"""vCards of every version come in without loss, go out in version 4.0, and come back the same."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.platform.actor import LEVELS, Actor, acting_as, as_system
from rapport.platform.keys import new_key
from rapport.records import read, registry, write
from rapport.records.kinds import Place
from rapport.records.read import Query
from rapport.records.transfer.export.files import export
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.sources import open_source
from rapport.records.transfer.tests.importing import bring
from rapport.records.transfer.vcards.lines import read as read_card
from rapport.records.transfer.vcards.table import cells_of

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[5]
REAL = Path(os.environ.get("RAPPORT_TEST_DATA", ROOT.parent / "shared/data")) / "vcard"

OLD = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg\r\n"
    b"FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:J=F6rg =\r\nM=FCller\r\n"
    b"ORG:Hafen & Co;Einkauf\r\nTEL;WORK;FAX:+49 40 3344550\r\nTEL;WORK;VOICE:+49 40 3344556\r\n"
    b"TEL;CELL;PREF:+49 151 23456789\r\nEMAIL;INTERNET:joerg@hafen.example\r\n"
    b"PHOTO;ENCODING=BASE64;TYPE=JPEG:\r\n /9j/4AAQSkZJRgABAQEASABIAAD\r\nAAAA/2wBDAAEBAQEBAQ=\r\n\r\n"
    b"ADR;WORK:;Hof 2;Kai 1;Hamburg;;20457;Germany\r\nX-UNKNOWN:secret\r\nEND:VCARD\r\n"
)
NEW = """BEGIN:VCARD
VERSION:4.0
KIND:individual
FN:Ay\\, Be
 atrix
N:Beatrix;Ay;;;
item1.TEL;VALUE=uri;TYPE="work,voice";PREF=1:tel:+43-1-5356789
item1.X-ABLabel:Reception
EMAIL;TYPE=home;PREF=2:home@ay.example
EMAIL;TYPE=work;PREF=1:work@ay.example
NOTE:one\\ntwo
UID:urn:uuid:1
ORG:Ay GmbH
END:VCARD
"""


def cells(text: str | bytes, tmp_path: Path) -> list[dict[str, str]]:
    file = tmp_path / "a.vcf"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    source = open_source(file)
    rows = list(source.lines())
    assert all(row.problem is None for row in rows), rows
    return [dict(zip(source.header, row.cells, strict=True)) for row in rows]


def items(**more: Any) -> list[dict[str, Any]]:
    with as_system("a test"):
        return read.page(Query(registry.get("party"), sort=["created_at"], limit=1000, **more)).items()


@pytest.fixture(autouse=True)
def _seeded(organisation: None) -> None:
    """The organisation's country decides how a phone number is read."""


def test_version_2_with_charset_soft_breaks_and_a_picture(tmp_path: Path) -> None:
    (card,) = cells(OLD, tmp_path)
    assert (card["Name"], card["Given name"], card["Family name"]) == ("Jörg Müller", "Jörg", "Müller")
    assert (card["Works at"], card["Phone"], card["Email"]) == ("Hafen & Co", "+49 151 23456789", "joerg@hafen.example")
    assert (card["Street"], card["City"], card["Postcode"]) == ("Kai 1, Hof 2", "Hamburg", "20457")
    assert (card["Fax"], card["Work phone"]) == ("+49 40 3344550", "+49 40 3344556")
    assert card["Description"] == "Organisation: Hafen & Co, Einkauf"
    assert open_source(tmp_path / "a.vcf").notes == ["1 pictures of cards are left out"]


def test_version_4_with_folding_groups_and_preferences(tmp_path: Path) -> None:
    (card,) = cells(NEW, tmp_path)
    assert (card["Kind"], card["Name"], card["Phone"]) == ("person", "Ay, Beatrix", "+43-1-5356789")
    assert (card["Email"], card["External id"]) == ("work@ay.example", "urn:uuid:1")
    assert (card["Home email"], card["Description"]) == ("home@ay.example", "one\ntwo")


def test_every_number_address_and_birthday_has_its_place(tmp_path: Path) -> None:
    text = (
        "BEGIN:VCARD\nVERSION:3.0\nFN:Ann Lee\nN:Lee;Ann;;;\nTEL;TYPE=CELL,PREF:+43 1 5356789\n"
        "TEL;TYPE=CELL:+43 1 5356790\n"
        "TEL;TYPE=CELL:+43 1 5356791\nTEL;TYPE=HOME:12\nEMAIL:a@lee.example\nEMAIL;TYPE=WORK:w@lee.example\n"
        "URL:lee.example\nURL:blog.lee.example\nBDAY:19800229\nGENDER:F\nIMPP:skype:ann.lee\n"
        "ADR;TYPE=WORK:;;Kai 1;Wien;;1010;Austria\nADR;TYPE=HOME:;;Weg 2;Graz;;8010;Austria\n"
        "ADR;TYPE=HOME:;;Alm 3;Linz;;4020;Austria\nEND:VCARD\n"
    )
    file = tmp_path / "a.vcf"
    file.write_text(text)
    found = bring("party", file)
    assert found.counts == (1, 0, 0, 0), found.failed
    (ann,) = items(fields=["birth_on", "sex", "phone", "description"])
    assert (ann["birth_on"], ann["sex"], ann["phone"]) == ("1980-02-29", "female", "+4315356789")
    assert ann["description"].splitlines() == ["Phone (home): 12"]
    with as_system("a test"):
        points = read.page(Query(registry.get("contact_point"), limit=100)).items()
        places = read.page(Query(registry.get("address"), limit=100)).items()
    assert sorted((each["kind"], each["value"], each["label"]) for each in points if not each["is_primary"]) == [
        ("email", "w@lee.example", "work"), ("mobile", "+4315356790", None), ("mobile", "+4315356791", None),
        ("web", "https://blog.lee.example", None),
    ]  # fmt: skip
    assert ("skype", "ann.lee") in [(each["kind"], each["value"]) for each in points]
    assert sorted((each["kind"], each["city"], each["is_primary"]) for each in places) == [
        ("home", "Graz", False), ("home", "Linz", False), ("visiting", "Wien", True)
    ]  # fmt: skip
    assert [(each["kind"], each["value"]) for each in points if each["is_primary"] and each["kind"] == "mobile"] == [
        ("mobile", "+4315356789")
    ]


def test_a_day_without_year_and_a_torn_letter_lose_nothing(tmp_path: Path) -> None:
    torn = b"ORG;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:" + b"=C3=91" * 20 + b"=80\n"
    (card,) = cells(b"BEGIN:VCARD\nVERSION:2.1\nN:Lee;Ann\nBDAY:--0412\n" + torn + b"END:VCARD\n", tmp_path)
    assert card["Works at"] == "\u00d1" * 20 + "\ufffd"
    assert (card["Birthday"], card["Description"]) == ("", "Birthday: --0412")


@pytest.mark.parametrize("line", ["KIND:org", "X-ABShowAs:COMPANY", "NOTE:x"])
def test_a_card_of_an_organisation(tmp_path: Path, line: str) -> None:
    text = f"BEGIN:VCARD\nVERSION:3.0\nFN:Ay GmbH\nN:;;;;\nORG:Ay GmbH\n{line}\nEND:VCARD\n"
    (card,) = cells(text, tmp_path)
    assert (card["Kind"], card["Name"], card["Works at"]) == ("organisation", "Ay GmbH", "")


def test_the_company_of_a_person_is_found_or_made(tmp_path: Path) -> None:
    file = tmp_path / "a.vcf"
    file.write_text(NEW + NEW.replace("Ay\\, Be\n atrix", "Cy").replace("urn:uuid:1", "2"))
    assert bring("party", file, CARDS).counts == (2, 0, 0, 0)
    people = items(filter={"field": "kind", "op": "eq", "value": "person"}, expand=True)
    assert {person["company"]["title"] for person in people} == {"Ay GmbH"}
    assert len({person["company"]["id"] for person in people}) == 1
    assert bring("party", file, CARDS).counts == (0, 0, 2, 0)


CARDS = {
    "columns": {
        "Kind": "kind", "Name": "name", "Given name": "given_name", "Family name": "family_name",
        "Works at": {"field": "company", "create": True}, "Email": "email", "Phone": "phone",
        "External id": "external_id", "Description": "description", "Website": "website",
        "Street": "address.street", "City": "address.city", "Region": "address.region",
        "Postcode": "address.postcode", "Country": "address.country", "Job title": "title", "Language": "language",
    }
}  # fmt: skip


def test_bad_cards_are_told_and_the_rest_goes_in(tmp_path: Path) -> None:
    file = tmp_path / "a.vcf"
    file.write_text(
        "BEGIN:VCARD\nFN:Good\nEND:VCARD\nFN:outside\nBEGIN:VCARD\nFN:No end\nBEGIN:VCARD\nthis is no line\nFN:Bad\n"
        "END:VCARD\nBEGIN:VCARD\nVERSION:3.0\nEND:VCARD\nBEGIN:VCARD\nFN:Cut off\n"
    )
    found = bring("party", file, CARDS)
    assert found.counts == (1, 0, 0, 5)
    reasons = dict(found.failed)
    assert reasons[4] == "stands outside a card"
    assert "does not end before" in reasons[5]
    assert "“this is no line” is no line of a vCard" in reasons[7]
    assert "Give a name" in reasons[11]
    assert "does not end" in reasons[14]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=12))
def test_nothing_in_a_card_makes_the_reader_stumble(lines: list[bytes]) -> None:
    row = cells_of(read_card(1, lines, "utf-8"), Place())
    assert all(isinstance(cell, str) for cell in row.values())


def test_what_goes_out_comes_back_the_same(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(
        "kind,name,given_name,family_name,email,phone,website,title,address.street,address.city,address.country,"
        "description,external_id\n"
        'organisation,"Ay; Be, Ce\\\\",,,a@ay.example,+43 1 5356789,https://ay.example,,"Kai 1, Hof",Wien,AT,'
        '"one\ntwo",o1\n'
        "person,Zoë Łuka,Zoë,Łuka,z@ay.example,,,Chief " + "ö" * 90 + ",,Wien,AT,,p1\n",
        encoding="utf-8",
    )
    assert bring("party", file).counts == (2, 0, 0, 0)
    with as_system("a test"):
        assert export(registry.get("party"), tmp_path / "out.vcf") == 2
    text = (tmp_path / "out.vcf").read_bytes()
    assert max(map(len, text.split(b"\r\n"))) <= 75
    assert text.count(b"BEGIN:VCARD") == 2
    assert bring("party", tmp_path / "out.vcf", CARDS).counts == (0, 0, 2, 0)


EVERYTHING = {
    "contact_point": [
        {"kind": "mobile", "value": "+43 664 1234567", "label": "work", "is_preferred": True},
        {"kind": "phone", "value": "+43 1 5356789;ext=5", "label": "private"},
        {"kind": "phone", "value": "+43 1 5356780", "label": "central"},
        {"kind": "fax", "value": "+43 1 5356781"},
        {"kind": "email", "value": "zoë@ay.example", "label": "billing"},
        {"kind": "email", "value": "z@ay.example", "label": "private", "is_preferred": True},
        {"kind": "email", "value": "home@ay.example", "label": "home"},
        {"kind": "web", "value": "https://ay.example/a,b;c"},
        {"kind": "telegram", "value": "@zoe"}, {"kind": "signal", "value": "zoe.12", "label": "work"},
        {"kind": "linkedin", "value": "https://linkedin.example/zoe"}, {"kind": "x", "value": "zoe"},
        {"kind": "post", "value": "PO box 5"}, {"kind": "other", "value": "bell; ring, twice"},
    ],
    "address": [
        {"kind": "billing", "street": "Поштова вул. 1; 2, під’їзд 3", "city": "Київ", "country": "UA"},
        {"kind": "visiting", "street": "Kai 1", "city": "Wien", "postcode": "1010", "region": "W", "country": "AT"},
        {"kind": "visiting", "city": "Graz", "country": "AT"}, {"kind": "home", "city": "東京", "country": "JP"},
        {"kind": "delivery", "city": "Linz"}, {"kind": "postal", "city": "Bonn", "country": "DE"},
        {"kind": "registered", "city": "Brno", "country": "CZ"},
    ],
}  # fmt: skip
TOLD = {
    "contact_point": ("kind", "value", "label", "is_primary", "is_preferred"),
    "address": ("kind", "street", "city", "region", "postcode", "country", "is_primary"),
}
OF_PARTY = (
    "kind", "name", "given_name", "family_name", "email", "phone", "website", "title", "language", "birth_on", "sex",
    "roles", "tags", "description", "address.street", "address.city", "address.country",
)  # fmt: skip


def told_of(name: str) -> tuple[Any, ...]:
    """What is known of a party and its parts, less ids."""
    (party,) = items(
        filter={"field": "name", "op": "eq", "value": name}, fields=["id", "company", *OF_PARTY], expand=True
    )
    key, company = party.pop("id"), party.pop("company")
    found: list[Any] = [party, company and company["title"]]
    for entity, fields in TOLD.items():
        query = Query(registry.get(entity), filter={"field": "party", "op": "eq", "value": key}, limit=100)
        with as_system("a test"):
            rows = [tuple(row[each] for each in fields) for row in read.page(query).items()]
        found.append(sorted(rows, key=str))
    return tuple(found)


@pytest.mark.parametrize("version", ["4.0", "3.0", "2.1"])
def test_a_party_written_as_a_card_and_read_again_is_the_same(tmp_path: Path, version: str) -> None:
    note = "Ціна — “5 €”; so, \\ back\nsecond line\n" + "дуже довгий рядок, " * 12
    with as_system("a test"):
        write.create(registry.get("tag"), {"name": "Друзі"})
        write.create(registry.get("tag"), {"name": "customer"})
        firm = write.create(
            registry.get("party"), {"kind": "organisation", "name": "Ay; Be, Ce GmbH", "roles": ["customer"]}
        )
        zoe = write.create(registry.get("party"), {
            "kind": "person", "given_name": "Zoë, María", "family_name": "Łuka; 山田", "company": firm.id,
            "title": "Chief; of, all", "language": "uk", "birth_on": "1980-02-29", "sex": "female",
            "roles": ["customer", "partner"], "tags": ["Друзі", "customer"], "description": note,
        })  # fmt: skip
        for entity, found in EVERYTHING.items():
            for values in found:
                write.create(registry.get(entity), {"party": zoe.id, **values})
        assert export(registry.get("party"), tmp_path / "out.vcf", version=version) == 2
    text = (tmp_path / "out.vcf").read_bytes()
    assert text.startswith(b"BEGIN:VCARD\r\nVERSION:" + version.encode())
    assert max(map(len, text.split(b"\r\n"))) <= 76
    names = ("Zoë, María Łuka; 山田", "Ay; Be, Ce GmbH")
    before = [told_of(name) for name in names]
    assert len(before[0][2]) == len(EVERYTHING["contact_point"])
    # In the same base nobody is doubled and nothing is changed …
    assert bring("party", tmp_path / "out.vcf").counts == (0, 0, 2, 0)
    # … and where they are not known, the same parties come to be.
    with as_system("a test"):
        for each in items():
            write.put_in_bin(registry.get("party"), each["id"])
    found = bring("party", tmp_path / "out.vcf")
    assert found.counts == (2, 0, 0, 0), found.failed
    assert [told_of(name) for name in names] == before


def test_who_may_not_take_out_the_parts_gets_what_the_party_itself_says(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("name,phone,address.city,Mobile\nAy,+43 1 5356789,Wien,+43 664 1234567\n", encoding="utf-8")
    assert bring("party", file).counts == (1, 0, 0, 0)
    may = dict.fromkeys((("party", "view"), ("party", "export"), ("contact_point", "view")), LEVELS["all"])
    with acting_as(Actor(id=new_key(), name="Ann", grants=may)):
        assert export(registry.get("party"), tmp_path / "out.vcf") == 1
    lines = (tmp_path / "out.vcf").read_text().splitlines()
    assert [line for line in lines if line.startswith(("TEL", "ADR"))] == [
        "TEL;TYPE=voice;VALUE=uri:tel:+4315356789", "ADR;TYPE=work:;;;Wien;;;"
    ]  # fmt: skip


def test_only_what_has_a_name_and_numbers_becomes_a_card(tmp_path: Path) -> None:
    with as_system("a test"), pytest.raises(Unusable, match="cannot be written as vCards"):
        export(registry.get("deal"), tmp_path / "out.vcf")


@pytest.mark.skipif(not REAL.exists(), reason="the public samples are not here")
def test_real_address_books_come_in_whole(tmp_path: Path) -> None:
    for file in sorted(REAL.glob("*.vcf")):
        expected = len(re.findall(rb"BEGIN:VCARD", file.read_bytes()))
        found = bring("party", file, CARDS)
        assert found.work.counts.rows == expected, file.name
        assert found.failed == [], file.name
