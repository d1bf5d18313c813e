"""The second factor: set up, asked for, taken once; recovery codes; trusted devices; demanded by a role; reset."""

import re
import time
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from rapport.platform.identity import factors, sessions, throttle, totp
from rapport.platform.identity.models import Session, SignInAttempt, User
from rapport.platform.identity.sign_in_models import SecondFactor, SignInEvent
from tests.people import PASSWORD, address

Clock = Callable[[float], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """``clock(30)``: half a minute goes by for codes and cookies."""
    shift = 0.0
    real = time.time

    def go(seconds: float) -> None:
        nonlocal shift
        shift += seconds

    monkeypatch.setattr(time, "time", lambda: real() + shift)
    return go


def code(secret: str) -> str:
    return totp.code_at(secret, int(time.time() // totp.STEP))


def switched_on(user: User) -> tuple[str, list[str]]:
    """The app's secret and the recovery codes of a user who has just set it up."""
    secret = factors.prepare(user.id)
    codes = factors.confirm(user.id, code(secret))
    assert codes is not None
    return secret, codes


def password(client: Client, who: str = "seller") -> HttpResponse:
    return client.post("/sign-in", {"email": address(who), "password": PASSWORD})


def second(client: Client, given: str, **more: str) -> HttpResponse:
    return client.post("/sign-in/code", {"code": given, **more})


def is_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def events(user: User) -> list[str]:
    return list(SignInEvent.objects.filter(user=user).order_by("id").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(moment: int, expected: str) -> None:
    assert totp.code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", moment // 30) == expected


def test_setting_up_shows_a_picture_and_takes_the_first_code(
    seller: User, browser_of: Callable[[User], Client]
) -> None:
    browser = browser_of(seller)
    page = browser.get("/account/second-factor").content.decode()
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert secret
    assert 'class="qr"' in page
    assert "style=" not in page.split("<main")[1]
    plain = secret[1].replace(" ", "")
    assert plain not in str(list(SecondFactor.objects.values())), "it is kept sealed"
    token = browser.cookies["csrftoken"].value
    headers = {"X-CSRFToken": token}
    wrong = browser.post("/account/second-factor", {"code": "000000"}, headers=headers)
    assert wrong.status_code == 422
    assert not factors.standing(seller.id).on, "what is not confirmed does not count"
    done = browser.post("/account/second-factor", {"code": code(plain)}, headers=headers)
    shown = re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", done.content.decode())
    assert len(set(shown)) == factors.CODES
    assert "data:text/plain" in done.content.decode(), "they can be downloaded"
    assert factors.standing(seller.id).codes_left == factors.CODES
    assert events(seller) == ["second_factor_on"]


def test_the_password_alone_opens_nothing_then_and_a_code_is_taken_once(seller: User, clock: Clock) -> None:
    secret, _codes = switched_on(seller)
    browser = Client()
    assert password(browser)["Location"] == "/sign-in/code"
    assert not is_in(browser)
    assert second(browser, code(secret)).status_code == 422, "the code of setting up is used"
    clock(30)
    now = code(secret)
    assert second(browser, "000000" if now != "000000" else "000001").status_code == 422
    assert second(browser, f"{now[:3]} {now[3:]}")["Location"] == "/"
    assert is_in(browser)
    thief = Client()
    password(thief)
    assert second(thief, now).status_code == 422, "seen over the shoulder and typed again"
    assert not is_in(thief)
    assert {"wrong_code", "signed_in"} <= set(events(seller))


def test_a_code_half_a_minute_off_is_taken_and_an_old_one_is_not(seller: User, clock: Clock) -> None:
    secret, _codes = switched_on(seller)
    clock(120)
    old, before = (totp.code_at(secret, int(time.time() // 30) - steps) for steps in (2, 1))
    browser = Client()
    password(browser)
    assert second(browser, old).status_code == 422
    assert second(browser, before).status_code == 302


def test_a_recovery_code_opens_once(seller: User) -> None:
    _secret, codes = switched_on(seller)
    browser = Client()
    password(browser)
    assert second(browser, codes[3].upper())["Location"] == "/account/security"
    assert factors.standing(seller.id).codes_left == factors.CODES - 1
    again = Client()
    password(again)
    assert second(again, codes[3]).status_code == 422
    assert "recovery_code_used" in events(seller)
    fresh = factors.new_codes(seller.id)
    assert second(again, codes[4]).status_code == 422, "new ones replace the old"
    assert second(again, fresh[0]).status_code == 302


def test_a_recovery_code_of_a_colleague_is_worth_nothing(seller: User, manager: User) -> None:
    switched_on(seller)
    _secret, theirs = switched_on(manager)
    browser = Client()
    password(browser)
    assert second(browser, theirs[0]).status_code == 422


def test_guessing_codes_is_slowed_down_in_all_browsers_together(seller: User, clock: Clock) -> None:
    secret, _codes = switched_on(seller)
    clock(60)
    for _n in range(throttle.ACCOUNT.free):
        browser = Client()
        password(browser)
        assert second(browser, "123456").status_code == 422
    blocked = second(browser, code(secret))
    assert (blocked.status_code, blocked["Retry-After"]) == (429, "10")
    SignInAttempt.objects.all().delete()
    assert second(browser, code(secret)).status_code == 302


def test_the_second_step_needs_the_first_and_does_not_wait_for_ever(seller: User, clock: Clock) -> None:
    secret, _codes = switched_on(seller)
    assert second(Client(), code(secret))["Location"] == "/sign-in"
    browser = Client()
    password(browser)
    clock(601)
    assert second(browser, code(secret))["Location"] == "/sign-in"
    assert not is_in(browser)


def test_a_trusted_device_is_not_asked_for_thirty_days(seller: User, clock: Clock) -> None:
    secret, _codes = switched_on(seller)
    clock(30)
    browser = Client()
    password(browser)
    assert second(browser, code(secret), trust="on").status_code == 302
    browser.post("/sign-out")
    assert password(browser)["Location"] == "/", "trusted"
    assert password(Client())["Location"] == "/sign-in/code", "another device is not"
    browser.post("/sign-out")
    clock(31 * 86400)
    assert password(browser)["Location"] == "/sign-in/code"


def test_ending_all_sessions_takes_the_trust_away(seller: User, clock: Clock) -> None:
    secret, _codes = switched_on(seller)
    clock(30)
    browser = Client()
    password(browser)
    second(browser, code(secret), trust="on")
    sessions.end_all(seller.id)
    assert not is_in(browser)
    assert password(browser)["Location"] == "/sign-in/code"


def test_a_new_app_is_not_trusted_where_the_old_one_was(seller: User, clock: Clock) -> None:
    secret, _codes = switched_on(seller)
    clock(30)
    browser = Client()
    password(browser)
    second(browser, code(secret), trust="on")
    factors.switch_off(seller.id)
    time.sleep(0.002)
    switched_on(seller)
    browser.post("/sign-out")
    assert password(browser)["Location"] == "/sign-in/code"


def test_switching_off_wants_somebody_who_has_just_shown_who_he_is(
    seller: User, browser_of: Callable[[User], Client]
) -> None:
    switched_on(seller)
    browser = Client()
    browser.cookies["rapport_session"] = browser_of(seller).cookies["rapport_session"].value
    Session.objects.update(proved_at=None)
    asked = browser.post("/account/second-factor/off")["Location"]
    assert asked.startswith("/account/confirm?")
    assert factors.standing(seller.id).on
    wrong = browser.post("/account/confirm", {"password": "wrong", "next": "/account/security"})
    assert wrong.status_code == 422
    browser.post("/account/confirm", {"password": PASSWORD, "next": "/account/security"})
    browser.post("/account/second-factor/off")
    assert not factors.standing(seller.id).on
    assert password(Client())["Location"] == "/"


def test_a_role_that_demands_it_leads_to_setting_it_up_before_the_first_page(
    admin: User, seller: User, clock: Clock
) -> None:
    factors.demand("sales", True)
    browser = Client()
    assert password(browser)["Location"] == "/sign-in/set-up"
    assert not is_in(browser)
    page = browser.get("/sign-in/set-up").content.decode()
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")  # type: ignore[index]
    done = browser.post("/sign-in/set-up", {"code": code(secret)})
    assert b"rapport-recovery-codes.txt" in done.content
    assert is_in(browser)
    assert browser.post("/account/second-factor/off")["Location"].endswith("needed")
    assert factors.standing(seller.id).on, "it cannot be switched off while the role demands it"
    assert password(Client(), "manager")["Location"] == "/", "other roles are as they were"


def test_an_administrator_demands_it_of_a_role_once_he_has_one_himself(admin: User) -> None:
    browser = Client()
    password(browser, "admin")
    assert browser.post("/security/roles/admin", {"wanted": "on"})["Location"].endswith("first")
    assert not factors.standing(admin.id).needed
    switched_on(admin)
    assert browser.post("/security/roles/admin", {"wanted": "on"})["Location"].endswith("demanded")
    assert factors.standing(admin.id).needed
    assert browser.post("/security/roles/nothing", {"wanted": "on"}).status_code == 404


def test_an_administrator_resets_it_and_it_shows(admin: User, seller: User) -> None:
    switched_on(seller)
    lost = Client()
    lost.cookies["rapport_session"] = "x"
    browser = Client()
    password(browser, "admin")
    assert b"Reset second factor" in browser.get("/security/people").content
    assert b"Sam Seller" not in browser.get("/security/people?q=mona").content
    browser.post(f"/security/people/{seller.id}/reset")
    assert password(Client())["Location"] == "/"
    event = SignInEvent.objects.get(kind="second_factor_reset")
    assert (event.user_id, event.actor) == (seller.id, admin.id)
    assert b"Second factor reset" in browser.get("/security").content
    assert b"by Ada Admin" in browser.get("/security").content


def test_an_administrator_signs_somebody_out_everywhere(admin: User, seller: User) -> None:
    lost, browser = Client(), Client()
    password(lost)
    password(browser, "admin")
    assert b"End sessions" in browser.get("/security/people").content
    browser.post(f"/security/people/{seller.id}/end-sessions")
    assert not is_in(lost)
    assert is_in(browser)
    assert browser.post("/security/people/xyz/end-sessions").status_code == 404


def test_only_administrators_look_after_others(seller: User, manager: User, admin: User) -> None:
    switched_on(admin)
    for who in ("seller", "manager"):
        browser = Client()
        password(browser, who)
        for path in ("/security", "/security/people", "/security/roles"):
            assert browser.get(path).status_code == 403
        assert browser.post(f"/security/people/{admin.id}/reset").status_code == 403
        assert browser.post("/security/roles/sales", {"wanted": "on"}).status_code == 403
        assert b'href="/security"' not in browser.get("/account").content
    assert factors.standing(admin.id).on
    assert Client().get("/security")["Location"].startswith("/sign-in")
