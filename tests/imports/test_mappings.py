"""A mapping found once is there for everybody who imports the object, also under a name, also for the command."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from rapport.config import cli
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import Role, User
from rapport.records import field_limits, registry
from rapport.records.models import ImportMapping, ImportRun
from rapport.records.transfer.runs import mappings
from tests.imports.screens import Screens, work

Browser = Callable[[User], Client]
FILE = "Firma;Branche;Ort;Nummer\nAlm;Handel;Graz;7\n"
MAPPED = {"field-0": "name", "field-1": "industry", "field-2": "address.city", "field-3": "external_id"}


@pytest.fixture
def ada(admin: User, browser_of: Browser) -> Screens:
    return Screens(browser_of(admin))


@pytest.fixture
def sam(seller: User, browser_of: Browser) -> Screens:
    return Screens(browser_of(seller))


def chosen(screens: Screens, path: str) -> dict[str, str]:
    return {name: value for name, value in screens.choices(path).items() if name.startswith("field-")}


def post(screens: Screens, path: str, **values: str) -> str:
    answer = screens.post(f"{path}/columns", **{**screens.choices(path), **values})
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_what_somebody_has_imported_is_mapped_so_for_all(ada: Screens, sam: Screens) -> None:
    path = ada.upload(FILE)
    screens = {**ada.choices(path), **MAPPED, "match": "external_id", "default-kind": "organisation"}
    ada.post(f"{path}/columns", **screens, check="1")
    work()
    other = sam.upload(FILE)
    assert chosen(sam, other)["field-1"] == "", "not before it has been imported"
    ada.post(f"{path}/start")
    work()
    path = sam.upload(FILE)
    assert chosen(sam, path) == MAPPED
    assert "Mapped as in “contacts.csv”" in sam.shown(f"{path}/columns")


def test_fields_that_are_withheld_are_left_out(ada: Screens, sam: Screens) -> None:
    path = ada.upload(FILE)
    post(ada, path, **MAPPED)
    assert "Kept as “ERP”" in post(ada, path, mapping_name="ERP", keep="1")
    with as_system("tests"):
        sales = str(Role.objects.get(key="sales").id)
        field_limits.limit(sales, registry.get("party"), {"industry": "hidden", "address.city": "read"})
    snapshot.forget()
    path = sam.upload(FILE)
    assert chosen(sam, path) == {**MAPPED, "field-1": "", "field-2": ""}


def test_mappings_are_kept_chosen_and_deleted(ada: Screens, sam: Screens, admin: User, seller: User) -> None:
    path = ada.upload(FILE)
    post(ada, path, **MAPPED)
    assert "Give the mapping a name" in post(ada, path, mapping_name="  ", keep="1")
    assert "Kept as “ERP of old”" in post(ada, path, mapping_name=" ERP  of old", keep="1")
    assert "Kept as “Erp of old”" in post(ada, path, mapping_name="Erp of old", keep="1"), "one's own is written over"
    [kept] = ImportMapping.objects.all()
    path = sam.upload("Firma;Branche;Neu\nAlm;Handel;x\n")
    assert chosen(sam, path)["field-1"] == ""
    page = post(sam, path, mapping=kept.id, use="1")
    assert "Mapped as “Erp of old”" in page
    assert chosen(sam, path) == {"field-0": "name", "field-1": "industry", "field-2": ""}
    assert "Somebody else keeps a mapping" in post(sam, path, mapping_name="erp of old", keep="1")
    assert "Only who made a mapping" in post(sam, path, mapping=kept.id, drop="1")
    post(sam, path, mapping_name="Mine", keep="1")
    assert "deleted" in post(ada, ada.upload(FILE), mapping=str(ImportMapping.objects.get(name="Mine").id), drop="1")
    assert "no such mapping any more" in post(sam, path, mapping="0" * 32, use="1")
    path = sam.upload("Title\nCall\n", entity="task")
    assert "Erp of old" not in sam.shown(f"{path}/columns"), "it is of another object"
    assert "no such mapping any more" in post(sam, path, mapping=kept.id, use="1")
    with as_system("tests"):
        assert [each.name for each in mappings.kept(registry.get("party"))] == ["Erp of old"]


def test_the_command_takes_a_kept_mapping_by_its_name(
    ada: Screens, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ada.upload(FILE)
    given: dict[str, Any] = {**MAPPED, "match": "external_id", "default-kind": "organisation"}
    ada.post(f"{path}/columns", **{**ada.choices(path), **given})
    post(ada, path, mapping_name="ERP", keep="1")
    file = tmp_path / "erp.csv"
    for text, outcome in ((FILE, (1, 0)), (FILE.replace("Handel", "Trade"), (0, 1))):
        file.write_text(text)
        assert cli.run(["import", "parties", str(file), "--map", "erp"]) == 0
        told = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert (told["created"], told["updated"]) == outcome
    assert cli.run(["import", "parties", str(file), "--map", "nothing"]) == 2
    assert "Kept: “ERP”" in capsys.readouterr().err
    assert cli.run(["import", "parties", str(file), "--map", "missing.json"]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert ImportRun.objects.filter(status="done").count() == 2
