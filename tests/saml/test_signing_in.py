"""Signing in with a SAML provider, made by others, in a process of its own: who comes in, as whom, with which roles."""

import base64
from typing import Any

import pytest
from django.test import Client

from rapport.platform import db
from rapport.platform.identity import factors, providers
from rapport.platform.identity.models import Role, User
from rapport.platform.identity.providers import Provider
from rapport.platform.identity.sign_in_models import ExternalIdentity, SignInEvent
from tests.people import PASSWORD, address
from tests.saml.conftest import Change, Idp, Traveller, another, sam, trace
from tests.saml.provider import question_in

EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


def test_somebody_of_its_domain_comes_in_and_is_known_by_his_identity_from_then_on(
    traveller: Traveller, seller: User
) -> None:
    assert b"Sign in with Harbour ID" in Client().get("/sign-in").content
    assert traveller.arrive("/deals?x=1")["Location"] == "/deals?x=1"
    assert traveller.is_in
    assert ExternalIdentity.objects.get().user_id == seller.id
    renamed = another(traveller)
    assert renamed.arrive(said={"mail": ["sam@elsewhere.example"]})["Location"] == "/"
    assert renamed.is_in, "his address changed there, he is the same"
    assert list(SignInEvent.objects.order_by("id").values_list("kind", "about")) == [("signed_in", "provider")] * 2


@pytest.mark.parametrize("sign", [["assertion"], ["response"], ["response", "assertion"]])
@pytest.mark.parametrize("encrypt", ["", "gcm", "cbc"])
def test_answers_signed_in_either_place_and_encrypted_ones_are_taken(
    traveller: Traveller, seller: User, sign: list[str], encrypt: str
) -> None:
    assert traveller.arrive(sign=sign, encrypt=encrypt)["Location"] == "/", trace()
    assert traveller.is_in


def test_a_question_is_signed_where_the_provider_wants_that(
    traveller: Traveller, idp: Idp, change: Change, seller: User
) -> None:
    assert "Signature=" not in traveller.ask()
    (idp.folder / "strict").touch()
    try:
        traveller.held = change(traveller.held, wants_signed=True)
        assert "Signature=" in traveller.ask()
        assert traveller.arrive()["Location"] == "/", "pysaml2 has checked the signature"
    finally:
        (idp.folder / "strict").unlink()
    assert traveller.held.key in question_in(traveller.ask())


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ({"said": {"mail": ["somebody@elsewhere.example"]}}, "untrusted"),
        ({"said": {"mail": ["nobody@rapport.test"]}}, "unknown"),
        ({"said": {}}, "unknown"),
        ({"format": TRANSIENT}, "subject"),
    ],
)
def test_who_is_not_of_its_domains_or_unknown_here_opens_nothing(
    traveller: Traveller, person: dict[str, Any], code: str
) -> None:
    assert traveller.arrive(**person).status_code == 403
    assert not traveller.is_in
    assert trace()[0].startswith(f"Harbour ID: {code}: ")


def test_the_name_itself_may_be_the_address_and_a_named_attribute_may_be_the_identity(
    traveller: Traveller, change: Change, seller: User
) -> None:
    traveller.arrive(sub=address("seller"), format=EMAIL, said={})
    assert traveller.is_in
    by_number = another(traveller, held=change(traveller.held, subject_attribute="number"))
    by_number.arrive(format=TRANSIENT, said={"number": ["4711"], "mail": [address("seller")]})
    assert by_number.is_in
    assert set(ExternalIdentity.objects.values_list("subject", flat=True)) == {address("seller"), "4711"}


def test_a_second_factor_is_asked_unless_the_provider_has_asked(traveller: Traveller, seller: User) -> None:
    factors.demand("sales", True)
    assert traveller.arrive()["Location"] == "/sign-in/set-up"
    strong = another(traveller)
    assert strong.arrive(context="https://refeds.org/profile/mfa")["Location"] == "/"


def test_an_account_switched_off_stays_shut(traveller: Traveller, seller: User) -> None:
    traveller.arrive()
    db.execute("UPDATE user_account SET is_active = %s WHERE id = %s", (False, db.key(seller.id)))
    late = another(traveller)
    answer = late.arrive()
    assert (answer.status_code, late.is_in) == (403, False)
    assert b"switched off" in answer.content


NINA = {"sub": "nina-1", "said": {"mail": ["nina@rapport.test"], "displayName": ["Nina New"], "groups": ["crm-sales"]}}


def test_somebody_new_gets_an_account_with_the_roles_that_the_attributes_come_to(
    traveller: Traveller, change: Change
) -> None:
    about = {"makes": True, "role": "readonly", "role_attribute": "groups", "role_map": [["crm-sales", "sales"]]}
    traveller.held = change(traveller.held, **about)
    traveller.arrive(**NINA)
    assert traveller.is_in
    user = User.objects.get(email="nina@rapport.test")
    assert (user.name, [role.key for role in user.roles.all()]) == ("Nina New", ["sales"])
    plain = another(traveller)
    plain.arrive(sub="paul-1", said={"mail": ["paul@rapport.test"]})
    assert [role.key for role in User.objects.get(email="paul@rapport.test").roles.all()] == ["readonly"]


def test_roles_follow_the_provider_where_that_is_wanted_and_others_stay(
    traveller: Traveller, change: Change, seller: User
) -> None:
    about = {"role_attribute": "groups", "role_map": [["bosses", "manager"], ["crm-sales", "sales"]]}
    traveller.held = change(traveller.held, **about, role_follows=True)
    seller.roles.add(Role.objects.get(key="readonly"))
    said = {"mail": [address("seller")], "groups": ["bosses"]}
    traveller.arrive(said=said)
    assert {role.key for role in seller.roles.all()} == {"manager", "readonly"}, (
        "sales is taken, readonly not its affair"
    )


def test_nobody_becomes_administrator_by_an_attribute_unless_that_is_said_and_none_gets_more_than_who_set_it_up(
    traveller: Traveller, change: Change, manager: User
) -> None:
    about = {"makes": True, "role_attribute": "groups", "role_map": [["crm-sales", "admin"]], "role": "readonly"}
    held = change(traveller.held, **about)
    another(traveller, held=held).arrive(**NINA)
    assert [role.key for role in User.objects.get(email="nina@rapport.test").roles.all()] == ["readonly"]
    by_a_lesser = another(traveller, held=change(held, role_admin=True, by=manager.id))
    assert by_a_lesser.arrive(sub="z", said={"mail": ["z@rapport.test"], "groups": ["crm-sales"]}).status_code == 403
    assert not User.objects.filter(email="z@rapport.test").exists()
    assert "account" in trace()[-1]
    allowed = another(traveller, held=change(held, role_admin=True))
    allowed.arrive(sub="y", said={"mail": ["y@rapport.test"], "groups": ["crm-sales"]})
    assert [role.key for role in User.objects.get(email="y@rapport.test").roles.all()] == ["admin"]


def test_sign_in_begins_at_the_provider_only_where_that_is_switched_on(
    traveller: Traveller, idp: Idp, change: Change, seller: User
) -> None:
    here = f"http://testserver{traveller.held.leave}"
    form = idp.form(f"{idp.where}/sso", **sam(to=f"{here}/acs", us=f"{here}/metadata", relay="/tasks?a=b"))
    assert traveller.bring(form).status_code == 403
    assert "asked" in trace()[0]
    traveller.held = change(traveller.held, unasked=True)
    assert traveller.bring(form)["Location"] == "/tasks?a=b"
    assert traveller.is_in
    for foreign in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        form = idp.form(f"{idp.where}/sso", **sam(to=f"{here}/acs", us=f"{here}/metadata", relay=foreign))
        lured = another(traveller)
        assert (lured.bring(form).status_code, lured.is_in) == (403, False), foreign
        assert trace()[-1].startswith("Harbour ID: relay: ")


def test_people_of_a_domain_must_use_it_but_one_keeps_his_password(
    traveller: Traveller, change: Change, admin: User, seller: User
) -> None:
    change(traveller.held, forced=True, keeper=admin.id)

    def knock(who: str, password: str) -> tuple[int, bytes]:
        answer = Client().post("/sign-in", {"email": address(who), "password": password})
        return answer.status_code, answer.content

    status, said = knock("seller", PASSWORD)
    assert (status, b"People of rapport.test sign in with Harbour ID" in said) == (422, True)
    assert knock("seller", "wrong")[1].count(b"People of rapport.test") == 1, "the same, right or wrong"
    assert knock("admin", "wrong")[1].count(b"People of rapport.test") == 1, "nor does it tell who keeps his password"
    assert knock("admin", PASSWORD)[0] == 302
    assert knock("nobody", "wrong")[1].count(b"People of rapport.test") == 1
    assert "password_refused" in SignInEvent.objects.values_list("kind", flat=True)
    traveller.arrive()
    assert traveller.is_in


def test_a_provider_that_is_off_or_gone_opens_nothing(
    traveller: Traveller, idp: Idp, change: Change, seller: User
) -> None:
    form = idp.form(traveller.ask(), **sam())
    change(traveller.held, is_active=False)
    assert traveller.bring(form).status_code == 403
    assert Client().get(traveller.held.leave)["Location"] == "/sign-in"
    assert b"Harbour ID" not in Client().get("/sign-in").content
    providers.remove(traveller.held, seller.id, providers.sign_ins.NOBODY)
    assert Client().post(f"{traveller.held.leave}/acs", form)["Location"] == "/sign-in"
    assert not traveller.is_in


def test_new_certificates_are_learnt_from_the_address_of_its_metadata(
    traveller: Traveller, idp: Idp, change: Change, settings: Any
) -> None:
    from rapport.platform.identity.saml import renewing

    held = change(traveller.held, certificates=[], metadata_url=f"{idp.where}/metadata")
    renewing.renew(held)
    found = providers.one(held.key)
    assert found is not None
    assert "private" in found.about["metadata_problem"], "not into our own network"
    settings.OUTGOING_PRIVATE = True
    renewing.renew(held)
    found = providers.one(held.key)
    assert found is not None
    assert (found.about["certificates"], found.about["metadata_problem"]) == (
        traveller.held.about["certificates"], "",
    )  # fmt: skip
    assert "certificates" in SignInEvent.objects.filter(kind="provider_changed").latest("id").about
    renewing.renew(change(found, entity="https://somebody.else"))
    assert "calls itself" in str(providers.one(held.key).about["metadata_problem"])  # type: ignore[union-attr]


def test_our_key_is_sealed_and_its_certificate_told(held: Provider) -> None:
    stored = db.one("SELECT sealed, settings FROM sign_in_provider")
    assert stored is not None
    assert "PRIVATE KEY" not in str(stored)
    assert "PRIVATE KEY" in held.secrets["key"]
    told = Client().get(f"{held.leave}/metadata")
    assert told["Content-Type"] == "application/samlmetadata+xml"
    assert held.about["certificate"] in told.content.decode()
    assert base64.b64decode(held.about["certificate"])
