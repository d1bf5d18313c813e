"""Objects that an organisation adds: a list, a card, rights, files and an API like those of the product's own."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from rapport.config import readiness
from rapport.config.cli import import_
from rapport.config.demo import removal
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import User
from rapport.records import registry, write
from rapport.records.transfer.export.files import export
from rapport.records.transfer.tests.importing import bring
from tests.people import Api

Browser = Callable[[User], Client]
Doors = Callable[[User], Api]


def make(entity_key: str, /, **values: Any) -> Any:
    """A set-up record."""
    with as_system("tests"):
        made = write.create(registry.get(entity_key), values)
    snapshot.current()
    return made


@pytest.fixture
def machines(admin: User) -> None:
    """Machines at customers, and courses, in the same table."""
    make("custom_object", name="Machine", plural_name="Machines", icon="wrench", title_name="Serial number")
    make("custom_object", name="Training day", plural_name="Training days")
    make("custom_field", entity="machine", name="Customer", kind="relation", target="party")
    make("custom_field", entity="machine", name="Built on", kind="date")
    make("custom_field", entity="machine", name="Price", kind="amount", currency="EUR")
    make("custom_field", entity="training_day", name="Machine", kind="relation", target="machine")


def test_an_object_is_at_once_what_the_products_own_are(machines: None, admin: User, api: Doors) -> None:
    client = api(admin)
    acme = client.make("parties", {"name": "Acme", "kind": "organisation", "industry": "Retail"})
    given = {"name": "M-1", "custom": {"customer": "Acme", "built_on": "2026-01-31", "price": "1200"}}
    one = client.make("machines", given)
    assert one["custom"] == {"customer": acme["id"], "built_on": "2026-01-31", "price": "1200.00"}
    client.make("machines", {"name": "M-2"})
    day = client.make("training-days", {"name": "First", "custom": {"machine": "M-1"}})
    assert [each["name"] for each in client.items("machines")] == ["M-1", "M-2"]
    assert [each["name"] for each in client.items("training-days")] == ["First"]
    assert client.get(f"machines/{day['id']}").status_code == 404, "one of another object"
    condition = {"field": "custom.customer.industry", "op": "eq", "value": "retail"}
    assert [each["name"] for each in client.items("machines", filter=condition)] == ["M-1"]
    further = {"field": "custom.machine.custom.customer", "op": "eq", "value": acme["id"]}
    assert [each["name"] for each in client.items("training-days", filter=further)] == ["First"]
    changed = client.patch(f"machines/{one['id']}", {"custom": {"price": "1300"}})
    assert changed.json()["version"] == 2
    assert client.items(f"machines/{one['id']}/changes")[0]["after"] == {"custom.price": "1300.00"}
    assert [each["id"] for each in client.get("search", q="m-1").json()["items"]] == [one["id"]]
    heard = [each["source"]["entity"] for each in client.items(f"parties/{acme['id']}/timeline")]
    assert "machine" in heard
    assert client.get("machines", count="exact").status_code in (200, 400)
    assert client.delete(f"machines/{one['id']}").status_code == 204
    assert [each["name"] for each in client.items("machines")] == ["M-2"]
    assert readiness.deep() == []


def test_rights_reach_as_far_as_with_any_other(
    machines: None, admin: User, seller: User, other_seller: User, reader: User, api: Doors
) -> None:  # fmt: skip
    ours = api(seller).make("machines", {"name": "Ours"})
    theirs = api(other_seller).make("machines", {"name": "Theirs"})
    assert len(api(seller).items("machines")) == 2, "everybody sees"
    assert api(seller).patch(f"machines/{theirs['id']}", {"name": "Mine"}).status_code == 403
    assert api(seller).patch(f"machines/{ours['id']}", {"name": "Still ours"}).status_code == 200
    assert api(reader).post("machines", {"name": "No"}).status_code == 403
    assert api(reader).get(f"machines/{ours['id']}").status_code == 200
    assert api(seller).post("custom-objects", {"name": "Mine"}).status_code == 403


def test_an_object_in_the_bin_takes_its_records_along_and_brings_them_back(
    machines: None, admin: User, api: Doors, browser_of: Browser
) -> None:  # fmt: skip
    client = api(admin)
    acme = client.make("parties", {"name": "Acme", "kind": "organisation"})
    one = client.make("machines", {"name": "M-1", "custom": {"customer": acme["id"]}})
    kind = client.items("custom-objects", filter={"field": "key", "op": "eq", "value": "machine"})[0]
    assert client.delete(f"custom-objects/{kind['id']}").status_code == 204
    assert client.get("machines").status_code == 404
    assert client.get("search", q="m-1").json()["items"] == []
    assert "M-1" not in browser_of(admin).get(f"/parties/{acme['id']}").content.decode()
    assert client.get(f"parties/{acme['id']}/timeline").status_code == 200
    assert client.post(f"custom-objects/{kind['id']}/actions/restore").status_code == 200
    assert client.get(f"machines/{one['id']}").json()["custom"]["customer"] == acme["id"]
    assert "M-1" in browser_of(admin).get(f"/parties/{acme['id']}").content.decode()


def test_its_screens_are_there(machines: None, admin: User, browser_of: Browser) -> None:
    browser = browser_of(admin)
    with as_system("tests"):
        acme = write.create(registry.get("party"), {"name": "Acme", "kind": "organisation"})
        one = write.create(registry.get("machine"), {"name": "M-1", "custom": {"customer": acme.id, "price": "1200"}})
    shown = browser.get("/machines").content.decode()
    assert [words for words in ("Machines", "M-1", "Acme", "€1,200") if words not in shown] == []
    assert "Serial number" in browser.get("/machines/new").content.decode()
    card = browser.get(f"/machines/{one.id}").content.decode()
    assert [words for words in ("M-1", "Acme", "€1,200") if words not in card] == []
    assert "M-1" in browser.get(f"/parties/{acme.id}").content.decode(), "the customer's card shows its machines"
    assert 'href="/machines"' in browser.get("/parties").content.decode(), "it is in the navigation"
    form = browser.get("/machines/new").content.decode()
    assert 'name="custom.customer"' in form


def test_files_go_in_and_out(machines: None, admin: User, tmp_path: Path) -> None:
    file = tmp_path / "machines.csv"
    file.write_text("Serial number,Customer,Built on,Price\nM-1,Acme,2026-01-31,1200.50\nM-2,,,\n")
    with as_system("tests"):
        write.create(registry.get("party"), {"name": "Acme", "kind": "organisation"})
    found = bring("machine", file)
    assert found.counts == (2, 0, 0, 0), found.failed
    with as_system("tests"):
        export(registry.get("machine"), tmp_path / "out.csv", ["name", "custom"])
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0].endswith("name,custom.customer,custom.built_on,custom.price")
    assert [line.split(",", 1)[1] for line in lines[1:]] == ["M-1,Acme,2026-01-31,1200.50", "M-2,,,"]
    assert readiness.deep() == []


def test_the_command_line_knows_them_from_the_start(
    machines: None, admin: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    (tmp_path / "machines.csv").write_text("name\nM-1\n")
    parser = argparse.ArgumentParser()
    import_.add_arguments(parser)
    snapshot.forget()
    assert import_.run(parser.parse_args(["machines", str(tmp_path / "machines.csv")])) == 0
    assert '"created":1' in capsys.readouterr().out


def test_names_that_are_taken_are_refused(admin: User, api: Doors) -> None:
    client = api(admin)
    for name in ("Party", "Deal", "Invoice", "Search"):
        assert client.post("custom-objects", {"name": name, "plural_name": f"{name}s"}).status_code in (409, 422), name
    for key in ("O'Neil", "a b", "x;", "Ö", '"'):
        assert client.post("custom-objects", {"name": "Thing", "key": key}).status_code == 422, key
        assert client.post("custom-objects", {"name": "Thing", "plural": key}).status_code == 422, key
        assert client.post("custom-fields", {"entity": "party", "name": "Thing", "key": key}).status_code == 422, key
    assert client.post("custom-objects", {"name": "Machine", "plural_name": "Machines"}).status_code == 201
    assert client.post("custom-objects", {"name": "Machine", "plural_name": "Machines"}).status_code == 409


def test_another_workers_object_is_met_at_its_address(machines: None, admin: User, browser_of: Browser) -> None:
    browser = browser_of(admin)
    snapshot.forget()
    assert browser.get("/machines").status_code == 200


def test_forms_and_lists_know_an_object_made_since_they_were_first_drawn(admin: User, browser_of: Browser) -> None:
    browser = browser_of(admin)
    make("custom_field", entity="party", name="Colour")
    assert "Gadgets" not in browser.get("/custom-fields/new").content.decode()
    assert "Organisations and people" in browser.get("/custom-fields").content.decode()
    make("custom_object", name="Gadget", plural_name="Gadgets")
    make("custom_field", entity="gadget", name="Weight", kind="number")
    assert '<option value="gadget"' in browser.get("/custom-fields/new").content.decode()
    assert "Gadgets" in browser.get("/custom-fields").content.decode()


def test_what_is_set_up_stands_in_one_place(admin: User, seller: User, browser_of: Browser) -> None:
    shown = browser_of(admin).get("/set-up").content.decode()
    assert all(
        f'href="/{plural}"' in shown for plural in ("custom-fields", "custom-objects", "access/people", "pipelines")
    )
    assert browser_of(seller).get("/set-up").status_code == 403


def test_names_that_look_like_markup_stay_words(admin: User, browser_of: Browser) -> None:
    bad = "<img src=x onerror=alert(1)> {{ 7*7 }} %s {x}"
    make("custom_object", name=bad, plural_name=bad, key="thing", plural="things", teaches=bad, title_name=bad)
    for kind in ("text", "choice", "multi_choice", "number"):
        make("custom_field", entity="thing", name=f"{kind} {bad}", key=f"f_{kind}", kind=kind, options=bad, unit="<b>",
             section=bad, help=bad)  # fmt: skip
    with as_system("tests"):
        values = {"f_text": bad, "f_choice": bad, "f_multi_choice": [bad], "f_number": 7}
        one = write.create(registry.get("thing"), {"name": bad, "custom": values})
    browser = browser_of(admin)
    pages = ["/things", f"/things/{one.id}", "/things/new", f"/things/{one.id}/edit", "/things/filter", "/parties",
             "/custom-fields", "/custom-objects", "/things?group=custom.f_choice"]  # fmt: skip
    for page in pages:
        answer = browser.get(page)
        text = answer.content.decode()
        assert (answer.status_code, "<img src=x" in text, " 49 " in text) == (200, False, False), page


def test_what_ones_own_links_lead_to_is_not_removed_for_good(machines: None, admin: User, api: Doors) -> None:
    client = api(admin)
    acme = client.make("parties", {"name": "Acme", "kind": "organisation"})
    one = client.make("machines", {"name": "M-1", "custom": {"customer": acme["id"]}})
    refused = client.delete(f"parties/{acme['id']}", forever="true")
    assert (refused.status_code, "machines" in refused.json()["detail"]) == (409, True)
    assert client.delete(f"machines/{one['id']}", forever="true").status_code == 204
    assert client.delete(f"parties/{acme['id']}", forever="true").status_code == 204


def test_the_demonstration_leaves_what_ones_own_links_lead_to(machines: None, admin: User) -> None:
    with as_system("tests"):
        shown = write.create(registry.get("party"), {"name": "Demo Ltd", "external_source": removal.SOURCE})
        write.create(registry.get("machine"), {"name": "M-1", "custom": {"customer": shown.id}})
        write.put_in_bin(registry.get("party"), shown.id)
    assert removal._missed(registry.get("party")) == [shown.id]
