"""Roles and people, changed on screens: what counts, what is refused, what is left as proof."""

import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.test import Client

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import access, accounts, invitations, snapshot
from rapport.platform.identity.models import Role, Session, User
from rapport.platform.identity.sign_in_models import Invitation
from rapport.platform.identity.sign_ins import NOBODY
from rapport.records import appointing, granting, registry, revert, write
from rapport.records.errors import Forbidden, Invalid, Refused
from rapport.sales.models import Deal
from tests.imports.screens import work
from tests.people import Api

Clients = Callable[..., Api]
PASSWORD = "a calm harbour at noon"


def role_of(key: str) -> str:
    return str(Role.objects.get(key=key).id)


@pytest.fixture
def screens(admin: User, browser_of: Callable[[User], Client]) -> Client:
    """The administrator's browser; forgery has its own tests."""
    client = browser_of(admin)
    client.handler.enforce_csrf_checks = False
    return client


def said(response: Any) -> dict[str, Any]:
    """What the toast says."""
    return dict(orjson.loads(response["HX-Trigger"])["toast"])


def cell(client: Client, role: str, name: str, level: str) -> Any:
    """Choose in one cell of the matrix, as the page does."""
    return client.post(
        f"/access/roles/{role_of(role)}/grants", {"only": name, name: level}, headers={"HX-Request": "true"}
    )


def test_a_cell_counts_at_once_is_proven_and_undone(screens: Client, seller: User, api: Clients) -> None:
    theirs = api(seller)
    assert theirs.get("deals").status_code == 200
    answer = cell(screens, "sales", "deal.view", "none")
    assert answer.status_code == 200
    assert theirs.get("deals").status_code == 403
    page = screens.get(f"/access/roles/{role_of('sales')}").content.decode()
    assert "changed what it may do" in page
    assert "Deals: See" in page
    row = db.one("SELECT verb, before, after, actor FROM change WHERE entity = 'role' ORDER BY id DESC LIMIT 1")
    assert row is not None
    assert (row[0], orjson.loads(row[1]), orjson.loads(row[2])) == (
        "granted", {"grants": {"deal.view": "own"}}, {"grants": {"deal.view": "none"}},
    )  # fmt: skip
    undo = screens.post(said(answer)["undo"], headers={"HX-Request": "true"})
    assert said(undo)["text"] == "Undone"
    assert theirs.get("deals").status_code == 200


def test_what_everything_gives_is_shown_and_not_undercut(screens: Client, seller: User) -> None:
    with as_system("tests"):
        granting.grant(role_of("sales"), {("*", "view"): "team"})
    page = screens.get(f"/access/roles/{role_of('sales')}").content.decode()
    [select] = re.findall(r'<select[^>]*name="deal.view".*?</select>', page, re.DOTALL)
    assert re.findall(r'value="(\w+)"', select) == ["team", "all"]
    assert "Given by “Everything”" in select
    cell(screens, "sales", "deal.view", "team")  # what holds anyway
    assert access.actor_of(seller).level("deal", "view") == 2
    cell(screens, "sales", "*.view", "none")
    assert access.actor_of(seller).level("deal", "view") == 1


def test_set_up_is_given_whole_or_not_at_all(screens: Client, admin: User) -> None:
    page = screens.get(f"/access/roles/{role_of('sales')}").content.decode()
    [select] = re.findall(r'<select[^>]*name="pipeline.change".*?</select>', page, re.DOTALL)
    assert re.findall(r'<option value="(\w+)"', select) == ["none", "all"]
    with as_system("tests"), pytest.raises(Invalid):
        granting.grant(role_of("sales"), {("pipeline", "change"): "own"})
    with as_system("tests"), pytest.raises(Invalid):
        granting.grant(role_of("sales"), {("user", "delete"): "all"})
    with as_system("tests"), pytest.raises(Invalid):
        granting.grant(role_of("sales"), {("starship", "view"): "all"})


def test_rights_of_an_object_of_ones_own_can_be_taken(screens: Client, seller: User, api: Clients) -> None:
    with as_system("tests"):
        write.create(registry.get("custom_object"), {"name": "Machine", "plural_name": "Machines"})
    assert api(seller).get("machines").status_code == 200
    cell(screens, "sales", "machine.view", "none")
    assert api(seller).get("machines").status_code == 403
    cell(screens, "sales", "machine.view", "own")
    assert api(seller).get("machines").status_code == 200


def test_the_whole_matrix_is_saved_without_scripts(screens: Client, seller: User) -> None:
    page = screens.get(f"/access/roles/{role_of('sales')}").content.decode()
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    form = dict(re.findall(r'<select[^>]*name="([^"]+)"[^>]*>.*?<option value="(\w+)" selected', page, re.DOTALL))
    form |= {"deal.delete": "own", "deal.export": "own", "version": version[1]}
    where = f"/access/roles/{role_of('sales')}/grants"
    assert screens.post(where, form).status_code == 302
    actor = access.actor_of(seller)
    assert (actor.level("deal", "delete"), actor.level("deal", "export"), actor.level("deal", "view")) == (1, 1, 1)
    assert screens.post(where, form).status_code == 412  # by now it is an old page


def test_the_administrators_role_stays_whole(screens: Client, admin: User) -> None:
    assert "always may do everything" in said(cell(screens, "admin", "*.change", "none"))["text"]
    page = screens.get(f"/access/roles/{role_of('admin')}").content.decode()
    assert "<select" not in page.split('id="matrix"')[1].partition("</form>")[0]
    with as_system("tests"), pytest.raises(Refused):
        granting.remove(role_of("admin"))


def test_a_role_is_made_copied_named_and_removed(screens: Client, seller: User) -> None:
    values = {"name": "Field sales", "like": role_of("sales"), "description": "On tour"}
    made = screens.post("/access/roles/new", values)
    role = Role.objects.get(name="Field sales")
    assert (made["Location"], role.key, role.description) == (f"/access/roles/{role.id}", "field_sales", "On tour")
    snapshot.forget()
    assert granting.held_by("field_sales") == granting.held_by("sales")
    twice = screens.post("/access/roles/new", {"name": "field SALES"})
    assert (twice.status_code, "There is a role of this name" in twice.content.decode()) == (422, True)
    screens.post(f"/access/roles/{role.id}/name", {"name": "Travellers", "description": ""})
    assert "Travellers" in screens.get("/access/roles").content.decode()
    screens.post(f"/access/people/{seller.id}/roles", {"roles": ["sales", "field_sales"]})
    assert screens.post(f"/access/roles/{role.id}/remove")["Location"].endswith("?done=held")
    screens.post(f"/access/people/{seller.id}/roles", {"roles": ["sales"]})
    assert screens.post(f"/access/roles/{role.id}/remove")["Location"].endswith("?done=removed")
    assert not Role.objects.filter(id=role.id).exists()


def test_roles_of_a_person_count_at_once_are_proven_and_undone(
    screens: Client, seller: User, api: Clients, acting: Callable[..., Any], admin: User
) -> None:
    where = f"/access/people/{seller.id}"
    assert screens.post(f"{where}/roles", {"roles": ["sales", "readonly"]}).status_code == 302
    assert api(seller).get("deals").status_code == 200
    assert access.actor_of(seller).level("deal", "view") == 3
    page = screens.get(where).content.decode()
    assert "Read only" in page.split('id="may"')[1]
    row = db.one("SELECT before, after, operation FROM change WHERE verb = 'appointed'")
    assert row is not None
    assert [orjson.loads(each)["roles"] for each in row[:2]] == [["sales"], ["readonly", "sales"]]
    with acting(admin):
        assert revert.revert(str(db.unkey(row[2]))).reverted == [seller.id]
    assert access.actor_of(seller).level("deal", "view") == 1
    assert "Roles given" in screens.get("/security").content.decode()


def test_somebody_is_added_and_comes_in_by_a_link_that_works_once(screens: Client) -> None:
    wrong = screens.post("/access/people/new", {"name": "", "email": "seller@rapport.test", "roles": "sales"})
    assert wrong.status_code == 422
    taken = screens.post("/access/people/new", {"name": "New One", "email": "seller@rapport.test", "roles": "sales"})
    assert taken.status_code == 422
    assert 'id="e-email"' in taken.content.decode()
    made = screens.post("/access/people/new", {"name": "New One", "email": "new@rapport.test", "roles": ["sales"]})
    link = re.search(r"http://testserver(/join/[\w-]+)", made.content.decode())
    assert link
    user = User.objects.get(email="new@rapport.test")
    assert link[1] not in screens.get(f"/access/people/{user.id}").content.decode()
    assert link[1].encode() not in str(Invitation.objects.get(user=user).__dict__).encode()
    visitor = Client()
    assert "New One" in visitor.get(link[1]).content.decode()
    assert visitor.post(link[1], {"password": "short"}).status_code == 422
    assert visitor.post(link[1], {"password": PASSWORD})["Location"] == "/"
    assert visitor.get("/deals").status_code == 200
    assert Client().get(link[1]).status_code == 404
    assert Client().post(link[1], {"password": PASSWORD}).status_code == 404


def test_a_link_ends_by_time_by_a_newer_one_and_with_its_person(screens: Client, admin: User, seller: User) -> None:
    first = invitations.make(seller.id, admin.id, NOBODY)
    second = invitations.make(seller.id, admin.id, NOBODY)
    assert (invitations.holder(first), invitations.holder(second)) == (None, seller)
    db.execute("UPDATE invitation SET expires_at = created_at")
    assert invitations.holder(second) is None
    third = invitations.make(seller.id, admin.id, NOBODY)
    screens.post(f"/access/people/{seller.id}/switch", {"active": "0"})
    assert invitations.holder(third) is None
    assert screens.post(f"/access/people/{seller.id}/invite").status_code == 422


def test_who_is_switched_off_is_out_everywhere_and_comes_back_with_nothing_open(
    screens: Client, seller: User, api: Clients, browser_of: Callable[[User], Client]
) -> None:
    program, browser = api(seller), browser_of(seller)
    with as_system("tests"):
        write.create(registry.get("deal"), {"name": "Left behind", "owner": seller.id})
    screens.post(f"/access/people/{seller.id}/switch", {"active": "0"})
    assert program.get("deals").status_code == 401
    assert browser.get("/deals").status_code == 302
    assert "Still responsible for" in screens.get(f"/access/people/{seller.id}").content.decode()
    screens.post(f"/access/people/{seller.id}/switch", {"active": "1"})
    assert program.get("deals").status_code == 401
    assert browser.get("/deals").status_code == 302
    assert not Session.objects.filter(user=seller).exists()


def test_what_somebody_owns_is_handed_over(screens: Client, seller: User, other_seller: User) -> None:
    with as_system("tests"):
        deal = write.create(registry.get("deal"), {"name": "Left behind", "owner": seller.id})
    answer = screens.post(f"/access/people/{seller.id}/hand-over", {"to": other_seller.id})
    assert answer["Location"].startswith("/bulk/")
    nobody = screens.post(f"/access/people/{seller.id}/hand-over", {"to": seller.id})
    assert nobody.status_code == 422
    work()
    assert Deal.objects.get(id=deal.id).owner_id == other_seller.id


@pytest.mark.parametrize("door", ["roles", "switch", "api", "grants", "email", "undo"])
def test_nobody_can_lock_everybody_out(
    door: str, screens: Client, admin: User, api: Clients, acting: Callable[..., Any]
) -> None:
    with as_system("tests"):
        keeper = granting.copy(role_of("admin"), "Keepers")
    snapshot.forget()
    where = f"/access/people/{admin.id}"
    if door == "roles":
        assert "Nobody would be left" in screens.post(f"{where}/roles", {"roles": ["sales"]}).content.decode()
    elif door == "switch":
        assert "Nobody would be left" in screens.post(f"{where}/switch", {"active": "0"}).content.decode()
    elif door == "api":
        assert api(admin).patch(f"users/{admin.id}", {"is_active": False}).status_code == 422
    elif door == "email":
        assert api(admin).patch(f"users/{admin.id}", {"email": None}).status_code == 422
    elif door == "grants":
        screens.post(f"{where}/roles", {"roles": [keeper.key]})
        assert "Nobody would be left" in said(cell(screens, "keepers", "*.change", "team"))["text"]
    else:
        screens.post(f"{where}/roles", {"roles": ["admin", "sales"]})
        row = db.one("SELECT operation FROM change WHERE verb = 'appointed' ORDER BY id DESC LIMIT 1")
        assert row
        screens.post(f"{where}/roles", {"roles": [keeper.key, "sales"]})
        with acting(admin):
            revert.revert(str(db.unkey(row[0])))
    snapshot.forget()
    assert access.actor_of(User.objects.get(id=admin.id)).level("role", "change") == 3
    assert screens.get("/access/people").status_code == 200


def test_nobody_gives_more_than_he_has(
    admin: User, manager: User, seller: User, browser_of: Callable[[User], Client], acting: Callable[..., Any]
) -> None:
    """A keeper of people and roles who may not export: he gives no right to export, and no administrator's role."""
    with as_system("tests"):
        role = write.create(registry.get("role"), {"name": "Office"})
        granting.grant(role.id, {(key, verb): "all" for key in ("user", "role") for verb in ("view", "change")})
        appointing.appoint(manager.id, [role.key])
    with acting(manager):
        with pytest.raises(Forbidden):
            granting.grant(role_of("sales"), {("deal", "export"): "all"})
        with pytest.raises(Forbidden):
            appointing.appoint(seller.id, ["sales", "admin"])
        with pytest.raises(Forbidden):
            appointing.appoint(admin.id, ["sales"])
    browser = browser_of(manager)
    browser.handler.enforce_csrf_checks = False
    assert browser.post(f"/access/people/{admin.id}/invite").status_code == 403
    assert browser.post(f"/access/people/{admin.id}/view-as").status_code == 403


def test_only_administrators_come_here(
    manager: User, seller: User, browser_of: Callable[[User], Client], api: Clients
) -> None:
    for user in (manager, seller):
        browser = browser_of(user)
        browser.handler.enforce_csrf_checks = False
        for path in ("/access", "/access/people", "/access/people/new", "/access/roles", "/access/compare"):
            assert browser.get(path).status_code == 403
        assert browser.post(f"/access/people/{user.id}/roles", {"roles": "admin"}).status_code == 403
        assert api(user).get("roles").status_code == 403


def test_a_session_left_open_is_asked_for_the_password_first(screens: Client, seller: User) -> None:
    db.execute("UPDATE user_session SET proved_at = created_at")
    db.execute("UPDATE user_session SET proved_at = NULL")
    answer = screens.post(f"/access/people/{seller.id}/roles", {"roles": "admin"})
    assert answer["Location"].startswith("/account/confirm")
    assert set(appointing.held_by(seller.id)) == {"sales"}


def test_one_object_across_all_roles(screens: Client) -> None:
    page = screens.get("/access/compare?of=party").content.decode()
    for name in ("Administrator", "Manager", "Sales", "Service", "Read only"):
        assert name in page
    assert "Sees and changes own ones; adds new ones." in page
    assert screens.get("/access/compare?of=starship").status_code == 404


def test_roles_are_read_and_named_through_the_api(admin: User, api: Clients) -> None:
    client = api(admin)
    made = client.make("roles", {"name": "Auditors"})
    assert made["key"] == "auditors"
    assert client.patch(f"roles/{made['id']}", {"description": "From outside"}).status_code == 200
    assert client.patch(f"roles/{made['id']}", {"key": "admin"}).status_code == 403
    assert {role["key"] for role in client.items("roles")} >= {"admin", "sales", "auditors"}
    again = client.make("roles", {"name": "Auditors!"})
    assert again["key"] == "auditors_2"


def test_a_role_given_by_the_command_line_still_counts(seller: User) -> None:
    accounts.give_role(seller, "readonly")
    assert access.actor_of(seller).level("deal", "view") == 3


def test_a_field_is_withheld_on_its_screen_proven_and_undone(screens: Client, seller: User, api: Clients) -> None:
    theirs, role = api(seller), role_of("sales")
    deal = theirs.make("deals", {"name": "Mill", "amount": "7.00", "currency": "USD"})
    at = f"/access/roles/{role}/fields/deal"
    page = screens.get(at).content.decode()
    [select] = re.findall(r'<select[^>]*name="name".*?</select>', page, re.DOTALL)
    assert re.findall(r'value="(\w+)"', select) == ["write", "read"], "a deal without its name is none"
    answer = screens.post(f"{at}/limit", {"only": "amount", "amount": "hidden"}, headers={"HX-Request": "true"})
    assert said(answer)["text"] == "Value: Hidden"
    assert "amount" not in theirs.get(f"deals/{deal['id']}").json()
    whole = screens.get(f"/access/roles/{role}").content.decode()
    assert "1 field withheld" in whole
    assert "Deals › Value" in whole
    screens.post(said(answer)["undo"], headers={"HX-Request": "true"})
    assert theirs.get(f"deals/{deal['id']}").json()["amount"] == "7.00"
    refused = screens.post(f"{at}/limit", {"only": "stage", "stage": "hidden"}, headers={"HX-Request": "true"})
    assert "can be" in said(refused)["text"]
    assert screens.get(f"/access/roles/{role}/fields/pipeline").status_code == 404


def test_what_a_party_is_to_us_is_undone_like_any_field(admin: User, acting: Callable[..., Any]) -> None:
    party = registry.get("party")
    with acting(admin):
        key = write.create(party, {"name": "Acme", "roles": ["customer"], "email": "a@acme.example"}).id
        with write.operation() as done:
            write.change(party, key, {"roles": ["supplier"], "email": "b@acme.example"})
        assert revert.revert(done.id).failed == []
        assert party.model._default_manager.get(id=key).email == "a@acme.example"  # type: ignore[attr-defined]
