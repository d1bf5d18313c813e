"""Single sign-on at a real provider process: who comes in, who does not, and what is believed."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from rapport.platform import db
from rapport.platform.identity import access, factors, providers
from rapport.platform.identity.models import User
from rapport.platform.identity.sign_in_models import ExternalIdentity, SignInEvent
from rapport.platform.identity.sign_ins import NOBODY
from rapport.platform.web.middleware import SESSION_COOKIE
from tests.people import address
from tests.provider import CLIENT, SECRET
from tests.serving import free_port


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider of this test's own."""
    where = f"http://127.0.0.1:{(port := free_port())}"
    process = subprocess.Popen([sys.executable, "-m", "tests.provider", str(port)])
    try:
        for _try in range(200):
            try:
                urllib.request.urlopen(f"{where}/jwks_uri", timeout=2).close()
                break
            except OSError:
                time.sleep(0.05)
        yield where
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(autouse=True)
def configured(issuer: str, settings: Any, organisation: None) -> None:
    settings.OIDC = {"issuer": issuer, "client": CLIENT, "secret": SECRET, "name": "Harbour ID", "role": ""}


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_given: Any) -> None:
        return None


def at_provider(where: str, person: dict[str, Any]) -> str:
    """The address that the provider sends the browser back to."""
    asked = f"{where}&{urlencode({'as': json.dumps(person)})}"
    try:
        urllib.request.build_opener(_Stay).open(asked, timeout=5)
    except urllib.error.HTTPError as answer:
        return str(answer.headers["Location"])
    raise AssertionError("it did not send us back")


def arrive(client: Client, onward: str = "/", **person: Any) -> HttpResponse:
    where = client.get("/sign-in/provider", {"next": onward})["Location"]
    return client.get(at_provider(where, person))


def sam(**more: Any) -> dict[str, Any]:
    return {"sub": "sam-1", "email": address("seller").upper(), "email_verified": True, "name": "Sam"} | more


def is_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def test_the_gate_offers_it_by_name_where_it_is_set_up(settings: Any) -> None:
    assert b"Sign in with Harbour ID" in Client().get("/sign-in").content
    settings.OIDC = settings.OIDC | {"issuer": ""}
    assert b"Harbour ID" not in Client().get("/sign-in").content
    assert Client().get("/sign-in/provider")["Location"] == "/sign-in"


def test_somebody_with_a_verified_address_comes_in_and_is_known_by_his_identity_from_then_on(seller: User) -> None:
    client = Client()
    assert arrive(client, "/deals?x=1", **sam())["Location"] == "/deals?x=1"
    assert is_in(client)
    assert ExternalIdentity.objects.get().user_id == seller.id
    renamed = Client()
    assert arrive(renamed, **sam(email="new@example.com", email_verified=False))["Location"] == "/"
    assert is_in(renamed), "his address changed there, he is the same"
    stranger = Client()
    assert arrive(stranger, **sam(sub="other", email="new@example.com")).status_code == 403
    assert list(SignInEvent.objects.values_list("kind", flat=True).order_by("id")) == [
        "signed_in", "signed_in", "provider_refused",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "person", [sam(email_verified=False), sam(email_verified="true"), sam(email=""), sam(email="nobody@example.com")]
)
def test_an_address_that_is_not_verified_or_not_ours_opens_nothing(person: dict[str, Any]) -> None:
    client = Client()
    answer = arrive(client, **person)
    assert (answer.status_code, is_in(client)) == (403, False)
    assert b"there is no account for you here" in answer.content


@pytest.mark.parametrize("bad", ["issuer", "audience", "nonce", "expired", "key", "none", "hmac"])
def test_a_token_that_is_not_for_us_now_is_not_believed(bad: str) -> None:
    client = Client()
    answer = arrive(client, **sam(bad=bad))
    assert (answer.status_code, is_in(client)) == (403, False)
    assert b"did not work" in answer.content


def test_an_answer_works_once_and_only_in_the_browser_that_asked() -> None:
    one, other = Client(), Client()
    back = at_provider(one.get("/sign-in/provider")["Location"], sam())
    other.get("/sign-in/provider")
    assert other.get(back).status_code == 403, "somebody is lured into another's account"
    assert Client().get(back).status_code == 403
    assert one.get(back).status_code == 302
    one.post("/sign-out")
    assert one.get(back).status_code == 403, "once"
    assert not is_in(one)


def test_somebody_new_gets_the_role_of_the_settings_and_nobody_takes_an_account_over(
    settings: Any, seller: User
) -> None:
    settings.OIDC = settings.OIDC | {"role": "readonly"}
    client = Client()
    new = {"sub": "new-1", "email": "nina@example.com", "email_verified": True, "name": "Nina New"}
    assert arrive(client, **new)["Location"] == "/"
    user = User.objects.get(email="nina@example.com")
    assert (user.name, [role.key for role in user.roles.all()]) == ("Nina New", ["readonly"])
    assert is_in(client)
    db.execute("UPDATE user_account SET is_active = %s WHERE id = %s", (False, db.key(seller.id)))
    assert arrive(Client(), **sam()).status_code == 403, "switched off is switched off"
    assert arrive(Client(), **new | {"sub": "new-2", "email_verified": False}).status_code == 403
    settings.OIDC = settings.OIDC | {"role": "king"}
    assert arrive(Client(), **new | {"sub": "new-3", "email": "x@example.com"}).status_code == 403
    assert not User.objects.filter(email="x@example.com").exists()


def test_a_second_factor_is_asked_unless_the_provider_has_asked(seller: User) -> None:
    factors.demand("sales", True)
    assert arrive(Client(), **sam())["Location"] == "/sign-in/set-up"
    assert arrive(Client(), **sam(amr=["pwd", "mfa"]))["Location"] == "/"


def test_a_provider_that_is_away_is_told_and_passwords_work(settings: Any) -> None:
    settings.OIDC = settings.OIDC | {"issuer": f"http://127.0.0.1:{free_port()}"}
    answer = Client().get("/sign-in/provider")
    assert answer.status_code == 403
    assert b"Harbour ID does not answer" in answer.content
    assert b'name="password"' in answer.content
    settings.OIDC = settings.OIDC | {"issuer": "http://id.example"}
    assert Client().get("/sign-in/provider").status_code == 403, "never without https"


def test_a_provider_of_the_screens_works_the_same_and_knows_only_its_domains(
    issuer: str, settings: Any, admin: User, seller: User
) -> None:
    settings.OUTGOING_PRIVATE = True
    about = {"issuer": issuer, "client": CLIENT, "domains": ["rapport.test"]}
    key = providers.save(
        None, providers.OIDC, "Pilot ID", is_active=True, position=0, about=about, secrets={"secret": SECRET},
        by=admin.id, visitor=NOBODY,
    )  # fmt: skip
    assert b"Sign in with Pilot ID" in Client().get("/sign-in").content
    for person, inside in ((sam(), True), (sam(sub="x", email="x@elsewhere.example"), False)):
        client = Client()
        where = client.get(f"/sign-in/provider/{key}", {"next": "/tasks"})["Location"]
        back = at_provider(where, person)
        assert f"/sign-in/provider/{key}/back" in back, "each provider has an answer address of its own"
        assert (client.get(back).status_code, is_in(client)) == (302 if inside else 403, inside)
    tries = Client()
    tries.cookies[SESSION_COOKIE] = access.open_session(admin)
    where = tries.get(f"/sign-in/provider/{key}?try=1")["Location"]
    assert tries.get(at_provider(where, sam(groups=["a"])))["Location"].endswith("#tried")
    found = providers.one(key)
    assert found is not None
    assert (found.tried["good"], found.tried["said"]["groups"], found.tried["how"]) == (True, ["a"], "known")
