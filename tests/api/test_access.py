"""Who may do what, read and changed by programs: as on the screens, and only with a token for it."""

from collections.abc import Callable
from typing import Any

import pytest

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import access, accounts, snapshot
from rapport.platform.identity.models import Role, User
from rapport.records import granting, registry, revert, write
from tests.people import Api

Client = Callable[..., Api]
NO_ID = "0123456789abcdef0123456789abcdef"


def role_of(key: str) -> str:
    return str(Role.objects.get(key=key).id)


@pytest.fixture
def ada(admin: User, api: Client) -> Api:
    return api(admin, "admin")


def put(client: Api, path: str, body: Any, **given: Any) -> Any:
    return client.ask("PUT", path, body, **given)


def test_grants_are_read_changed_one_by_one_and_as_a_whole(ada: Api, seller: User, api: Client) -> None:
    path = f"roles/{role_of('sales')}/grants"
    read = ada.get(path)
    held = read.json()["grants"]
    assert held["deal.view"] == "own"
    assert read["ETag"] == f'"{read.json()["version"]}"'
    some = ada.patch(path, {"grants": {"deal.view": "none", "deal.export": "own"}})
    assert some.status_code == 200, some.content
    assert some.json()["grants"] == {k: v for k, v in held.items() if k != "deal.view"} | {"deal.export": "own"}
    assert api(seller).get("deals").status_code == 403
    whole = put(ada, path, {"grants": held})
    assert whole.json().get("grants") == held, whole.content.decode()
    assert api(seller).get("deals").status_code == 200
    assert put(ada, path, {"grants": held}).json()["operation"] is None, "nothing was to be done"
    only = put(ada, path, {"grants": {"party.view": "own"}})
    assert only.json()["grants"] == {"party.view": "own"}
    assert api(seller).get("deals").status_code == 403
    told = ada.items(f"roles/{role_of('sales')}/changes")
    assert (told[0]["verb"], told[0]["source"]) == ("granted", "api")
    with as_system("tests"):
        revert.revert(only.json()["operation"])
    assert ada.get(path).json()["grants"] == held


def test_what_a_colleague_changed_meanwhile_is_not_overwritten(ada: Api) -> None:
    for part, body in (("grants", {"grants": {"deal.export": "own"}}), ("fields", {"fields": {"deal.amount": "read"}})):
        path = f"roles/{role_of('sales')}/{part}"
        etag = ada.get(path)["ETag"]
        assert ada.patch(path, body, headers={"If-Match": etag}).status_code == 200
        for method in ("PUT", "PATCH"):
            stale = ada.ask(method, path, body, headers={"If-Match": etag})
            assert (stale.status_code, len(stale.json()["changes"])) == (412, 1)
    path = f"users/{User.objects.get(name='Sam Seller').id}/roles"
    etag = ada.get(path)["ETag"]
    assert put(ada, path, {"roles": ["sales", "service"]}, headers={"If-Match": etag}).status_code == 200
    assert put(ada, path, {"roles": ["sales"]}, headers={"If-Match": etag}).status_code == 412


@pytest.mark.parametrize(
    ("part", "body", "status", "word"),
    [
        ("grants", {}, 422, '{"grants": {"deal.view": "own"}}'),
        ("grants", {"grants": {"deal.view": "own"}, "more": 1}, 422, "Send"),
        ("grants", {"grants": {"deal.view": 1}}, 422, "Send"),
        ("grants", {"grants": {"deel.view": "own"}}, 422, "deel.view: There is no “deel”"),
        ("grants", {"grants": {"deal.fly": "own"}}, 422, "deal.fly: “fly” is no right there"),
        ("grants", {"grants": {"deal.view": "some"}}, 422, "none, own, team, all"),
        ("grants", {"grants": {"pipeline.change": "own"}}, 422, "none, all"),
        ("fields", {"fields": {"deal.colour": "hidden"}}, 422, "no field “colour”"),
        ("fields", {"fields": {"deal.name": "hidden"}}, 422, "can be: write, read"),
        ("fields", {"fields": {"deel.name": "hidden"}}, 422, "no “deel”"),
        ("fields", {"fields": {"pipeline.name": "read"}}, 422, "as a whole"),
        ("fields", {"fields": ["deal.name"]}, 422, "Send"),
    ],
)
def test_what_is_not_understood_changes_nothing(part: str, body: Any, status: int, word: str, ada: Api) -> None:
    path = f"roles/{role_of('sales')}/{part}"
    before = ada.get(path).json()
    for method in ("PUT", "PATCH"):
        answer = ada.ask(method, path, body)
        assert (answer.status_code, word in answer.json()["detail"]) == (status, True), answer.content
    assert ada.get(path).json() == before


def test_fields_of_several_objects_are_withheld_as_one_deed(ada: Api, seller: User, api: Client) -> None:
    path = f"roles/{role_of('sales')}/fields"
    assert ada.get(path).json()["fields"] == {}
    done = ada.patch(path, {"fields": {"deal.amount": "hidden", "party.industry": "read"}})
    assert done.json()["fields"] == {"deal.amount": "hidden", "party.industry": "read"}
    assert api(seller).get("deals", fields="amount").status_code == 400
    assert api(seller).post("parties", {"name": "Firm", "industry": "x"}).status_code == 403
    assert ada.patch(path, {"fields": {"deal.amount": "read", "deal.colour": "read"}}).status_code == 422
    assert ada.get(path).json()["fields"]["deal.amount"] == "hidden", "all or nothing"
    assert put(ada, path, {"fields": {"deal.probability": "read"}}).json()["fields"] == {"deal.probability": "read"}
    assert api(seller).get("deals", fields="amount").status_code == 200
    with as_system("tests"):
        revert.revert(done.json()["operation"])
    assert ada.get(path).json()["fields"] == {"deal.probability": "read"}


def test_nobody_is_locked_out_and_nobody_gives_more_than_he_has(
    ada: Api, admin: User, seller: User, api: Client
) -> None:
    refused = ada.patch(f"roles/{role_of('admin')}/grants", {"grants": {"deal.view": "none"}})
    assert (refused.status_code, "locked out" in refused.json()["detail"]) == (422, True)
    assert put(ada, f"users/{admin.id}/roles", {"roles": ["sales"]}).status_code == 422
    assert ada.get(f"users/{admin.id}/roles").json()["roles"] == ["admin"]
    with as_system("tests"):
        clerk = write.create(registry.get("role"), {"name": "Clerk"})
        keeps = {("role", "view"): "all", ("role", "change"): "all", ("user", "view"): "all", ("user", "change"): "all"}
        granting.grant(clerk.id, keeps)
        user = write.create(registry.get("user"), {"name": "Clara Clerk", "email": "clara@rapport.test"})
        accounts.give_role(user, clerk.key)
    snapshot.forget()
    clara = api(user, "admin")
    assert clara.patch(f"roles/{role_of('sales')}/grants", {"grants": {"deal.erase": "all"}}).status_code == 403
    assert put(clara, f"users/{user.id}/roles", {"roles": ["clerk", "admin"]}).status_code == 403
    assert clara.post(f"users/{admin.id}/invitation").status_code == 403
    assert put(clara, f"users/{seller.id}/roles", {"roles": ["sales", "clerk"]}).status_code == 200


def test_a_token_that_writes_is_not_enough(admin: User, seller: User, api: Client) -> None:
    sales = role_of("sales")
    asks: list[tuple[str, str, Any]] = [
        ("GET", f"roles/{sales}/grants", None), ("PATCH", f"roles/{sales}/grants", {"grants": {"deal.view": "none"}}),
        ("PUT", f"roles/{sales}/fields", {"fields": {}}), ("PUT", f"users/{seller.id}/roles", {"roles": []}),
        ("GET", f"users/{seller.id}/roles", None), ("POST", f"users/{seller.id}/invitation", None),
    ]  # fmt: skip
    for client, word in (
        (api(admin), "scope “admin”"),
        (api(admin, "read"), "scope “admin”"),
        (api(seller, "admin"), "may not"),
    ):
        for method, path, body in asks:
            answer = client.ask(method, path, body)
            assert answer.status_code == 403, (method, path, answer.content)
            if word.startswith("scope"):
                assert word in answer.json()["detail"]
    for method, path, body in asks:
        assert api(None).ask(method, path, body).status_code == 401
        nowhere = path.replace(sales, NO_ID).replace(seller.id, NO_ID)
        assert api(admin, "admin").ask(method, nowhere, body).status_code == 404, path
    assert db.rows("SELECT id FROM change WHERE verb IN ('granted', 'limited', 'appointed')") == []


def test_an_open_browser_shows_first_that_it_is_he(admin: User, organisation: None) -> None:
    client = Api()
    client.cookies["rapport_session"] = access.open_session(admin)
    path = f"roles/{role_of('sales')}/grants"
    assert client.patch(path, {"grants": {"deal.export": "own"}}).status_code == 200
    db.execute("UPDATE user_session SET proved_at = NULL", ())
    refused = client.patch(path, {"grants": {"deal.export": "all"}})
    assert (refused.status_code, "/account/confirm" in refused.json()["detail"]) == (403, True)
    assert client.get(path).status_code == 200


def test_somebody_is_made_appointed_invited_switched_off_and_on(ada: Api, api: Client) -> None:
    user = ada.make("users", {"name": "Nora New", "email": "nora@rapport.test", "team": "North"})["id"]
    assert ada.get(f"users/{user}/roles").json()["roles"] == []
    given = put(ada, f"users/{user}/roles", {"roles": ["sales", "service"]})
    assert (given.status_code, given.json()["roles"]) == (200, ["sales", "service"])
    for wrong in ({"roles": "sales"}, {"roles": [1]}, {}, {"roles": ["pilot"]}):
        assert put(ada, f"users/{user}/roles", wrong).status_code == 422
    first, second = (ada.post(f"users/{user}/invitation") for _time in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["link"].startswith("http://testserver/join/")
    assert Api().get(first.json()["link"].removeprefix("http://testserver")).status_code == 404
    assert Api().get(second.json()["link"].removeprefix("http://testserver")).status_code == 200
    told = db.rows("SELECT kind FROM sign_in_event ORDER BY id")
    assert [kind for (kind,) in told] == ["roles_given", "invited", "invited"]
    ada.patch(f"users/{user}", {"is_active": False})
    off = ada.post(f"users/{user}/invitation")
    assert (off.status_code, "Switched on" in off.json()["detail"]) == (422, True)
    ada.patch(f"users/{user}", {"is_active": True})
    assert ada.get(f"users/{user}/roles").json()["roles"] == ["sales", "service"]


def test_who_works_a_territory_is_read_and_set_with_the_proof(ada: Api, seller: User, other_seller: User) -> None:
    north = ada.post("territories", {"name": "North"}).json()["id"]
    path = f"territories/{north}/people"
    read = ada.get(path)
    assert read.json() == {"people": [], "version": 1}
    given = put(ada, path, {"people": [seller.id, "OTHER_SELLER@rapport.test"]})
    assert given.status_code == 200, given.content
    assert set(given.json()["people"]) == {seller.id, other_seller.id}
    assert put(ada, path, {"people": [seller.email, other_seller.id]}).json()["operation"] is None
    stale = put(ada, path, {"people": []}, headers={"If-Match": read["ETag"]})
    assert (stale.status_code, len(stale.json()["changes"])) == (412, 1)
    less = ada.patch(path, {"remove": [seller.id]})
    assert less.json()["people"] == [other_seller.id]
    told = ada.items(f"territories/{north}/changes")
    assert [(each["verb"], each["source"]) for each in told[:2]] == [("staffed", "api")] * 2
    with as_system("tests"):
        revert.revert(less.json()["operation"])
    assert set(ada.get(path).json()["people"]) == {seller.id, other_seller.id}


def test_people_of_territories_are_for_administrators_and_must_be_there(
    ada: Api, admin: User, manager: User, api: Client
) -> None:
    path = f"territories/{ada.post('territories', {'name': 'North'}).json()['id']}/people"
    for wrong, at in (({"people": ["nobody@rapport.test"]}, "people"), ({"people": [NO_ID]}, "people"),
                      ({"people": "x"}, "people"), ({}, "people"), ({"add": []}, "people")):  # fmt: skip
        refused = put(ada, path, wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, at)
    assert ada.patch(path, {"people": []}).status_code == 422
    assert put(ada, f"territories/{NO_ID}/people", {"people": []}).status_code == 404
    for client in (api(manager, "admin"), api(admin)):
        assert client.get(path).status_code == 403
        assert put(client, path, {"people": []}).status_code == 403
    assert ada.get(path).json()["people"] == []
