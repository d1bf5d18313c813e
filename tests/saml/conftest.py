"""A provider process of this run's own, set up here under the name Harbour ID, and a way to come from there."""

import base64
import html
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from rapport.platform.identity import providers
from rapport.platform.identity.models import User
from rapport.platform.identity.providers import Provider
from rapport.platform.identity.saml import metadata, speaking
from rapport.platform.identity.sign_in_models import SignInEvent
from rapport.platform.identity.sign_ins import NOBODY
from tests.people import address
from tests.serving import free_port

BASE = "http://testserver"


@dataclass(frozen=True)
class Idp:
    """Where it listens, and its folder with keys: ``idp`` is its own, ``other`` somebody else's."""

    where: str
    folder: Path

    def metadata(self) -> bytes:
        with urllib.request.urlopen(f"{self.where}/metadata", timeout=10) as answer:
            return bytes(answer.read())

    def learn(self, ours: bytes) -> None:
        urllib.request.urlopen(f"{self.where}/us", ours, timeout=20).close()

    def form(self, address: str, **person: Any) -> dict[str, str]:
        """What its page would post to us for this person."""
        joint = "&" if "?" in address else "?"
        with urllib.request.urlopen(f"{address}{joint}{urlencode({'as': json.dumps(person)})}", timeout=20) as answer:
            found = re.findall(r'name="(\w+)" value="([^"]*)"', answer.read().decode())
        return {name: html.unescape(value) for name, value in found}


@pytest.fixture(scope="session")
def idp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Idp]:
    folder = tmp_path_factory.mktemp("idp")
    found = Idp(f"http://127.0.0.1:{(port := free_port())}", folder)
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "tests.saml.provider", str(port), str(folder)])
    try:
        for _try in range(400):
            try:
                urllib.request.urlopen(f"{found.where}/up", timeout=2).close()
                break
            except OSError:
                time.sleep(0.05)
        yield found
    finally:
        process.terminate()
        process.wait(timeout=10)


Change = Callable[..., Provider]


@pytest.fixture
def change(admin: User) -> Change:
    """``change(held, forced=True)``: set a provider up otherwise."""

    def do(held: Provider, *, is_active: bool | None = None, by: str = "", **about: Any) -> Provider:
        providers.save(
            held, held.kind, held.name, is_active=held.is_active if is_active is None else is_active,
            position=held.position, about={**held.about, **about}, secrets=held.secrets, by=by or admin.id,
            visitor=NOBODY,
        )  # fmt: skip
        found = providers.one(held.key)
        assert found is not None
        return found

    return do


@pytest.fixture
def held(idp: Idp, admin: User, change: Change) -> Provider:
    """Harbour ID, set up from its metadata; it knows us by ours."""
    about, secrets = speaking.new_pair()
    about |= metadata.read(idp.metadata()).about() | {"domains": ["rapport.test"]}
    key = providers.save(
        None, providers.SAML, "Harbour ID", is_active=True, position=0, about=about, secrets=secrets, by=admin.id,
        visitor=NOBODY,
    )  # fmt: skip
    idp.learn(Client().get(f"/sign-in/provider/{key}/metadata").content)
    found = providers.one(key)
    assert found is not None
    SignInEvent.objects.all().delete()
    return found


@dataclass
class Traveller:
    """A browser that goes to the provider and comes back."""

    idp: Idp
    held: Provider
    client: Client

    def ask(self, onward: str = "/") -> str:
        return str(self.client.get(self.held.leave, {"next": onward})["Location"])

    def bring(self, form: dict[str, str]) -> HttpResponse:
        """Post the provider's answer: cookies do not come along from another site; then follow on this one."""
        kept = dict(self.client.cookies)
        self.client.cookies.clear()
        answer = self.client.post(f"{self.held.leave}/acs", form)
        for name, morsel in kept.items():
            self.client.cookies.setdefault(name, morsel)
        return self.client.get(answer["Location"]) if answer.status_code == 303 else answer

    def arrive(self, onward: str = "/", **person: Any) -> HttpResponse:
        return self.bring(self.idp.form(self.ask(onward), **sam(**person)))

    @property
    def is_in(self) -> bool:
        return self.client.get("/account").status_code == 200


@pytest.fixture
def traveller(idp: Idp, held: Provider) -> Traveller:
    return Traveller(idp, held, Client())


def another(traveller: Traveller, **more: Any) -> Traveller:
    """Another browser."""
    return replace(traveller, client=Client(), **more)


def sam(**more: Any) -> dict[str, Any]:
    """The seller, as the provider tells of him."""
    said = {"mail": [address("seller")], "displayName": ["Sam Seller"]}
    return {"sub": "sam-1", "said": said} | more


def xml(form: dict[str, str]) -> str:
    """The answer in a form."""
    return base64.b64decode(form["SAMLResponse"]).decode()


def packed(text: str, form: dict[str, str]) -> dict[str, str]:
    """A form with this answer."""
    return {**form, "SAMLResponse": base64.b64encode(text.encode()).decode()}


def trace() -> list[str]:
    """What the trace says of refusals."""
    found = SignInEvent.objects.filter(kind="provider_refused").order_by("id")
    return [each.about for each in found]
