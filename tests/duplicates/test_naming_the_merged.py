"""Whoever still names a record that was merged into another means that one: files, programs, relations."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rapport.parties.models import Party
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import heirs, registry, revert, write
from rapport.records.duplicates import merging
from rapport.records.transfer.tests.importing import bring
from tests.people import Api

Client = Callable[..., Api]
PARTY = registry.get("party")


class Merged:
    """Two firms that were one, known outside as A-1 and B-2; ``undo()`` parts them again."""

    def __init__(self) -> None:
        with as_system("tests"):
            self.kept = self._made("Acme", "A-1")
            self.gone = self._made("Acme Ltd", "B-2")
            with write.operation() as done:
                merging.merge(PARTY, self.kept, self.gone)
            self.operation = done.id

    def _made(self, name: str, known_as: str) -> str:
        return str(write.create(PARTY, {"kind": "organisation", "name": name, "external_id": known_as}).id)

    def undo(self) -> None:
        with as_system("tests"):
            revert.revert(self.operation)


@pytest.fixture
def firms(organisation: None) -> Merged:
    return Merged()


def brought(entity: str, text: str, folder: Path, **options: Any) -> tuple[int, ...]:
    """(Created, updated, skipped, failed) of a file."""
    file = folder / "rows.csv"
    file.write_text(text)
    return bring(entity, file, **options).counts


def known_as(key: str) -> str:
    return str(Party.objects.get(id=key).external_id)


def living() -> int:
    return Party.objects.filter(binned_at=None).count()


def test_an_upsert_changes_the_one_that_stayed_and_leaves_it_its_own_id(
    firms: Merged, admin: User, api: Client
) -> None:
    client = api(admin)
    body = {"external_id": "B-2", "industry": "Retail"}
    answer = client.ask("PUT", "parties", body, match="external_id")
    assert (answer.status_code, answer.json()["id"], answer.json()["industry"]) == (200, firms.kept, "Retail")
    assert known_as(firms.kept) == "A-1"
    steps = [{"op": "upsert", "match": "external_id", "data": {**body, "employees": 7}}]
    assert client.post("parties/bulk", {"operations": steps}).json()["results"][0]["id"] == firms.kept
    other = {**body, "external_source": "erp", "name": "Another"}
    assert client.ask("PUT", "parties", other, match="external_id").status_code == 201, "known to another system"
    firms.undo()
    answer = client.ask("PUT", "parties", body, match="external_id")
    assert (answer.status_code, answer.json()["id"]) == (200, firms.gone)


def test_a_relation_named_by_the_old_id_leads_to_the_one_that_stayed(firms: Merged, admin: User, api: Client) -> None:
    client = api(admin)
    for name in ({"external_id": "B-2"}, firms.gone, {"id": firms.gone}):
        assert client.make("deals", {"name": "Order", "party": name})["party"] == firms.kept, name
    firms.undo()
    for name in ({"external_id": "B-2"}, firms.gone):
        assert client.make("deals", {"name": "Order", "party": name})["party"] == firms.gone


def test_a_row_of_a_file_goes_to_the_one_that_stayed(firms: Merged, tmp_path: Path) -> None:
    before = living()
    rows = "external_id,name,industry\nB-2,Acme Limited,Retail\nA-1,Acme Limited,Retail\nC-3,Cedar,Wood\n"
    assert brought("party", rows, tmp_path) == (1, 1, 1, 0)
    assert (living(), known_as(firms.kept)) == (before + 1, "A-1")
    rows = f"id,external_id,industry\n{firms.gone},B-2,Trade\n"
    assert brought("party", rows, tmp_path, match=("id",)) == (0, 1, 0, 0)
    assert (Party.objects.get(id=firms.kept).industry, known_as(firms.kept)) == ("Trade", "A-1")
    firms.undo()
    assert brought("party", "external_id,name\nB-2,Acme of old\n", tmp_path) == (0, 1, 0, 0)
    assert Party.objects.get(id=firms.gone).name == "Acme of old"


def test_a_file_names_it_in_relations_by_both_ids(firms: Merged, tmp_path: Path) -> None:
    assert brought("deal", f"name,party\nOne,B-2\nTwo,{firms.gone}\nThree,A-1\n", tmp_path) == (3, 0, 0, 0)
    assert {str(db.unkey(key)) for (key,) in db.rows("SELECT party_id FROM deal")} == {firms.kept}


def test_a_chain_of_merges_is_followed_and_a_bin_is_its_end(
    firms: Merged, admin: User, seller: User, api: Client
) -> None:
    with as_system("tests") as actor:
        last = str(write.create(PARTY, {"kind": "organisation", "name": "Acme plc"}).id)
        merging.merge(PARTY, last, firms.kept)
        assert heirs.of_ids(PARTY, [firms.gone, firms.kept, last], actor) == {firms.gone: last, firms.kept: last}
        assert heirs.of_external_ids(PARTY, ["B-2", "none"], actor) == {("B-2", ""): last}
    assert api(admin).get(f"parties/{firms.gone}")["Location"] == f"/api/v1/parties/{last}"
    body = {"external_id": "B-2", "name": "Anew"}
    assert api(seller).ask("PUT", "parties", body, match="external_id").status_code == 201, "it is not his to see"
    with as_system("tests") as actor:
        write.put_in_bin(PARTY, last)
        assert heirs.of_ids(PARTY, [firms.gone], actor) == {}


def test_it_is_found_by_an_index(firms: Merged) -> None:
    sql = "SELECT t.id FROM party t WHERE t.external_id IN ('B-2', 'C-3') AND t.merged_into IS NOT NULL"
    if db.is_sqlite():
        plan = " ".join(str(row) for row in db.rows(f"EXPLAIN QUERY PLAN {sql}"))
    else:
        db.execute("SET LOCAL enable_seqscan = off", ())
        plan = " ".join(str(row) for row in db.rows(f"EXPLAIN {sql}"))
    assert "party_merged" in plan, plan
