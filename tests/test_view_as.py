"""View as: an administrator sees what somebody else sees, changes nothing, and it is written down."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.platform import db
from rapport.platform.actor import acting_as, as_system, trusted
from rapport.platform.identity import access, sign_ins, viewing
from rapport.platform.identity.models import Session, User
from rapport.platform.identity.sign_ins import NOBODY
from rapport.records import appointing, field_limits, granting, read, registry, write
from rapport.records.errors import Forbidden
from rapport.records.live import entry, topics
from rapport.records.live.connection import Connection
from rapport.records.operation import operation
from rapport.records.read import Query

Browser = Callable[[User], Client]
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def looking(admin: User, seller: User, other_seller: User, browser_of: Browser) -> Client:
    """The administrator, looking through the eyes of the seller; each seller has a deal."""
    with as_system("tests"):
        for owner, name in ((seller, "Zebra of Sam"), (other_seller, "Zebra of Olga")):
            write.create(registry.get("deal"), {"name": name, "owner": owner.id})
    client = browser_of(admin)
    client.handler.enforce_csrf_checks = False
    answer = client.post(f"/access/people/{seller.id}/view-as")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    return client


def secret_of(client: Client) -> str:
    return client.cookies["rapport_session"].value


def test_he_sees_what_the_other_sees_under_a_bar_that_says_so(looking: Client) -> None:
    page = looking.get("/deals?view=table").content.decode()
    assert ("Zebra of Sam" in page, "Zebra of Olga" in page) == (True, False)
    for path in ("/deals", "/my-day", "/parties", "/search?q=zebra"):
        assert "You see Rapport as Sam Seller sees it" in looking.get(path).content.decode()
    assert {item["name"] for item in looking.get("/api/v1/deals").json()["items"]} == {"Zebra of Sam"}
    looking.post("/view-as/stop")
    page = looking.get("/deals?view=table").content.decode()
    assert ("Zebra of Olga" in page, "You see Rapport as" in page) == (True, False)


def test_every_write_is_refused_in_words(looking: Client, seller: User) -> None:
    deal = looking.get("/api/v1/deals").json()["items"][0]["id"]
    before = db.one("SELECT count(*) FROM change")
    for path in (
        "/deals/new", f"/deals/{deal}/edit", f"/deals/{deal}/bin", f"/deals/{deal}/field/name", "/my-day",
        f"/deals/{deal}/share", "/deals/view", "/deals/columns", "/deals/bulk", "/notifications/read", "/imports/new",
        "/undo/" + "0" * 32,
        "/account/password", "/account/tokens/new", "/no/such/page",
    ):  # fmt: skip
        answer = looking.post(path, {"name": "Mine now"}, headers=FRAGMENT)
        assert answer.status_code == 403, path
        assert "nothing can be changed" in answer["HX-Trigger"]
        assert "nothing can be changed" in looking.post(path, {"name": "Mine now"}).content.decode()
    for method in ("post", "patch", "delete", "put"):
        answer = getattr(looking, method)(f"/api/v1/deals/{deal}", {"name": "x"}, content_type="application/json")
        assert (answer.status_code, "nothing can be changed" in answer.json()["detail"]) == (403, True)
    assert db.one("SELECT count(*) FROM change") == before
    found = access.by_session(secret_of(looking))
    assert found is not None
    assert found.actor.viewer


def test_the_engine_writes_nothing_either(admin: User, seller: User, browser_of: Browser) -> None:
    """Even where a page wrote while it is only looked at."""
    client = browser_of(admin)
    session = Session.objects.latest("id").id
    viewing.begin(session, admin.id, seller.id, NOBODY)
    found = access.by_session(secret_of(client))
    assert found is not None
    with acting_as(found.actor):
        with pytest.raises(Forbidden):
            write.create(registry.get("deal"), {"name": "No"})
        with trusted("a consequence"), pytest.raises(Forbidden), operation():
            pass
        assert read.count(Query(registry.get("deal"), sort=("created_at",), fields=("id",))) == 0
        with pytest.raises(Forbidden):
            list(read.everything(Query(registry.get("deal"), verb="export")))


def test_what_is_his_alone_stays_shut(looking: Client) -> None:
    for path in ("/account", "/account/security", "/account/tokens", "/security", "/access", "/sign-in"):
        answer = looking.get(path)
        assert answer.status_code == 403, path
        assert "alone" in answer.content.decode()


def test_never_somebody_who_may_do_more(
    admin: User, manager: User, seller: User, reader: User, browser_of: Browser
) -> None:
    """Whoever keeps people and roles but sees only part of the records sees no more through others' eyes."""
    with as_system("tests"):
        office = write.create(registry.get("role"), {"name": "Office"})
        granting.grant(office.id, {(key, verb): "all" for key in ("user", "role") for verb in ("view", "change")})
        appointing.appoint(manager.id, ["manager", office.key])
    client = browser_of(manager)
    client.handler.enforce_csrf_checks = False
    for user in (admin, seller, reader):
        assert client.post(f"/access/people/{user.id}/view-as").status_code == 403
        assert "view-as" not in client.get(f"/access/people/{user.id}").content.decode()
    with as_system("tests"):
        verbs = ("view", "add", "change", "delete", "export", "erase")
        granting.grant(office.id, {("*", verb): "all" for verb in verbs})
        appointing.appoint(manager.id, [office.key])
    client = browser_of(manager)
    client.handler.enforce_csrf_checks = False
    assert client.post(f"/access/people/{seller.id}/view-as").status_code == 302
    assert client.post("/view-as/stop").status_code == 302
    with as_system("tests"):
        field_limits.limit(office.id, registry.get("deal"), {"amount": "hidden"})
    assert client.post(f"/access/people/{seller.id}/view-as").status_code == 403, "the seller sees what deals are worth"
    client = browser_of(admin)
    client.handler.enforce_csrf_checks = False
    assert client.post(f"/access/people/{admin.id}/view-as").status_code == 403
    assert client.post(f"/access/people/{'0' * 32}/view-as").status_code == 404


def test_it_is_written_down_when_it_began_and_ended(looking: Client, admin: User, seller: User) -> None:
    looking.post("/view-as/stop")
    told = [(each["kind"], each["user"]["title"], each["actor"]["title"]) for each in sign_ins.of(seller.id)]
    assert told == [("view_as_ended", seller.name, admin.name), ("view_as_began", seller.name, admin.name)]
    page = looking.get("/security").content.decode()
    assert "Seen through this person’s eyes" in page or "Seen through this person&#39;s eyes" in page


def test_it_ends_by_time_by_a_change_of_rights_and_with_the_session(
    looking: Client, admin: User, seller: User, reader: User
) -> None:
    def seen() -> str:
        found = access.by_session(secret_of(looking))
        return found.actor.name if found else "nobody"

    assert seen() == "Sam Seller"
    db.execute("UPDATE user_session SET as_until = created_at WHERE as_until IS NOT NULL")
    assert seen() == "Ada Admin"
    viewing.end_expired()
    assert sign_ins.of(seller.id)[0]["kind"] == "view_as_ended"
    looking.post(f"/access/people/{seller.id}/view-as")
    assert seen() == "Sam Seller"
    with as_system("tests"):
        appointing.appoint(reader.id, ["sales"])
    assert seen() == "Ada Admin"
    looking.post(f"/access/people/{seller.id}/view-as")
    with as_system("tests"):
        write.change(registry.get("user"), seller.id, {"is_active": False})
    assert seen() == "Ada Admin"
    with as_system("tests"):
        write.change(registry.get("user"), seller.id, {"is_active": True})
    looking.post(f"/access/people/{seller.id}/view-as")
    assert seen() == "Sam Seller"
    looking.post("/sign-out")
    assert seen() == "nobody"


def test_who_is_switched_off_looks_no_more(looking: Client, admin: User) -> None:
    db.execute("UPDATE user_account SET is_active = %s WHERE id = %s", (False, db.key(admin.id)))
    assert access.by_session(secret_of(looking)) is None


def test_an_open_stream_follows_the_eyes(looking: Client, admin: User, seller: User) -> None:
    """A page of one's own hears nothing more once one looks through another's eyes, and the other way round."""
    session = Session.objects.exclude(as_user=None).get().id

    loop = asyncio.new_event_loop()
    own, seen = (
        Connection(secret_of(looking), topics.read(topics.sign(user.id, session, ())), None, loop)
        for user in (admin, seller)
    )  # fmt: skip
    assert (entry.admit(own), entry.admit(seen)) == (403, 200)
    assert seen.reader.viewer == admin.id
    viewing.end(session)
    assert (entry.admit(own), entry.admit(seen)) == (200, 403)
    loop.close()


def test_it_is_in_no_cookie(looking: Client, seller: User, admin: User, browser_of: Browser) -> None:
    for name, cookie in looking.cookies.items():
        assert seller.id not in cookie.value, name
    fresh = browser_of(admin)  # another session of the same administrator is his own
    assert "You see Rapport as" not in fresh.get("/my-day").content.decode()


def test_who_came_is_asked_in_one_statement(looking: Client, django_assert_num_queries: Any) -> None:
    secret = secret_of(looking)
    access.by_session(secret)
    with django_assert_num_queries(1):
        access.by_session(secret)
