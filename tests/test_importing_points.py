"""A file's further e-mails, numbers and addresses become contact points and addresses of its parties."""

from pathlib import Path
from typing import Any

import pytest

from rapport.config import readiness
from rapport.parties.models import Address, ContactPoint, Party
from rapport.platform.actor import as_system
from rapport.records import search_read
from rapport.records.transfer import undo
from rapport.records.transfer.tests.importing import bring

pytestmark = pytest.mark.django_db
HEAD = "Name,E-mail,E-mail 2,Phone,Mobile,Home street,Home city,Delivery city,Fax"


def file(folder: Path, *rows: str) -> Path:
    path = folder / "a.csv"
    path.write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    return path


def points(name: str) -> set[tuple[str, str, bool]]:
    party = Party.objects.get(name=name)
    return {(p.kind, p.value, p.is_primary) for p in ContactPoint.objects.filter(party_id=party.id, binned_at=None)}


def test_columns_of_further_points_are_guessed_and_come_with_the_party(organisation: None, tmp_path: Path) -> None:
    rows = (
        "Acme,a@acme.example,b@acme.example,+49 40 1234567,+49 151 23456789,Elm Road 1,Köln,Bonn,",
        "Other,,c@other.example,,+49 151 23456780,,,,+49 40 7654321",
        "Wrong,,,,12,,,,",
    )
    found = bring("party", file(tmp_path, *rows))
    assert found.counts == (2, 0, 0, 1), found.failed
    assert points("Acme") == {
        ("email", "a@acme.example", True), ("email", "b@acme.example", False),
        ("phone", "+49401234567", True), ("mobile", "+4915123456789", False),
    }  # fmt: skip
    assert points("Other") == {
        ("email", "c@other.example", True), ("mobile", "+4915123456780", True), ("fax", "+49407654321", True)
    }  # fmt: skip
    other = Party.objects.get(name="Other")
    assert (other.email, other.phone) == ("c@other.example", "+4915123456780")
    acme = Party.objects.get(name="Acme")
    held = {(a.kind, str(a)) for a in Address.objects.filter(party_id=acme.id)}
    assert held == {("home", "Elm Road 1, Köln"), ("delivery", "Bonn")}
    with as_system("a test"):
        assert [hit.id for hit in search_read.search("b@acme.example")] == [acme.id]
    assert readiness.deep() == []


def test_a_second_import_adds_what_is_new_and_undo_takes_it_back(organisation: None, tmp_path: Path) -> None:
    bring("party", file(tmp_path, "Acme,a@acme.example,,,,Elm Road 1,Köln,,"))
    again = file(tmp_path, "Acme,a@acme.example,b@acme.example,,,Elm Road 2,Köln,Bonn,")
    found = bring("party", again, match=("email",))
    assert found.counts == (0, 1, 0, 0), found.failed
    assert points("Acme") == {("email", "a@acme.example", True), ("email", "b@acme.example", False)}
    assert {str(a) for a in Address.objects.all()} == {"Elm Road 2, Köln", "Bonn"}
    assert bring("party", again, match=("email",)).counts == (0, 0, 1, 0)
    with as_system("a test"):
        undo.undo(str(found.run))
    assert points("Acme") == {("email", "a@acme.example", True)}
    assert {str(a) for a in Address.objects.filter(binned_at=None)} == {"Elm Road 1, Köln"}
    assert readiness.deep() == []


def test_a_map_that_names_no_kind_is_refused_with_those_that_are(organisation: None, tmp_path: Path) -> None:
    for target, hint in (("contact_points.mobil", "mobile"), ("addresses.home", "addresses.home.street")):
        spec: dict[str, Any] = {"columns": {"Name": "name", "Mobile": target}}
        with pytest.raises(Exception, match=hint):
            bring("party", file(tmp_path, "Acme,,,,,,,,"), spec)
