"""Answers that prove nothing: each is refused with a line in the trace, and nobody comes in."""

import copy
import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import signxml
from django.test import Client
from lxml import etree

from rapport.platform.clock import now
from rapport.platform.identity.models import Session, User
from rapport.platform.identity.provider_models import SeenAssertion
from rapport.platform.identity.saml import answering
from rapport.platform.identity.saml.reading import NAMES
from tests.people import address
from tests.saml.conftest import Change, Idp, Traveller, another, packed, sam, trace, xml
from tests.saml.expired import certificate
from tests.saml.provider import question_in

VICTIM = address("admin")


@pytest.fixture(autouse=True)
def there(admin: User, seller: User) -> None:
    """Whom an attacker would like to be, and who he is."""


def refused(traveller: Traveller, form: dict[str, str], code: str) -> None:
    before = Session.objects.count()
    answer = traveller.bring(form)
    assert answer.status_code == 403
    assert code.encode() in answer.content, "the word to tell an administrator"
    assert trace()[-1].startswith(f"Harbour ID: {code}: "), trace()
    assert (traveller.is_in, Session.objects.count()) == (False, before)


def parts(text: str) -> tuple[Any, Any]:
    """(answer, its assertion)."""
    response = etree.fromstring(text.encode())
    return response, response.find("saml:Assertion", NAMES)


def told(response: Any, form: dict[str, str]) -> dict[str, str]:
    return packed(etree.tostring(response).decode(), form)


def evil(assertion: Any, *, mark: str = "_evil", signed: bool = False) -> Any:
    """A copy that vouches for the victim."""
    found = copy.deepcopy(assertion)
    found.set("ID", mark)
    for each in found.iter(f"{{{NAMES['saml']}}}NameID"):
        each.text = "victim"
    for each in found.iter(f"{{{NAMES['saml']}}}AttributeValue"):
        each.text = VICTIM
    if not signed:
        for each in found.findall("ds:Signature", NAMES):
            found.remove(each)
    return found


def test_unsigned(traveller: Traveller, idp: Idp) -> None:
    refused(traveller, idp.form(traveller.ask(), **sam(sign=[])), "signature")


def test_changed_after_signing(traveller: Traveller, idp: Idp) -> None:
    for sign in (["assertion"], ["response"]):
        form = idp.form(traveller.ask(), **sam(sign=sign))
        changed = xml(form).replace(address("seller"), VICTIM)
        refused(traveller, packed(changed, form), "signature")


def test_signed_with_sha1(traveller: Traveller, idp: Idp) -> None:
    refused(traveller, idp.form(traveller.ask(), **sam(sha1=True)), "algorithm")


def test_signed_with_another_key(traveller: Traveller, idp: Idp) -> None:
    form = idp.form(traveller.ask(), **sam(sign=[]))
    response, assertion = parts(xml(form))
    key, cert = ((idp.folder / f"other.{end}").read_text() for end in ("key", "pem"))
    signer = signxml.XMLSigner(c14n_algorithm=signxml.CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    response.replace(assertion, signer.sign(assertion, key=key, cert=cert, reference_uri=assertion.get("ID")))
    refused(traveller, told(response, form), "signature")


def test_signed_with_the_public_key_as_a_shared_secret(traveller: Traveller, idp: Idp) -> None:
    form = idp.form(traveller.ask(), **sam(sign=[]))
    response, assertion = parts(xml(form))
    signer = signxml.XMLSigner(
        signature_algorithm=signxml.SignatureMethod.HMAC_SHA256,
        c14n_algorithm=signxml.CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    public = (idp.folder / "idp.pem").read_bytes()
    response.replace(assertion, signer.sign(assertion, key=public, reference_uri=assertion.get("ID")))
    refused(traveller, told(response, form), "signature")


def beside_before(response: Any, good: Any) -> None:
    response.insert(list(response).index(good), evil(good))


def beside_after(response: Any, good: Any) -> None:
    response.append(evil(good))


def around(response: Any, good: Any) -> None:
    """The good one inside the evil one."""
    false = evil(good)
    response.replace(good, false)
    false.append(good)


def in_its_signature(response: Any, good: Any) -> None:
    """The good one in an object of the evil one's signature."""
    false = evil(good, signed=True)
    response.replace(good, false)
    held = etree.SubElement(false.find("ds:Signature", NAMES), f"{{{NAMES['ds']}}}Object")
    held.append(strip(good))


def in_extensions(response: Any, good: Any) -> None:
    false = evil(good, signed=True)
    response.replace(good, false)
    extensions = etree.Element(f"{{{NAMES['samlp']}}}Extensions")
    response.insert(1, extensions)
    extensions.append(strip(good))


def same_mark(response: Any, good: Any) -> None:
    """Two of the same ID, the signature above the evil one."""
    false = evil(good, mark=good.get("ID"), signed=True)
    response.replace(good, false)
    etree.SubElement(false.find("saml:Subject", NAMES), f"{{{NAMES['saml']}}}Advice").append(strip(good))


def signature_moved(response: Any, good: Any) -> None:
    """The evil one holds the signature of the good one, which lies in an advice."""
    false = evil(good, signed=True)
    response.replace(good, false)
    advice = etree.SubElement(false, f"{{{NAMES['saml']}}}Advice")
    advice.append(strip(good))


def answer_around(response: Any, good: Any) -> None:
    """The whole good answer inside an evil one."""
    inner = copy.deepcopy(response)
    response.set("ID", "_evil_answer")
    response.replace(good, evil(good))
    response.append(inner)


def another_space(response: Any, good: Any) -> None:
    """The evil one where a sloppy reader looks by local name."""
    false = evil(good)
    false.tag = "{urn:other}Assertion"
    response.insert(0, false)
    good.set("Extra", "1")


def strip(good: Any) -> Any:
    """The signed one without its signature, as the digest has it."""
    found = copy.deepcopy(good)
    for each in found.findall("ds:Signature", NAMES):
        found.remove(each)
    return found


WRAPPINGS: tuple[Callable[[Any, Any], None], ...] = (
    beside_before, beside_after, around, in_its_signature, in_extensions, same_mark, signature_moved, answer_around,
    another_space,
)  # fmt: skip


@pytest.mark.parametrize("wrap", WRAPPINGS)
@pytest.mark.parametrize("sign", ["assertion", "response"])
def test_a_wrapped_signature(traveller: Traveller, idp: Idp, wrap: Callable[[Any, Any], None], sign: str) -> None:
    form = idp.form(traveller.ask(), **sam(sign=[sign]))
    response, good = parts(xml(form))
    if sign == "response" and good.find("ds:Signature", NAMES) is None:
        good.insert(1, copy.deepcopy(response.find("ds:Signature", NAMES)))
        response.remove(response.find("ds:Signature", NAMES))
    wrap(response, good)
    assert traveller.bring(told(response, form)).status_code == 403
    assert trace()[-1].startswith(("Harbour ID: layout: ", "Harbour ID: signature: "))
    assert (traveller.is_in, Session.objects.count()) == (False, 0)


def test_the_same_answer_again(traveller: Traveller, idp: Idp) -> None:
    form = idp.form(traveller.ask(), **sam())
    assert traveller.bring(form)["Location"] == "/"
    traveller.client.post("/sign-out")
    refused(traveller, form, "once")
    SeenAssertion.objects.all().delete()
    refused(traveller, form, "browser")


def test_what_was_told_goes_on_to_a_session_once(traveller: Traveller, idp: Idp, change: Change) -> None:
    here = f"http://testserver{traveller.held.leave}"
    traveller.held = change(traveller.held, unasked=True)
    form = idp.form(f"{idp.where}/sso", **sam(to=f"{here}/acs", us=f"{here}/metadata"))
    traveller.client.post(f"{traveller.held.leave}/acs", form)
    kept = traveller.client.cookies["rapport_answer"].value
    assert traveller.client.get(f"{traveller.held.leave}/back")["Location"] == "/"
    later = Client()
    later.cookies["rapport_answer"] = kept
    assert later.get(f"{traveller.held.leave}/back").status_code == 403
    assert trace()[-1].startswith("Harbour ID: once: ")


def test_an_answer_that_another_browser_has_asked_for(traveller: Traveller, idp: Idp) -> None:
    form = idp.form(traveller.ask(), **sam())
    lured = another(traveller)
    lured.ask()
    refused(lured, form, "browser")
    form = idp.form(traveller.ask(), **sam())
    refused(another(traveller), form, "browser")


def test_an_answer_to_no_question_is_not_passed_off_as_one_to_a_question(
    traveller: Traveller, idp: Idp, change: Change
) -> None:
    here = f"http://testserver{traveller.held.leave}"
    traveller.held = change(traveller.held, unasked=True)
    number = re.findall(r' ID="(\w+)"', question_in(traveller.ask()))[0]
    form = idp.form(f"{idp.where}/sso", **sam(to=f"{here}/acs", us=f"{here}/metadata"))
    response, _good = parts(xml(form))
    response.set("InResponseTo", number)
    refused(traveller, told(response, form), "asked")


@pytest.mark.parametrize(
    ("swap", "code"),
    [
        (("/metadata</", "/metadata2</"), "audience"),
        (('Recipient="http://testserver', 'Recipient="http://other'), "recipient"),
        (('Destination="http://testserver', 'Destination="http://other'), "destination"),
        (("/idp</", "/another</"), "issuer"),
        (("status:Success", "status:Responder"), "status"),
    ],
)
def test_meant_for_somebody_else(
    traveller: Traveller, idp: Idp, monkeypatch: pytest.MonkeyPatch, swap: tuple[str, str], code: str
) -> None:
    """Signed as it is: the provider itself says so (here we only leave its signature aside)."""
    form = idp.form(traveller.ask(), **sam())
    changed = xml(form).replace(*swap)
    assert changed != xml(form)
    monkeypatch.setattr(answering.signatures, "signed", lambda element, _known: element)
    refused(traveller, packed(changed, form), code)


@pytest.mark.parametrize(("minutes", "code"), [(7, "time"), (-3, "time"), (0, "")])
def test_before_and_after_its_time(
    traveller: Traveller, idp: Idp, monkeypatch: pytest.MonkeyPatch, minutes: int, code: str
) -> None:
    form = idp.form(traveller.ask(), **sam())
    monkeypatch.setattr(answering, "now", lambda: now() + dt.timedelta(minutes=minutes, seconds=20))
    if code:
        refused(traveller, form, code)
    else:
        assert traveller.bring(form)["Location"] == "/", "twenty seconds are no matter"


def test_a_comment_in_the_name(traveller: Traveller, idp: Idp) -> None:
    form = idp.form(traveller.ask(), **sam(sub=f"{VICTIM}.evil.example"))
    changed = xml(form).replace(f"{VICTIM}.evil.example", f"{VICTIM}<!---->.evil.example")
    refused(traveller, packed(changed, form), "form")


BOMB = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: BOMB + text.replace("sam-1", "&b;"),
        lambda text: FILE + text.replace("sam-1", "&a;"),
        lambda text: '<?xml version="1.0" encoding="UTF-16"?>' + text,
        lambda text: text + "<?go here?>",
        lambda text: text[:-9],
        lambda text: text.replace("<ns", "<\0ns", 1),
        lambda text: text + " " * answering.LARGEST,
        lambda text: "<a>" * 3000,
        lambda text: "",
    ],
)
def test_no_tricks_of_xml(traveller: Traveller, idp: Idp, spoil: Callable[[str], str]) -> None:
    form = idp.form(traveller.ask(), **sam())
    text = re.sub(r"^<\?xml[^>]*\?>\s*", "", xml(form))
    refused(traveller, packed(spoil(text), form), "form")


@pytest.mark.parametrize("text", ["", "%%%", "A" * 500_000, "PGE+", "//79"])
def test_what_is_no_answer_at_all(traveller: Traveller, text: str) -> None:
    traveller.ask()
    assert traveller.bring({"SAMLResponse": text}).status_code == 403
    assert trace()
    assert not traveller.is_in


def test_a_certificate_past_its_time_vouches_for_nothing(traveller: Traveller, idp: Idp, change: Change) -> None:
    old = certificate((idp.folder / "idp.key").read_bytes())
    traveller.held = change(traveller.held, certificates=[old])
    refused(traveller, idp.form(traveller.ask(), **sam()), "signature")
    assert "expired" in trace()[-1]


def test_who_keeps_knocking_waits(traveller: Traveller) -> None:
    for _try in range(50):
        traveller.bring({"SAMLResponse": "x"})
    slowed = Client().post(f"{traveller.held.leave}/acs", {"SAMLResponse": "x"})
    assert (slowed.status_code, int(slowed["Retry-After"]) > 0) == (429, True)
