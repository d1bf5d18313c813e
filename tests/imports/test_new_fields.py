"""Columns for which there is no field: the mapping screen offers to make one, of the kind its values look like."""

import re
from collections.abc import Callable

import pytest

from rapport.platform import db
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import User
from rapport.records import registry
from rapport.records.transfer.runs.new_fields import kind_for
from tests.imports.screens import Screens, work

LEADS = "Name,Lead source,Visits,Rate,Since\nAlm,Olark Chat,7,2.5,31.01.2026\nBrot,Google,12,0.75,28.02.2026\n"


def test_columns_become_fields_with_their_values(admin: User, screens: Callable[[User], Screens]) -> None:
    at = screens(admin)
    run = at.upload(LEADS)
    page = at.shown(f"{run}/columns")
    assert "New: Choice" in page
    at.post(f"{run}/columns", **at.choices(run) | {"field-1": "new:choice", "field-2": "new:number"})
    at.post(f"{run}/columns", **at.choices(run) | {"field-3": "new:decimal", "field-4": "new:date"})
    form = at.choices(run)
    assert (form["field-1"], form["field-4"], form["dates"]) == ("new:choice", "new:date", "DD.MM.YYYY")
    assert db.one("SELECT count(*) FROM custom_field") == (0,), "looking makes nothing"
    at.post(f"{run}/columns", **form, check="1")
    work()
    at.post(f"{run}/start")
    work()
    snapshot.current()
    fields = {known.label: known.kind.name for known in registry.get("party").fields.own}
    assert fields == {"Lead source": "choice", "Visits": "number", "Rate": "decimal", "Since": "date"}
    names = ("lead_source", "visits", "rate", "since")
    picked = ", ".join(f"custom ->> '{name}'" for name in names)
    found = db.rows(f"SELECT name, {picked} FROM party WHERE name IN ('Alm', 'Brot') ORDER BY name")
    assert [tuple(map(str, row)) for row in found] == [
        ("Alm", "Olark Chat", "7", "2.5", "2026-01-31"),
        ("Brot", "Google", "12", "0.75", "2026-02-28"),
    ]


def test_a_file_without_names_gives_every_other_column_a_field_at_once(
    admin: User, screens: Callable[[User], Screens]
) -> None:
    at = screens(admin)
    run = at.upload("Number,Source,Visits,Tags,Left\n7,Select,NULL,Ringing,\n8,Chat,3,null,\n9,Chat,4,,\n")
    form = at.choices(run)
    assert form["blanks"] == "NULL, null", "what means empty in any file is proposed"
    at.post(f"{run}/columns", **form | {"blanks": "NULL, select"})
    at.post(f"{run}/columns", **at.choices(run), rest="1")
    form = at.choices(run)
    assert [form[f"field-{n}"] for n in range(5)] == ["new:number", "new:choice", "new:number", "tags", ""]
    at.post(f"{run}/columns", **form | {"default-name": "Lead {Number}", "create-3": "1"})
    form = at.choices(run)
    assert form["create-3"] == "1"
    at.post(f"{run}/columns", **form, check="1")
    work()
    at.post(f"{run}/start")
    work()
    snapshot.current()
    sql = "SELECT name, custom ->> 'source', custom ->> 'visits' FROM party WHERE name LIKE 'Lead %%' ORDER BY name"
    found = [(name, source, visits and str(visits)) for name, source, visits in db.rows(sql)]
    assert found == [("Lead 7", None, None), ("Lead 8", "Chat", "3"), ("Lead 9", "Chat", "4")]
    assert db.rows("SELECT name FROM tag") == [("Ringing",)]
    assert dict(registry.get("party").fields["custom.source"].kind.choices) == {"Chat": "Chat"}


def test_a_column_fills_a_further_number(admin: User, screens: Callable[[User], Screens]) -> None:
    at = screens(admin)
    run = at.upload("Name,Mobile 2,Somewhere\nAlm,+43 1 5356789,Graz\n")
    form = at.choices(run)
    assert form["field-1"] == "contact_points.mobile"
    at.post(f"{run}/columns", **form | {"field-2": "addresses.delivery.city"})
    form = at.choices(run)
    assert (form["field-1"], form["field-2"]) == ("contact_points.mobile", "addresses.delivery.city")
    at.post(f"{run}/columns", **form, check="1")
    work()
    at.post(f"{run}/start")
    work()
    assert db.rows("SELECT kind, value FROM contact_point") == [("mobile", "+4315356789")]
    assert db.rows("SELECT kind, city FROM address") == [("delivery", "Graz")]


def test_who_may_not_set_up_is_not_offered_fields(seller: User, screens: Callable[[User], Screens]) -> None:
    at = screens(seller)
    run = at.upload(LEADS)
    assert "New: " not in at.shown(f"{run}/columns")
    at.post(f"{run}/columns", **at.choices(run) | {"field-1": "new:choice"}, check="1")
    work()
    assert db.one("SELECT count(*) FROM custom_field") == (0,)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2", "1,200"], "number"), (["1", "2.5"], "decimal"), (["0815", "4711"], "choice"),
        (["Yes", "no"], "yes_no"), (["ada@example.com"], "email"), (["31.12.2026"], "date"), (["2026-12-31"], "date"),
        (["Red", "Blue"], "choice"),
        ([f"Word {n}" for n in range(30)], "text"), (["https://example.com"], "url"), (["x" * 80], "long_text"),
        (["31.12.2026 10:30"], "moment"), (["2010-12-01 08:26:00", "2010-12-02 00:00:00"], "moment"),
        (["2010-12-01T08:26:00Z"], "moment"), (["2010-12-01 00:00:00"], "date"), ([], "text"),
    ],
)  # fmt: skip
def test_the_kind_that_values_look_like(values: list[str], kind: str) -> None:
    assert kind_for(values) == kind


def test_a_file_of_which_every_column_becomes_a_field(admin: User, screens: Callable[[User], Screens]) -> None:
    at = screens(admin)
    run = at.upload("Number,Visits,Left\n7,1,a\n8,3,b\n")
    at.post(f"{run}/columns", **at.choices(run), rest="1")
    page = at.shown(f"{run}/columns")
    assert "Every record needs: Name." in page
    assert "--map" not in page, "who maps on a screen is not told of the command line"
    form = at.choices(run) | {"default-name": "Lead {Number}"}
    page = at.post(f"{run}/columns", **form).content.decode()
    assert "<td>Lead 7</td><td>7</td><td>1</td><td>a</td>" in re.sub(r"\s*\n\s*", "", page)
    assert len(re.findall(r'<th scope="col">(?:Number|Visits|Left) <', page)) == 3, "also what is yet to be made"
    at.post(f"{run}/columns", **form, check="1")
    work()
    at.post(f"{run}/start")
    work()
    snapshot.current()
    sql = "SELECT name, custom ->> 'visits', custom ->> 'left' FROM party WHERE name LIKE 'Lead %%' ORDER BY name"
    assert [tuple(map(str, row)) for row in db.rows(sql)] == [("Lead 7", "1", "a"), ("Lead 8", "3", "b")]


def test_the_preview_shows_own_days_and_moments_once_their_fields_are_there(
    admin: User, screens: Callable[[User], Screens]
) -> None:
    at = screens(admin)
    run = at.upload("Name,Since,Seen\nAlm,31.01.2026,31.01.2026\n")
    at.post(f"{run}/columns", **at.choices(run) | {"field-1": "new:date", "field-2": "new:moment"}, check="1")
    work()
    page = at.shown(f"{run}/columns")
    assert "2026-01-31T00:00:00Z" in page
    assert "<td>2026-01-31</td>" in page


def test_own_texts_beside_people_whose_names_are_put_together(admin: User, screens: Callable[[User], Screens]) -> None:
    at = screens(admin)
    run = at.upload("Given name,Family name,Allergy\nAda,Lovelace,nuts\n")
    form = at.choices(run)
    assert form["default-kind"] == "person", "whoever has a first name is one"
    at.post(f"{run}/columns", **form | {"field-2": "new:text"})
    at.post(f"{run}/columns", **at.choices(run), check="1")
    work()
    at.post(f"{run}/start")
    work()
    assert db.rows("SELECT name, custom ->> 'allergy' FROM party WHERE kind = 'person'") == [("Ada Lovelace", "nuts")]
