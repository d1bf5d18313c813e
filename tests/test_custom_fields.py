"""Fields that an organisation adds: there at once, everywhere, under the same rights, and undone like any other."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from rapport.config import soundness
from rapport.config.cli import import_
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import User
from rapport.records import custom, read, registry, revert, write
from rapport.records.read import Query
from tests.people import Api

Browser = Callable[[User], Client]
Doors = Callable[[User], Api]
PARTY = registry.get("party")


def field(name: str, kind: str = "text", entity: str = "party", **more: Any) -> Any:
    """A new field of the organisation's own."""
    with as_system("tests"):
        made = write.create(registry.get("custom_field"), {"entity": entity, "name": name, "kind": kind, **more})
    snapshot.current()
    return made


def imported(*arguments: str) -> int:
    """``rapport import …``; the exit code."""
    parser = argparse.ArgumentParser()
    import_.add_arguments(parser)
    code = import_.run(parser.parse_args([*arguments]))
    snapshot.current()
    return code


def test_a_field_made_through_the_api_is_there_at_once(admin: User, api: Doors) -> None:
    client = api(admin)
    made = client.make("custom-fields", {"entity": "party", "name": "Lead score", "kind": "number", "high": 100})
    assert made["key"] == "lead_score"
    who = client.make("parties", {"name": "Ada", "custom": {"lead_score": 42}})
    assert who["custom"] == {"lead_score": 42}
    assert client.make("parties", {"name": "Eve"})["custom"] == {"lead_score": None}
    condition = {"field": "custom.lead_score", "op": "gte", "value": 40}
    assert [each["name"] for each in client.items("parties", filter=condition)] == ["Ada"]
    assert [each["name"] for each in client.items("parties", sort="custom.lead_score")] == ["Ada", "Eve"]
    refused = client.patch(f"parties/{who['id']}", {"custom": {"lead_score": 101}})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "custom.lead_score"
    assert client.patch(f"parties/{who['id']}", {"custom": {"height": 1}}).status_code == 422
    answer = client.get("parties/aggregate", sum="custom.lead_score").json()
    assert answer["groups"][0]["sum"] == {"custom.lead_score": 42}


def test_records_are_matched_by_fields_of_ones_own(admin: User, api: Doors) -> None:
    for kind in ("text", "number", "date", "yes_no", "decimal"):
        field(f"Own {kind}", kind)
    client = api(admin)
    given = {"own_text": "Ä b", "own_number": 7, "own_date": "2026-01-31", "own_yes_no": True, "own_decimal": 2.5}
    match = "+".join(["name", *(f"custom.{name}" for name in given)])
    first = client.ask("PUT", "parties", {"name": "Ada", "custom": given}, match=match)
    again = client.ask("PUT", "parties", {"name": "ADA", "custom": given}, match=match)
    other = client.ask("PUT", "parties", {"name": "Ada", "custom": {**given, "own_number": 8}}, match=match)
    assert [answer.status_code for answer in (first, again, other)] == [201, 200, 201]
    assert first.json()["id"] == again.json()["id"] != other.json()["id"]


def test_there_may_be_many_of_them(admin: User, api: Doors) -> None:
    with as_system("tests"):
        for number in range(66):
            more = {"kind": "multi_choice" if number == 63 else "number", "options": "yes\nno"}
            write.create(registry.get("custom_field"), {"entity": "party", "name": f"Answer {number}", **more})
    given = {f"answer_{number}": ["yes"] if number == 63 else number for number in range(0, 66, 3)}
    client = api(admin)
    made = client.make("parties", {"name": "Ada", "custom": given})
    empty = {f"answer_{number}": None for number in range(66)}
    assert made["custom"] == client.get(f"parties/{made['id']}").json()["custom"] == empty | given
    assert list(made["custom"]) == list(empty)


def test_only_who_may_set_up_makes_fields(seller: User, api: Doors) -> None:
    assert api(seller).post("custom-fields", {"entity": "party", "name": "Mine"}).status_code == 403


def test_what_a_field_is_it_stays(admin: User, api: Doors) -> None:
    made = field("Colour", "choice", options="Red\nBlue")
    client = api(admin)
    for name, value in (("kind", "text"), ("key", "hue"), ("entity", "deal")):
        assert client.patch(f"custom-fields/{made.id}", {name: value}).status_code == 422, name
    assert client.patch(f"custom-fields/{made.id}", {"options": "Red\nBlue\nGreen"}).status_code == 200
    assert client.make("parties", {"name": "Ada", "custom": {"colour": "green"}})["custom"]["colour"] == "Green"
    assert client.post("custom-fields", {"entity": "party", "name": "Colour"}).status_code == 409
    assert client.post("custom-fields", {"entity": "party", "name": "Size", "kind": "choice"}).status_code == 422


def test_its_history_names_it_and_undo_takes_it_back(admin: User, api: Doors) -> None:
    field("Budget", "amount", currency="EUR")
    field("Note")
    client = api(admin)
    who = client.make("parties", {"name": "Ada", "custom": {"budget": "10.00", "note": "first"}})
    client.patch(f"parties/{who['id']}", {"custom": {"budget": "20.50"}})
    latest = client.items(f"parties/{who['id']}/changes")[0]
    assert (latest["before"], latest["after"]) == ({"custom.budget": "10.00"}, {"custom.budget": "20.50"})
    client.patch(f"parties/{who['id']}", {"custom": {"note": "second"}})
    with as_system("tests"):
        revert.revert(latest["operation"])
    assert client.get(f"parties/{who['id']}").json()["custom"] == {"budget": "10.00", "note": "second"}
    condition = {"field": "custom.budget", "op": "eq", "value": "10"}
    assert len(client.items("parties", filter=condition)) == 1


def test_a_needed_field_is_asked_for(admin: User, api: Doors) -> None:
    field("Segment", required=True)
    client = api(admin)
    refused = client.post("parties", {"name": "Ada"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "custom.segment"
    who = client.make("parties", {"name": "Ada", "custom": {"segment": "A"}})
    assert client.patch(f"parties/{who['id']}", {"custom": {"segment": ""}}).status_code == 422


def test_a_field_is_needed_and_shown_only_where_another_says_so(
    admin: User, api: Doors, browser_of: Browser
) -> None:  # fmt: skip
    field("Tax number", required=True, shown_if="Kind", shown_values="organisation")
    client = api(admin)
    ada = client.make("parties", {"name": "Ada", "kind": "person"})
    assert client.post("parties", {"name": "Acme", "kind": "organisation"}).status_code == 422
    acme = client.make("parties", {"name": "Acme", "kind": "organisation", "custom": {"tax_number": "X1"}})
    browser = browser_of(admin)
    assert "Tax number" not in browser.get(f"/parties/{ada['id']}").content.decode()
    assert "Tax number" in browser.get(f"/parties/{acme['id']}").content.decode()
    refused = client.post("custom-fields", {"entity": "party", "name": "X", "shown_if": "Nothing", "shown_values": "1"})
    assert refused.status_code == 422


def test_search_finds_what_is_said_to_be_searched(admin: User, api: Doors) -> None:
    field("Badge", searched=True)
    field("Secret")
    client = api(admin)
    who = client.make("parties", {"name": "Ada", "custom": {"badge": "Żółty-77", "secret": "hidden"}})
    found = client.get("search", q="zolty").json()["items"]
    assert [each["id"] for each in found] == [who["id"]]
    assert client.get("search", q="hidden").json()["items"] == []


def test_a_link_leads_on_to_the_other_records_fields(admin: User, api: Doors) -> None:
    field("Introduced by", "relation", target="party")
    client = api(admin)
    friend = client.make("parties", {"name": "Friend", "industry": "Retail"})
    who = client.make("parties", {"name": "Ada", "custom": {"introduced_by": "Friend"}})
    assert who["custom"]["introduced_by"] == friend["id"]
    condition = {"field": "custom.introduced_by.industry", "op": "eq", "value": "retail"}
    assert [each["name"] for each in client.items("parties", filter=condition)] == ["Ada"]
    assert client.post("parties", {"name": "Eve", "custom": {"introduced_by": "Nobody"}}).status_code == 422


def test_a_field_in_the_bin_is_gone_and_comes_back_with_its_values(admin: User, api: Doors) -> None:
    made, client = field("Colour"), api(admin)
    who = client.make("parties", {"name": "Ada", "custom": {"colour": "Red"}})
    assert client.delete(f"custom-fields/{made.id}").status_code == 204
    assert "custom" not in client.get(f"parties/{who['id']}").json()
    assert client.get("parties", filter={"field": "custom.colour", "op": "eq", "value": "red"}).status_code == 400
    assert client.post(f"custom-fields/{made.id}/actions/restore").status_code == 200
    assert client.get(f"parties/{who['id']}").json()["custom"] == {"colour": "Red"}


def test_it_stands_on_card_form_list_and_among_the_filters(admin: User, browser_of: Browser) -> None:
    field("Favourite IBAN", section="Banking", help="As printed on the card")
    browser = browser_of(admin)
    with as_system("tests"):
        who = write.create(PARTY, {"name": "Ada", "custom": {"favourite_iban": "DE02 1203"}})
    card = browser.get(f"/parties/{who.id}").content.decode()
    assert all(text in card for text in ("Banking", "Favourite IBAN", "DE02 1203"))
    form = browser.get("/parties/new").content.decode()
    assert 'name="custom.favourite_iban"' in form
    assert "As printed on the card" in form
    shown = browser.get("/parties?columns=name,custom.favourite_iban").content.decode()
    assert "DE02 1203" in shown
    assert "Favourite IBAN" in browser.get("/parties/filter").content.decode()


def test_a_file_fills_fields_and_makes_them(
    admin: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    file = tmp_path / "leads.csv"
    file.write_text("Name,Source,Score,Rate\nAda,Olark Chat,7,2.5\nEve,Google,,0.75\n")
    plan = {
        "columns": {
            "Name": "name", "Source": {"custom": "Lead source", "kind": "choice"},
            "Score": {"custom": "Score", "kind": "number"}, "Rate": {"custom": "Rate", "kind": "decimal"},
        }
    }  # fmt: skip
    map_file = tmp_path / "map.json"
    map_file.write_text(json.dumps(plan))
    given = ("parties", str(file), "--map", str(map_file))

    def summary(*more: str) -> dict[str, Any]:
        assert imported(*given, *more) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
        return found

    assert summary("--dry-run")["created"] == 2
    assert not PARTY.fields.own, "a dry run makes nothing"
    assert summary()["created"] == 2
    with as_system("tests"):
        rows = read.page(Query(PARTY, fields=("name", "custom"), sort=("name",))).items()
    assert [row["custom"] for row in rows if row["name"] in ("Ada", "Eve")] == [
        {"lead_source": "Olark Chat", "score": 7, "rate": 2.5},
        {"lead_source": "Google", "score": None, "rate": 0.75},
    ]
    assert summary("--match", "name")["skipped"] == 2
    file.write_text("Name,Source,Score,Rate\nAda,Google,8,2.5\n")
    assert summary("--match", "name")["updated"] == 1
    with as_system("tests"):
        found = read.page(Query(PARTY, filter={"field": "custom.lead_source", "op": "eq", "value": "Google"}))
    assert len(found.items()) == 2
    assert not list(soundness.links.own_fields_in_step())


def test_the_deep_check_names_a_value_that_is_not_found(admin: User, api: Doors) -> None:
    field("Colour")
    client = api(admin)
    client.make("parties", {"name": "Ada", "custom": {"colour": "Red"}})
    db.execute("DELETE FROM custom_value")
    assert ["parties are not found" in finding.what for finding in soundness.links.own_fields_in_step()] == [True]


@pytest.mark.parametrize("few", [True, False])
def test_rare_and_common_values_are_found_alike(
    few: bool, admin: User, api: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Rare values are looked up, common ones met on the way: both give the same."""
    monkeypatch.setattr(custom.tagging, "FEW", 1000 if few else 0)
    field("Colour")
    client = api(admin)
    for n in range(12):
        client.make("parties", {"name": f"P{n:02}", "custom": {"colour": "Red" if n % 3 else "Blue"}})
    blue = {"field": "custom.colour", "op": "eq", "value": "blue"}
    assert [each["name"] for each in client.items("parties", filter=blue)] == ["P00", "P03", "P06", "P09"]
    both = {"and": [blue, {"field": "name", "op": "starts_with", "value": "P0"}]}
    assert [each["name"] for each in client.items("parties", filter=both, sort="-name")] == ["P09", "P06", "P03", "P00"]
