"""Names and layouts of objects: who has which, what is left out, history, undo, rights, all workers."""

import html
import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils.translation import override

from rapport.platform import db
from rapport.platform.actor import acting_as, as_system
from rapport.platform.identity import access, snapshot
from rapport.platform.identity.models import Role, User
from rapport.records import field_limits, registry, revert, write
from rapport.records import read as reading
from rapport.records.errors import Forbidden
from rapport.records.layouts import keeping as layouts
from rapport.records.layouts.plan import Plan, read
from rapport.records.read import Query
from rapport.records.wording import keeping as words
from tests.people import Api
from tests.test_custom_objects import make

Browser = Callable[[User], Client]
Doors = Callable[[User], Api]


def lay_out(plan: dict[str, Any], role: str = "", entity: str = "deal") -> str:
    """A layout, as an administrator keeps it; the operation."""
    with as_system("tests"):
        done = layouts.keep(registry.get(entity), read(plan), role)
    snapshot.current()
    return str(done)


def call(entity: str, **wanted: str) -> str:
    """Words, as an administrator keeps them: ``field_amount`` is ``field.amount``; the operation."""
    with as_system("tests"):
        done = words.keep(registry.get(entity), {part.replace("_", ".", 1): word for part, word in wanted.items()})
    snapshot.current()
    return str(done)


def terms(page: str) -> list[str]:
    """The facts of a card, in order."""
    return [html.unescape(each) for each in re.findall(r"<dt>(.*?)</dt>", page.partition('id="facts"')[2])]


@pytest.fixture
def deal(admin: User, api: Doors) -> dict[str, Any]:
    made: dict[str, Any] = api(admin).make("deals", {"name": "Press", "amount": "1200", "currency": "EUR"})
    return made


def test_a_card_has_the_sections_it_was_given_and_the_rest_where_it_was(
    deal: dict[str, Any], admin: User, browser_of: Browser
) -> None:  # fmt: skip
    sections = [{"heading": "Money", "fields": ["probability", "amount"]}, {"heading": "", "fields": ["party"]}]
    lay_out({"sections": sections, "left_out": ["external_id", "lost_reason"]})
    page = browser_of(admin).get(f"/deals/{deal['id']}").content.decode()
    shown = terms(page)
    assert "Money" in page
    assert shown.index("Likely") < shown.index("Value") < shown.index("Customer")
    assert "Opened" in shown, "what the layout does not name stands where it is declared"
    assert "External id" not in shown
    make("custom_field", name="Margin", entity="deal", kind="number", section="Money")
    make("custom_field", name="Mood", entity="deal", kind="text")
    shown = terms(browser_of(admin).get(f"/deals/{deal['id']}").content.decode())
    assert "Margin" in shown, "a field that came later, under its heading"
    assert "Mood" in shown
    form = browser_of(admin).get(f"/deals/{deal['id']}/edit").content.decode()
    assert 'name="external_id"' in form, "all fields are in the form of all fields"


def test_a_section_shows_only_when_it_is_meant_to(deal: dict[str, Any], admin: User, browser_of: Browser) -> None:
    rule = {"field": "status", "values": ["won", "lost"]}
    lay_out({"sections": [{"heading": "Afterwards", "fields": ["closed_on", "lost_reason"], "if": rule}]})
    page = browser_of(admin).get(f"/deals/{deal['id']}").content.decode()
    assert "Afterwards" not in page
    with as_system("tests"):
        stage = next(each for each in reading.page(Query(registry.get("stage"))).items() if each["kind"] == "lost")
        write.change(registry.get("deal"), deal["id"], {"stage": stage["id"], "lost_reason": "Too dear"})
    assert "Afterwards" in browser_of(admin).get(f"/deals/{deal['id']}").content.decode()


def test_new_asks_what_it_is_told_and_what_it_needs(admin: User, browser_of: Browser, api: Doors) -> None:
    make("custom_field", name="Source", entity="deal", kind="text", required=True)
    make("custom_field", name="Mood", entity="deal", kind="text")
    lay_out({"forms": {"board": {"fields": ["amount"], "left_out": ["custom.mood", "custom.source"]}}})
    page = browser_of(admin).get("/deals/new").content.decode()
    names = re.findall(r'name="([a-z_.]+)"', page.partition("<main")[2])
    assert "amount" in names
    assert {"name", "custom.source"} <= set(names), "no record can do without"
    assert not {"party", "custom.mood"} & set(names)
    make("custom_field", name="Later", entity="deal", kind="text")
    assert 'name="custom.later"' in browser_of(admin).get("/deals/new").content.decode()


def test_a_role_has_its_own_way_over_everybodys(
    deal: dict[str, Any], admin: User, reader: User, browser_of: Browser
) -> None:  # fmt: skip
    lay_out({"header": ["owner"], "sections": [{"heading": "For all", "fields": ["name", "amount"]}]})
    lay_out({"sections": [{"heading": "For readers", "fields": ["name", "amount"]}]}, role="readonly")
    ours, theirs = (browser_of(who).get(f"/deals/{deal['id']}").content.decode() for who in (admin, reader))
    assert "For all" in ours
    assert "For readers" not in ours
    assert "For readers" in theirs
    assert "For all" not in theirs
    with acting_as(access.actor_of(reader)):
        assert registry.get("deal").arranged.header == ("owner",), "what the role leaves alone is everybody's"


def test_a_layout_shows_nobody_more_than_he_may_see(
    deal: dict[str, Any], admin: User, reader: User, browser_of: Browser, acting: Any
) -> None:  # fmt: skip
    with acting(admin):
        field_limits.limit(str(Role.objects.get(key="readonly").id), registry.get("deal"), {"amount": "hidden"})
    lay_out({
        "header": ["amount"], "sections": [{"heading": "", "fields": ["amount"]}],
        "lists": {"table": {"columns": "name,amount", "sort": "-amount"}},
    })  # fmt: skip
    for place in (f"/deals/{deal['id']}", "/deals?view=table", "/deals/new"):
        answer = browser_of(reader).get(place)
        assert "1,200" not in answer.content.decode(), place
        assert answer.status_code in (200, 403), place
    assert "1,200" in browser_of(admin).get(f"/deals/{deal['id']}").content.decode()


def test_boxes_beside_a_card_are_ordered_and_left_out(admin: User, browser_of: Browser, api: Doors) -> None:
    client = api(admin)
    acme = client.make("parties", {"name": "Acme", "kind": "organisation"})
    client.make("deals", {"name": "Press", "party": acme["id"]})
    client.make("samples", {"name": "Cup", "party": acme["id"]})
    with acting_as(access.actor_of(admin)):
        lay_out({"panels": ["sample.party", "deal.party"]}, entity="party")
    page = browser_of(admin).get(f"/parties/{acme['id']}").content.decode()
    assert page.index("Samples</") < page.index("Open deals")
    lay_out({"panels": ["deal.party"], "panels_left_out": ["sample.party"]}, entity="party")
    page = browser_of(admin).get(f"/parties/{acme['id']}").content.decode()
    assert "Samples</" not in page.partition("<main")[2]
    assert "Open deals" in page


def test_a_list_stands_as_laid_out_until_somebody_chooses(
    admin: User, browser_of: Browser, deal: dict[str, Any]
) -> None:
    lay_out({"lists": {"table": {"columns": "name,owner,created_at", "sort": "-created_at"}}})
    page = browser_of(admin).get("/deals?view=table").content.decode()
    heads = re.findall(r"<th[^>]*>(.*?)</th>", page, re.DOTALL)
    told = " ".join(re.sub(r"<[^>]*>", " ", each) for each in heads)
    assert "Created at" in told
    assert "Customer" not in told


def test_history_tells_it_and_undo_takes_it_back(deal: dict[str, Any], admin: User, browser_of: Browser) -> None:
    done = lay_out({"sections": [{"heading": "Oddments", "fields": ["amount"]}]})
    assert "Oddments" in browser_of(admin).get(f"/deals/{deal['id']}").content.decode()
    with acting_as(access.actor_of(admin)):
        revert.revert(done)
    assert "Oddments" not in browser_of(admin).get(f"/deals/{deal['id']}").content.decode()
    renamed = call("deal", one="Opportunity", many="Opportunities", field_amount="Contract value")
    page = browser_of(admin).get(f"/deals/{deal['id']}").content.decode()
    assert "Contract value" in page
    assert "Opportunities" in page
    with acting_as(access.actor_of(admin)):
        revert.revert(renamed)
    assert "Contract value" not in browser_of(admin).get(f"/deals/{deal['id']}").content.decode()


def test_a_worker_that_knows_older_words_learns_them_at_its_next_request(
    deal: dict[str, Any], admin: User, api: Doors, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    browser, older = browser_of(admin), snapshot.current()
    browser.get("/deals?view=table")
    call("deal", many="Opportunities", field_amount="Contract value")
    lay_out({"lists": {"table": {"columns": "name,amount"}}})
    snapshot._held.clear()
    snapshot._held[snapshot._name()] = older  # another process, which has not heard of it
    page = browser.get("/deals?view=table").content.decode()
    assert "Contract value" in page
    assert "Opportunities" in page
    assert "Expected close" not in page


def test_words_can_differ_by_language(admin: User, acting: Any) -> None:
    call("deal", one="Opportunity", field_amount="Contract value")
    with as_system("tests"):
        words.keep(registry.get("deal"), {"one": "Vorgang", "field.amount": "Volumen", "choice.status.won": "Ja"}, "de")
    snapshot.current()
    with acting(admin):
        entity = registry.get("deal")
        kind: Any = entity.fields["status"].kind
        assert (str(entity.label), entity.fields["amount"].heading) == ("Opportunity", "Contract value")
        assert kind.label("won") == "Won"
        with override("de"):
            assert (str(entity.label), entity.fields["amount"].heading) == ("Vorgang", "Volumen")
            assert kind.label("won") == "Ja"


def test_help_stands_below_the_field(admin: User, browser_of: Browser) -> None:
    call("deal", help_amount="Without tax, for the first year.")
    assert "Without tax, for the first year." in browser_of(admin).get("/deals/new").content.decode()


def test_the_api_sets_them_as_any_set_up(admin: User, seller: User, api: Doors) -> None:
    client = api(admin)
    one = client.make("wordings", {"entity": "deal", "part": "field.amount", "name": "Contract value"})
    schema = client.get("openapi.json").json()["components"]["schemas"]["Deal"]
    assert schema["properties"]["amount"]["title"] == "Contract value"
    client.patch(f"wordings/{one['id']}", {"name": "Volume"})
    schema = client.get("openapi.json").json()["components"]["schemas"]["Deal"]
    assert schema["properties"]["amount"]["title"] == "Volume"
    refused = client.post("wordings", {"entity": "deal", "part": "field.amuont", "name": "X"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "part"
    plan = {"sections": [{"heading": "A", "fields": ["amount", "nonsense"]}]}
    refused = client.post("object-layouts", {"entity": "deal", "plan": plan})
    assert refused.status_code == 422
    assert "nonsense" in refused.json()["errors"][0]["message"]
    plan["sections"][0]["fields"] = ["amount"]
    made = client.make("object-layouts", {"entity": "deal", "plan": plan})
    assert made["plan"] == plan
    assert made["name"] == "Deals"
    for bad in ({"panels": "deal"}, {"sections": [{"title": "A"}]}, {"oops": 1}, {"forms": {"x": []}}):
        assert client.patch(f"object-layouts/{made['id']}", {"plan": bad}).status_code == 422, bad
    assert api(seller).post("wordings", {"entity": "deal", "part": "one", "name": "X"}).status_code == 403
    with acting_as(access.actor_of(seller)), pytest.raises(Forbidden):
        words.keep(registry.get("deal"), {"one": "X"})


def test_what_a_layout_names_and_is_gone_is_passed_over_and_told(
    deal: dict[str, Any], admin: User, api: Doors, browser_of: Browser
) -> None:  # fmt: skip
    made = make("custom_field", name="Mood", entity="deal", kind="text")
    lay_out({"header": ["custom.mood"], "sections": [{"heading": "Soft", "fields": ["custom.mood", "owner"]}]})
    api(admin).delete(f"custom-fields/{made.id}")
    assert browser_of(admin).get(f"/deals/{deal['id']}").status_code == 200
    page = browser_of(admin).get("/set-up/layouts/deal").content.decode()
    assert "names fields that are gone: custom.mood" in page


def test_the_editor_keeps_only_what_differs(admin: User, browser_of: Browser) -> None:
    client = browser_of(admin)

    def form(page: str) -> dict[str, Any]:
        found = re.search(r'name="plan" value="([^"]*)"', page)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found
        held = {"plan": html.unescape(found[1]), "part": "card", "version": "0"}
        return held | ({"csrfmiddlewaretoken": token[1]} if token else {})

    def send(path: str, **values: Any) -> str:
        answer = client.post(path, values, headers={"HX-Request": "true"})
        assert answer.status_code == 200, answer.content.decode()
        return str(answer.content.decode())

    page = client.get("/set-up/layouts/deal").content.decode()
    first = form(page)
    send("/set-up/layouts/deal", **first)
    assert api_rows() == [], "nothing was changed, nothing is kept"
    token = first["csrfmiddlewaretoken"]
    moved = form(send("/set-up/layouts/deal/draft", **first, deed="up|s0|2"))
    taken = form(send("/set-up/layouts/deal/draft", **moved, csrfmiddlewaretoken=token, deed="out|s2|1"))
    send("/set-up/layouts/deal", **taken, csrfmiddlewaretoken=token)
    (kept,) = api_rows()
    assert set(kept) == {"sections", "left_out"}
    assert kept["sections"][0]["fields"][:3] == ["name", "amount", "party"]
    assert kept["left_out"] == ["lost_reason"]
    assert client.post("/set-up/layouts/deal/draft", first | {"deed": "up|zz|1"}).status_code == 400


def api_rows() -> list[dict[str, Any]]:
    """The plans that are kept."""
    found = db.rows("SELECT plan FROM object_layout WHERE binned_at IS NULL")
    return [orjson.loads(plan) for (plan,) in found]


def test_only_administrators_shape_objects(seller: User, browser_of: Browser) -> None:
    for path in ("/set-up/layouts", "/set-up/layouts/deal", "/set-up/names", "/set-up/names/deal"):
        assert browser_of(seller).get(path).status_code == 403, path


def test_a_plan_over_another_says_what_it_says() -> None:
    below = read({"header": ["owner"], "sections": [{"fields": ["a"]}], "left_out": ["b"]})
    above = read({"sections": [{"fields": ["c"]}]})
    both = above.over(below)
    assert both.header == ("owner",)
    assert (both.sections or ())[0].fields == ("c",)
    assert both.left_out == ()
    assert Plan().over(below).left_out == ("b",)


def test_the_form_of_words_keeps_what_was_changed(admin: User, browser_of: Browser) -> None:
    client = browser_of(admin)
    page = client.get("/set-up/names/sample").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    given = {"csrfmiddlewaretoken": token[1], "language": ""}
    sent = {"many": "Trials", "one": "Trial", "help.name": "What was given.", "choice.status.given": "Lent"}
    answer = client.post("/set-up/names/sample", given | sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200, answer.content.decode()
    assert 'value="Trials"' in answer.content.decode()
    with as_system("tests"):
        assert words.of(registry.get("sample")) == sent
    assert "Trials" in client.get("/samples").content.decode()
    long = client.post("/set-up/names/sample", given | {"one": "x" * 400}, headers={"HX-Request": "true"})
    assert long.status_code == 422
    assert "At most 300" in long.content.decode()
    client.post("/set-up/names/sample", given | {"reset": "1"}, headers={"HX-Request": "true"})
    with as_system("tests"):
        assert words.of(registry.get("sample")) == {}
    german = given | {"language": "de", "many": "Muster"}
    client.post("/set-up/names/sample", german, headers={"HX-Request": "true"})
    with as_system("tests"):
        assert words.of(registry.get("sample"), "de") == {"many": "Muster"}
    assert "Muster" not in client.get("/samples").content.decode()


def test_the_preview_of_a_card_shows_a_territory_only_where_there_are_territories(
    deal: dict[str, Any], admin: User, browser_of: Browser
) -> None:
    def shown() -> list[str]:
        page = browser_of(admin).get("/set-up/layouts/deal").content.decode()
        return [html.unescape(each) for each in re.findall(r"<dt>(.*?)</dt>", page)]

    assert "Territory" not in shown()
    with as_system("tests"):
        write.create(registry.get("territory"), {"name": "North"})
    snapshot.current()
    assert "Territory" in shown()
