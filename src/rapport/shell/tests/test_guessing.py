"""Guessing is slowed down, says how long, tells nothing, and shuts nobody out for long."""

import datetime as dt
import re

import pytest
from django.http import HttpResponse
from django.test import Client

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.identity import accounts, throttle
from rapport.platform.identity.models import SignInAttempt, User
from tests.people import PASSWORD, address

FREE, FREE_PER_ADDRESS = throttle.ACCOUNT.free, throttle.ADDRESS.free


def sign_in(client: Client, who: str = "seller", password: str = PASSWORD) -> HttpResponse:
    return client.post("/sign-in", {"email": address(who), "password": password})


def later(seconds: int) -> None:
    """So much time goes by."""
    for each in SignInAttempt.objects.all():
        SignInAttempt.objects.filter(id=each.id).update(at=each.at - dt.timedelta(seconds=seconds))


def guess(times: int, who: str = "seller") -> list[int]:
    return [sign_in(Client(), who, "wrong").status_code for _n in range(times)]


def test_after_some_tries_even_the_right_password_has_to_wait_and_afterwards_it_need_not(organisation: None) -> None:
    assert guess(FREE) == [422] * FREE
    blocked = sign_in(Client())
    assert (blocked.status_code, blocked["Retry-After"]) == (429, "10")
    assert b"Wait 10 seconds" in blocked.content
    assert sign_in(Client(), "manager").status_code == 302, "others sign in"
    later(11)
    assert sign_in(Client()).status_code == 302
    assert guess(FREE) == [422] * FREE, "a good sign-in begins the count anew"


def test_waits_grow_and_end_at_five_minutes(organisation: None) -> None:
    guess(FREE)
    waits = []
    for _round in range(8):
        waits.append(int(sign_in(Client(), password="wrong")["Retry-After"]))
        later(waits[-1] + 1)
        assert guess(1) == [422]
    assert waits == [10, 20, 40, 80, 160, 300, 300, 300]
    later(3601)
    assert sign_in(Client()).status_code == 302, "after an hour all is forgotten"


def test_an_account_that_is_not_there_is_slowed_down_alike(organisation: None) -> None:
    known, unknown = guess(FREE + 1), guess(FREE + 1, "nobody")
    assert known == unknown == [422] * FREE + [429]
    one, two = sign_in(Client()), sign_in(Client(), "nobody")
    assert _plain(one).replace("seller", "nobody") == _plain(two)


def _plain(answer: HttpResponse) -> str:
    return re.sub(r'(csrf[^"]*" (?:value|content))="[^"]*"', r"\1", answer.content.decode())


def test_strangers_cannot_shut_out_somebody_who_comes_with_his_own_browser(organisation: None) -> None:
    own = Client()
    assert sign_in(own).status_code == 302
    own.post("/sign-out")
    guess(FREE + 3)
    assert sign_in(Client(REMOTE_ADDR="10.1.1.1")).status_code == 429
    assert sign_in(own).status_code == 302
    own.post("/sign-out")
    assert [sign_in(own, password="wrong").status_code for _n in range(FREE + 1)][-1] == 429, "nor may it guess"
    assert sign_in(own, "manager", "wrong").status_code == 422, "it knows only him"


def test_a_device_cookie_that_we_did_not_sign_is_worth_nothing(organisation: None) -> None:
    guess(FREE)
    forged = Client()
    forged.cookies["rapport_device"] = "WyJ4Iix7fV0:1abc:forged"
    assert sign_in(forged).status_code == 429


def test_guessing_over_many_accounts_is_slowed_down_for_the_address(organisation: None) -> None:
    for n in range(FREE_PER_ADDRESS):
        sign_in(Client(), f"guess{n}", "wrong")
    assert sign_in(Client()).status_code == 429
    assert sign_in(Client(REMOTE_ADDR="10.1.1.1")).status_code == 302


def test_an_office_behind_one_address_still_comes_in_with_its_own_browsers(organisation: None) -> None:
    own = Client()
    sign_in(own)
    own.post("/sign-out")
    for n in range(FREE_PER_ADDRESS):
        sign_in(Client(), f"guess{n}", "wrong")
    assert sign_in(own).status_code == 302


def test_behind_a_proxy_of_ours_the_visitor_counts_and_nobody_can_pretend(organisation: None) -> None:
    for n in range(FREE_PER_ADDRESS):
        claimed = Client(headers={"X-Forwarded-For": f"10.9.9.{n}, 10.1.1.1"})
        assert sign_in(claimed, f"guess{n}", "wrong").status_code == 422
    assert sign_in(Client(headers={"X-Forwarded-For": "10.9.9.99, 10.1.1.1"})).status_code == 429
    assert sign_in(Client(headers={"X-Forwarded-For": "10.2.2.2"})).status_code == 302
    direct = Client(REMOTE_ADDR="10.1.1.1", headers={"X-Forwarded-For": "10.3.3.3"})
    assert sign_in(direct).status_code == 429, "who is no proxy is believed nothing"


def test_a_page_that_is_only_read_writes_nothing(organisation: None) -> None:
    with db.connection().execute_wrapper(_no_writes):
        assert Client().get("/sign-in").status_code == 200


def _no_writes(execute: object, sql: str, params: object, many: bool, context: object) -> object:
    assert not sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")), sql
    return execute(sql, params, many, context)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("password", "fine"),
    [
        ("short", False), ("12345678901", False), ("password123", False), ("Password123", False), ("qwertyuiop", False),
        ("aaaaaaaaaaaa", False), ("seller@rapport.test", False), ("Sam Seller", False), ("x" * 1025, False),
        ("a quiet river", True), ("Wörter, die niemand rät", True),
    ],
)  # fmt: skip
def test_passwords_that_are_guessed_first_are_not_taken(password: str, fine: bool, seller: User) -> None:
    assert (accounts.password_problem(password, seller.email or "", seller.name) is None) is fine


def test_attempts_are_forgotten_by_their_job(organisation: None) -> None:
    guess(1)
    SignInAttempt.objects.update(at=now() - dt.timedelta(days=2))
    from rapport.platform.identity.upkeep import forget_sign_ins
    from rapport.platform.jobs.registry import kinds

    assert "platform.forget_sign_ins" in kinds()

    class Run:
        def check_cancelled(self) -> None:
            pass

    forget_sign_ins(Run())  # type: ignore[arg-type]
    assert not SignInAttempt.objects.exists()
