"""Setting providers up: on screens, by metadata, tried before it counts, with nobody locked out; and being warned."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from rapport.config import readiness
from rapport.platform.identity import access, accounts, providers
from rapport.platform.identity.models import Session, User
from rapport.platform.identity.provider_models import SignInProvider
from rapport.platform.identity.providers import Provider
from rapport.platform.identity.saml import metadata
from rapport.platform.identity.sign_in_models import SignInEvent
from rapport.platform.identity.vouched import ProviderFailed
from rapport.platform.web.middleware import SESSION_COOKIE
from tests.people import PASSWORD, address
from tests.saml.conftest import Change, Idp, Traveller, sam, trace
from tests.saml.expired import certificate


@pytest.fixture
def office(admin: User) -> Client:
    """The administrator's browser."""
    client = Client()
    client.cookies[SESSION_COOKIE] = access.open_session(admin)
    return client


def now_is(key: str) -> Provider:
    found = providers.one(key)
    assert found is not None
    return found


def added(office: Client, kind: str = "saml") -> str:
    where = office.post("/security/providers/new", {"name": "Harbour ID", "kind": kind})["Location"]
    return where.split("/")[3].partition("?")[0]


def saved(office: Client, key: str, **given: Any) -> HttpResponse:
    return office.post(f"/security/providers/{key}", {"name": "Harbour ID", "domains": "rapport.test", **given})


def test_only_administrators_who_have_shown_that_it_is_they_set_them_up(
    office: Client, held: Provider, seller: User, manager: User
) -> None:
    for user in (seller, manager):
        client = Client()
        client.cookies[SESSION_COOKIE] = access.open_session(user)
        for path in ("", "/new", f"/{held.key}"):
            assert client.get(f"/security/providers{path}").status_code == 403
        assert client.post(f"/security/providers/{held.key}/remove").status_code == 403
        assert client.get(f"{held.leave}?try=1")["Location"].startswith("http://127"), "nothing but a sign-in"
    assert Client().get("/security/providers")["Location"].startswith("/sign-in")
    Session.objects.update(proved_at=None)
    assert saved(office, held.key)["Location"].startswith("/account/confirm")


@pytest.mark.parametrize("way", ["metadata", "metadata_file", "metadata_url"])
def test_metadata_is_pasted_uploaded_or_fetched(office: Client, idp: Idp, settings: Any, way: str) -> None:
    settings.OUTGOING_PRIVATE = True
    key = added(office)
    text = idp.metadata()
    given: dict[str, Any] = {
        "metadata": text.decode(), "metadata_file": SimpleUploadedFile("idp.xml", text),
        "metadata_url": f"{idp.where}/metadata",
    }  # fmt: skip
    assert saved(office, key, **{way: given[way]})["Location"].endswith("done=saved")
    about = now_is(key).about
    assert (about["entity"], about["sso"], len(about["certificates"])) == (f"{idp.where}/idp", f"{idp.where}/sso", 1)
    assert idp.where.encode() in office.get(f"/security/providers/{key}").content


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<a/>", "no metadata of an identity provider"),
        ("not xml", "no XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
    ],
)
def test_metadata_that_is_none_is_told_and_nothing_kept(office: Client, text: str, why: str) -> None:
    key = added(office)
    answer = saved(office, key, metadata=text)
    assert (answer.status_code, why in answer.content.decode()) == (422, True)
    assert "entity" not in now_is(key).about


def test_metadata_without_a_key_an_address_or_past_its_time_is_refused(idp: Idp) -> None:
    text = idp.metadata().decode()
    head, tail = text.split("<ns0:KeyDescriptor", 1)[0], text.rsplit("</ns0:KeyDescriptor>", 1)[1]
    for spoiled, why in (
        (head + tail, "no certificate"),
        (text.replace("HTTP-Redirect", "HTTP-Somehow"), "HTTP-Redirect"),
        (text.replace(f"{idp.where}/sso", "http://harbour.example/sso"), "not https"),
        (text.replace("entityID=", 'validUntil="2020-01-01T00:00:00Z" entityID='), "no longer valid"),
    ):
        with pytest.raises(ProviderFailed, match=why):
            metadata.read(spoiled.encode())


def test_a_try_shows_what_came_back_and_signs_nobody_in(
    office: Client, held: Provider, idp: Idp, change: Change, admin: User
) -> None:
    change(held, is_active=False)
    browser = Traveller(idp, held, office)
    where = office.get(f"{held.leave}?try=1")["Location"]
    answer = browser.bring(idp.form(where, **sam(sub="ada", said={"mail": [address("admin")], "groups": ["a", "b"]})))
    assert answer["Location"] == f"/security/providers/{held.key}?done=tried#tried"
    page = office.get(f"/security/providers/{held.key}").content.decode()
    assert all(each in page for each in ("It works.", "Ada Admin", "groups", "a, b", "circle-check"))
    assert now_is(held.key).may_force()
    assert not SignInEvent.objects.filter(kind="signed_in").exists()
    where = office.get(f"{held.leave}?try=1")["Location"]
    browser.bring(idp.form(where, **sam(sign=[])))
    page = office.get(f"/security/providers/{held.key}").content.decode()
    assert "neither the answer nor its assertion is signed" in page
    assert not trace(), "a try is no attempt of anybody"


def test_nobody_else_reports_a_try(held: Provider, idp: Idp, traveller: Traveller) -> None:
    traveller.bring(idp.form(traveller.ask(), **sam(sign=[])))
    assert now_is(held.key).tried == {}


def test_a_provider_is_forced_only_after_a_good_try_and_with_an_administrator_who_keeps_his_password(
    office: Client, held: Provider, admin: User, seller: User
) -> None:
    given = {"is_active": "on", "forced": "on"}
    answer = saved(office, held.key, **given, keeper=seller.id).content.decode()
    assert "Try the provider first" in answer
    assert "Choose an administrator with a password" in answer
    SignInProvider.objects.update(tried={"good": True, "at": "2026-01-01T00:00:00+00:00"})
    assert saved(office, held.key, **given, keeper=admin.id)["Location"].endswith("done=saved")
    assert now_is(held.key).about["forced"]
    assert Client().post("/sign-in", {"email": address("seller"), "password": PASSWORD}).status_code == 422


def test_what_is_said_of_roles_is_checked(office: Client, held: Provider) -> None:
    answer = saved(office, held.key, role_map="bosses = King\nnothing", role="admin").content.decode()
    for words in ("“bosses = King”", "“nothing”", "Nobody becomes administrator by signing in"):
        assert words in answer, words
    fine = saved(office, held.key, role_attribute="groups", role_map="bosses = Manager\ncn=a,dc=b = sales", makes="on")
    assert fine["Location"].endswith("done=saved")
    assert now_is(held.key).about["role_map"] == [["bosses", "manager"], ["cn=a,dc=b", "sales"]]


def test_changes_stand_in_the_trace_and_what_the_last_administrator_comes_by_is_not_removed(
    office: Client, held: Provider, traveller: Traveller, admin: User, idp: Idp
) -> None:
    saved(office, held.key, is_active="on", domains="rapport.test, example.com")
    told = SignInEvent.objects.filter(kind="provider_changed").latest("id")
    assert (told.about, told.actor) == ("Harbour ID: domains", admin.id)
    traveller.arrive(sub="ada", said={"mail": [address("admin")]})
    User.objects.update(password="")
    assert office.post(f"/security/providers/{held.key}/remove").status_code == 422
    accounts.set_password(admin, PASSWORD)
    assert office.post(f"/security/providers/{held.key}/remove")["Location"].endswith("done=removed")
    assert providers.one(held.key) is None


def test_the_environments_provider_is_shown_and_not_changed(office: Client, settings: Any) -> None:
    settings.OIDC = {"issuer": "https://id.example", "client": "x", "secret": "y", "name": "Old ID", "role": ""}
    page = office.get("/security/providers").content.decode()
    assert "Old ID" in page
    assert "Set up by the environment" in page
    assert saved(office, "environment").status_code == 422


def test_certificates_that_end_within_a_month_are_told(
    office: Client, held: Provider, idp: Idp, change: Change
) -> None:  # fmt: skip
    assert readiness.warnings() == []
    soon = certificate((idp.folder / "idp.key").read_bytes(), ended=-20)
    held = change(held, certificates=[soon])
    assert "a certificate of the sign-in provider Harbour ID ends on" in readiness.warnings()[0]
    assert b"A certificate of Harbour ID ends on" in office.get("/security").content
    change(held, certificates=[certificate((idp.folder / "idp.key").read_bytes())])
    assert "ended" in readiness.warnings()[0]
    assert readiness.problems() == [], "requests are served all the same"


def test_several_providers_of_both_kinds_stand_beside_each_other(
    office: Client, held: Provider, settings: Any, idp: Idp
) -> None:  # fmt: skip
    key = added(office, "oidc")
    refused = saved(office, key, issuer="http://169.254.169.254", client="x", secret="hush")
    assert refused.status_code == 422
    assert "This provider cannot be used" in refused.content.decode()
    assert saved(office, key, client="x", secret="hush", label="the harbour")["Location"].endswith("done=saved")
    assert now_is(key).secrets == {"secret": "hush"}
    assert "hush" not in json.dumps(list(SignInProvider.objects.values("settings", "sealed")))
    assert b"hush" not in office.get(f"/security/providers/{key}").content
    assert [each.name for each in providers.offered()] == ["Harbour ID"], "off until it is switched on"
