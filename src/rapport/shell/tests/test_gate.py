"""The gate: first visit, signing in and out, guessing, forged forms, and the headers of every answer."""

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.identity import access, accounts
from rapport.platform.identity.models import Session, User
from rapport.platform.web.middleware import HEADERS
from tests.people import PASSWORD, Api, address


def sign_in(client: Client, who: str = "seller", password: str = PASSWORD, **more: str) -> HttpResponse:
    return client.post("/sign-in", {"email": address(who), "password": password} | more)


@pytest.fixture
def empty(organisation: None) -> None:
    """An installation that nobody has entered yet."""
    db.execute("UPDATE user_account SET password = ''")


FIRST = {"organisation": "Acme", "name": "First", "email": "first@example.com", "password": "a quiet river"}


def test_the_first_visit_makes_the_administrator_and_shuts_the_door(empty: None) -> None:
    client = Client()
    assert client.get("/sign-in")["Location"] == client.get("/parties")["Location"] == "/welcome"
    weak = client.post("/welcome", FIRST | {"password": "12345678"})
    assert weak.status_code == 422
    assert not accounts.anybody()
    assert client.post("/welcome", FIRST)["Location"] == "/"
    assert client.get("/parties?view=organisations").status_code == 200
    user = User.objects.get(email="first@example.com")
    assert [role.key for role in user.roles.all()] == ["admin"]
    stranger = Client()
    for answer in (stranger.get("/welcome"), stranger.post("/welcome", FIRST | {"email": "second@example.com"})):
        assert answer["Location"] == "/"
    assert not User.objects.filter(email="second@example.com").exists()


def test_signing_in_opens_a_session_that_scripts_cannot_read_and_signing_out_ends_it(organisation: None) -> None:
    client = Client()
    answer = sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    cookie = answer.cookies["rapport_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 14 * 86400)
    assert cookie.value not in str(list(Session.objects.values())), "only the digest is kept"
    assert client.get("/parties").status_code == 200
    assert client.get("/api/v1/parties").status_code == 200
    client.get("/sign-out")
    assert client.get("/parties").status_code == 200, "a link from elsewhere signs nobody out"
    client.post("/sign-out")
    client.cookies["rapport_session"] = cookie.value
    assert client.get("/parties").status_code == 302
    assert client.get("/api/v1/parties").status_code == 401


def test_cookies_travel_over_https_only_where_there_is_https(organisation: None, settings: object) -> None:
    settings.SECURE = True  # type: ignore[attr-defined]
    answer = sign_in(Client())
    assert answer.cookies["rapport_session"]["secure"]
    assert "max-age=31536000" in answer["Strict-Transport-Security"]


def test_a_session_and_a_token_end_when_their_time_is_over(seller: User) -> None:
    secret, token = access.open_session(seller), access.make_token(seller, "t")
    assert access.by_session(secret)
    assert access.by_token(token)
    Session.objects.update(expires_at=now())
    db.execute("UPDATE api_token SET revoked_at = created_at")
    assert access.by_session(secret) is None
    assert access.by_token(token) is None


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(organisation: None) -> None:
    answers = [
        sign_in(Client(), "seller", "wrong"),
        sign_in(Client(), "nobody", "wrong"),
        sign_in(Client(), "seller", ""),
    ]
    assert [answer.status_code for answer in answers] == [422] * 3
    assert (
        len(
            {
                answer.content.replace(address("nobody").encode(), address("seller").encode())[-400:]
                for answer in answers
            }
        )
        == 1
    )


def test_a_password_of_one_account_opens_no_other_and_case_matters_only_in_passwords(organisation: None) -> None:
    assert Client().post("/sign-in", {"email": "SELLER@Rapport.Test ", "password": PASSWORD}).status_code == 302
    assert sign_in(Client(), "seller", PASSWORD.upper()).status_code == 422


@pytest.mark.parametrize("email", ["\x00", "a\x00@b", "x" * 5000, "'; --", "é@é", ""])
def test_no_address_however_odd_breaks_the_gate(email: str, organisation: None) -> None:
    assert Client().post("/sign-in", {"email": email, "password": "x\x00"}).status_code in (422, 429)


@pytest.mark.parametrize(
    "onward",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "/%2F/evil.example\\@x",
        "evil.example",
        "///evil.example",
        "/\n/evil.example",
        "http:/evil.example",
    ],
)
def test_signing_in_leads_nowhere_else(onward: str, organisation: None) -> None:
    for answer in (sign_in(Client(), next=onward), Client().post("/theme", {"value": "dark", "next": onward})):
        where = answer["Location"]
        assert where.startswith("/")
        assert not where.startswith(("//", "/\\")), where
        assert "evil" not in where or where.startswith("/%2F"), where
    assert sign_in(Client(), next="/deals?x=1")["Location"] == "/deals?x=1"


def test_a_forged_form_changes_nothing(seller: User, browser_of: Callable[[User], Client]) -> None:
    browser = browser_of(seller)
    for path, values in (
        ("/parties/new", {"name": "Forged"}),
        ("/deals/new", {"name": "Forged"}),
        ("/sign-out", {}),
        ("/theme", {"value": "dark"}),
        ("/sign-in", {"email": address("seller"), "password": PASSWORD}),
        ("/undo/" + "0" * 32, {}),
    ):
        assert browser.post(path, values).status_code == 403, path
    api = browser.post("/api/v1/parties", '{"name": "Forged"}', content_type="application/json")
    assert (api.status_code, api["Content-Type"]) == (403, "application/problem+json")
    assert browser.get("/api/v1/parties").json()["items"] == []
    browser.get("/parties/new")
    token = browser.cookies["csrftoken"].value
    real = browser.post("/parties/new", {"name": "Real", "kind": "organisation"}, headers={"X-CSRFToken": token})
    assert real.status_code == 302
    by_api = browser.post(
        "/api/v1/parties", '{"name": "Two"}', content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert by_api.status_code == 201


def test_every_answer_carries_the_security_headers(
    seller: User, browser_of: Callable[[User], Client], api: Callable[..., Api]
) -> None:
    browser = browser_of(seller)
    answers = {
        path: browser.get(path)
        for path in (
            "/",
            "/parties",
            "/deals",
            "/sign-in",
            "/welcome",
            "/nothing/at/all",
            "/parties/xyz",
            "/healthz",
            "/readyz",
            "/static/none.js",
            "/api/v1/parties",
            "/api/v1/nothing",
            "/search?q=x",
            "/lookup/users",
        )
    }
    answers["401"] = Client().get("/api/v1/parties")
    answers["403"] = browser.post("/parties/new", {})
    unguarded = Client()
    unguarded.cookies["rapport_session"] = browser.cookies["rapport_session"].value
    answers["405"] = unguarded.put("/parties")
    answers["host"] = Client(headers={"Host": "evil.example"}).get("/sign-in")
    assert answers["host"].status_code == 400
    assert answers["405"].status_code == 405
    for path, answer in answers.items():
        for name, value in HEADERS.items():
            assert answer.headers.get(name) == value or name == "Cache-Control", (path, name)
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert "Server" not in answer.headers


def test_answers_about_people_are_kept_by_no_cache_between(
    seller: User, browser_of: Callable[[User], Client], api: Callable[..., Api]
) -> None:
    answers = [browser_of(seller).get("/parties"), api(seller).get("parties"), browser_of(seller).get("/search?q=x")]
    for answer in answers:
        assert "no-store" in answer.headers.get("Cache-Control", "") or "private" in answer.headers.get(
            "Cache-Control", ""
        )


def test_a_page_that_is_not_there_says_so_in_the_frame_of_the_product(
    seller: User, browser_of: Callable[[User], Client]
) -> None:
    for path in ("/parties/" + "0" * 32, "/parties/xyz", "/deals/xyz"):
        answer = browser_of(seller).get(path)
        assert answer.status_code == 404
        assert b"Nothing here" in answer.content
