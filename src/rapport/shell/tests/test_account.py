"""One's own account: profile, password, sessions, tokens, and the trace of it all."""

import datetime as dt
import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.events import stream
from rapport.platform.identity import access, accounts, seen, sessions
from rapport.platform.identity.devices import in_words
from rapport.platform.identity.models import ApiToken, Session, User
from rapport.platform.identity.sign_in_models import SignInEvent
from tests.people import PASSWORD, address

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)


def signed_in(who: str = "seller", agent: str = FIREFOX) -> Client:
    client = Client(headers={"User-Agent": agent})
    assert client.post("/sign-in", {"email": address(who), "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def number_of(client: Client) -> int:
    secret = client.cookies["rapport_session"].value
    return int(Session.objects.get(digest=access.digest(secret)).id)


def test_name_and_time_zone_are_ones_own_to_change_and_leave_a_trace(seller: User) -> None:
    browser = signed_in()
    answer = browser.post("/account/profile", {"name": "Samuel Seller", "time_zone": "Asia/Almaty"})
    assert answer["Location"] == "/account?done=profile"
    seller.refresh_from_db()
    assert (seller.name, seller.time_zone, seller.version) == ("Samuel Seller", "Asia/Almaty", 2)
    assert "Samuel Seller" in text(browser.get("/account"))
    for wrong in ({"name": "", "time_zone": "UTC"}, {"name": "Sam", "time_zone": "Mars/Base"}):
        assert browser.post("/account/profile", wrong).status_code == 422
    browser.post("/account/profile", {"name": "Sam", "time_zone": "UTC", "email": "x@example.com", "role": "admin"})
    seller.refresh_from_db()
    assert seller.email == address("seller"), "nothing else can be changed here"


def test_a_new_password_ends_the_other_sessions_and_the_old_one_is_worth_nothing(seller: User) -> None:
    here, there = signed_in(), signed_in(agent=PHONE)
    change = {"password": PASSWORD, "new_password": "another quiet river"}
    assert here.post("/account/password", change | {"password": "wrong"}).status_code == 422
    assert here.post("/account/password", change | {"new_password": "password123"}).status_code == 422
    assert is_in(there)
    assert here.post("/account/password", change)["Location"] == "/account?done=password"
    assert is_in(here)
    assert not is_in(there)
    assert Client().post("/sign-in", {"email": address("seller"), "password": PASSWORD}).status_code == 422
    again = {"email": address("seller"), "password": "another quiet river"}
    assert Client().post("/sign-in", again).status_code == 302
    assert list(SignInEvent.objects.filter(user=seller).values_list("kind", flat=True).order_by("id"))[2:4] == [
        "password_wrong", "password_changed",
    ]  # fmt: skip


def test_sessions_are_told_in_words_and_one_that_is_ended_is_out_at_once(seller: User) -> None:
    here, phone, third = signed_in(), signed_in(agent=PHONE), signed_in()
    page = text(here.get("/account/security"))
    assert "Firefox on Windows" in page
    assert "Safari on iPhone" in page
    assert page.count("This one") == 1
    before = stream.latest()
    here.post(f"/account/sessions/{number_of(phone)}/end")
    assert not is_in(phone)
    assert is_in(third)
    told = [(fact.name, fact.entity, fact.record) for fact in stream.after(before)]
    assert told == [("user.sessions_ended", "user", seller.id)], "open pages hear of it"
    here.post("/account/sessions/end-others")
    assert not is_in(third)
    assert is_in(here)
    kinds = list(SignInEvent.objects.order_by("id").values_list("kind", flat=True))
    assert kinds[-2:] == ["session_ended", "sessions_ended"]


def test_nobody_ends_a_session_or_revokes_a_token_of_somebody_else(seller: User, manager: User) -> None:
    mine, theirs = signed_in(), signed_in("manager")
    token = access.make_token(manager, "theirs")
    mine.post(f"/account/sessions/{number_of(theirs)}/end")
    mine.post(f"/account/tokens/{ApiToken.objects.get(name='theirs').id}/revoke")
    assert is_in(theirs)
    assert access.by_token(token)
    assert "theirs" not in text(mine.get("/account/tokens"))


def test_when_a_session_was_used_is_written_later_and_by_no_request(seller: User) -> None:
    browser = signed_in()
    old = now() - dt.timedelta(hours=3)
    Session.objects.update(seen_at=old)
    seen.write()
    with db.connection().execute_wrapper(_reading):
        for _n in range(3):
            assert browser.get("/parties").status_code == 200
    assert Session.objects.get().seen_at == old
    assert seen.write() == 1
    assert Session.objects.get().seen_at > now() - dt.timedelta(minutes=1)
    browser.get("/parties")
    assert seen.write() == 0, "once in ten minutes is enough"


def test_a_token_tells_when_it_was_used(seller: User) -> None:
    secret = access.make_token(seller, "report")
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/v1/parties").status_code == 200
    assert seen.write() == 1
    assert ApiToken.objects.get().seen_at is not None
    assert "not used yet" not in text(signed_in().get("/account/tokens"))


def _reading(execute: object, sql: str, params: object, many: bool, context: object) -> object:
    assert sql.lstrip().upper().startswith("SELECT"), sql
    return execute(sql, params, many, context)  # type: ignore[operator]


def test_a_token_is_shown_once_works_within_its_scope_and_is_over_when_revoked(seller: User) -> None:
    browser = signed_in()
    made = text(browser.post("/account/tokens/new", {"name": "Report", "scope": "read", "days": "30"}))
    secret = made.split('data-copy="')[1].split('"')[0]
    assert secret not in text(browser.get("/account/tokens"))
    assert "Report" in text(browser.get("/account/tokens"))
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/parties").status_code == 200
    assert program.post("/api/v1/parties", '{"name": "x"}', content_type="application/json").status_code == 403
    held = ApiToken.objects.get()
    assert abs(held.expires_at - now() - dt.timedelta(days=30)) < dt.timedelta(minutes=1)
    ApiToken.objects.update(expires_at=now())
    assert program.get("/api/v1/parties").status_code == 401
    assert "Expired" in text(browser.get("/account/tokens"))
    ApiToken.objects.update(expires_at=None)
    browser.post(f"/account/tokens/{held.id}/revoke")
    assert program.get("/api/v1/parties").status_code == 401
    assert list(SignInEvent.objects.filter(about="Report").values_list("kind", flat=True)) == [
        "token_made", "token_revoked",
    ]  # fmt: skip


def test_an_assistant_connects_with_the_settings_that_are_shown(seller: User) -> None:
    made = text(signed_in().post("/account/tokens/new", {"name": "Assistant", "scope": "read", "days": "30"}))
    shown = re.findall(r'<pre class="example" tabindex="0">({.*?)</pre>', made, re.DOTALL)
    settings = json.loads(html.unescape(shown[0]))["mcpServers"]["rapport"]
    assert settings["url"] == "http://testserver/mcp"
    ping = '{"jsonrpc": "2.0", "id": 1, "method": "ping"}'
    answer = Client(headers=settings["headers"]).post("/mcp", ping, content_type="application/json")
    assert answer.json()["result"] == {}


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"scope": "root"}, {"scope": "admin"}, {"days": "9999"}, {"days": "x"}]
)  # fmt: skip
def test_a_token_without_name_or_of_another_scope_is_not_made(wrong: dict[str, str], seller: User) -> None:
    values = {"name": "x", "scope": "read", "days": "30"} | wrong
    assert signed_in().post("/account/tokens/new", values).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_token_that_administers_is_made_by_who_administers(admin: User, browser_of: Any) -> None:
    browser = browser_of(admin)
    browser.handler.enforce_csrf_checks = False
    assert "Administer" in text(browser.get("/account/tokens/new"))
    browser.post("/account/tokens/new", {"name": "Directory", "scope": "admin", "days": "30"})
    assert ApiToken.objects.get().scope == "admin"
    assert "Administer" in text(browser.get("/account/tokens"))


def test_what_matters_asks_for_the_password_again_after_a_while(seller: User) -> None:
    browser = signed_in()
    Session.objects.update(proved_at=now() - sessions.FRESH - dt.timedelta(seconds=1))
    for path in ("/account/tokens/new", "/account/second-factor", "/account/passkeys/new"):
        assert browser.get(path)["Location"].startswith("/account/confirm?next=%2Faccount%2F")
    assert browser.post("/account/tokens/new", {"name": "x", "scope": "read", "days": ""}).status_code == 302
    assert not ApiToken.objects.exists()
    onward = browser.post("/account/confirm", {"password": PASSWORD, "next": "//evil.example"})
    assert onward["Location"] == "/"
    assert browser.get("/account/tokens/new").status_code == 200


def test_the_account_shows_what_happened_and_the_administrator_sees_it_of_all(seller: User, admin: User) -> None:
    Client(headers={"User-Agent": PHONE}).post("/sign-in", {"email": address("seller"), "password": "no"})
    Client().post("/sign-in", {"email": "ghost@example.com", "password": "no"})
    Client().post("/sign-in", {"email": "my secret password", "password": "no"})
    page = text(signed_in().get("/account/security"))
    assert "Sign-in failed" in page
    assert "Safari on iPhone" in page
    assert "ghost@example.com" not in page
    everything = text(signed_in("admin").get("/security"))
    assert "ghost@example.com" in everything
    assert "my secret password" not in everything, "a password typed into the wrong field is not kept"
    only = text(signed_in("admin").get("/security?kind=failed"))
    assert "with password" not in only.split("<tbody")[1]


def test_the_list_of_events_goes_on_by_pages(admin: User) -> None:
    SignInEvent.objects.bulk_create(SignInEvent(kind="failed", account=f"n{n}@example.com") for n in range(120))
    browser, path, found = signed_in("admin"), "/security?kind=failed", 0
    while path:
        page = text(browser.get(path, headers={"HX-Request": "true"} if found else {}))
        found += page.count("@example.com")
        path = page.split('hx-get="')[-1].split('"')[0].replace("&amp;", "&") if 'class="more' in page else ""
    assert found == 120
    assert browser.get("/security?after=x").status_code == 400


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, ("Firefox", "Windows")),
        (PHONE, ("Safari", "iPhone")),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
         ("Chrome", "Linux")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
         "Safari/537.36 Edg/140.0.0.0", ("Edge", "macOS")),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 "
         "Mobile Safari/537.36", ("Samsung Internet", "Android")),
        ("<script>", ("", "")),
    ],
)  # fmt: skip
def test_devices_are_named_as_people_name_them(agent: str, words: tuple[str, str]) -> None:
    assert in_words(agent) == words


def test_somebody_who_may_no_longer_sign_in_is_out_everywhere(
    seller: User, browser_of: Callable[[User], Client]
) -> None:
    browser = signed_in()
    db.execute("UPDATE user_account SET is_active = %s WHERE id = %s", (False, db.key(seller.id)))
    assert not is_in(browser)
    assert accounts.by_id(seller.id) is None
