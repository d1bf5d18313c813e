"""The screens of an import as somebody without scripts walks them, and the worker behind them."""

import re
from html.parser import HTMLParser
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from rapport.platform.jobs import claims, execution
from rapport.platform.jobs.registry import kinds

CONTACTS = (
    "Company name;Art;E-mail;Umsatz;Betreuer\n"
    "Alm;Firma;info@alm.example;1.250,50;Mona Manager\n"
    "Brot;Firma;nonsense;830,00;Mona Manager\n"
    "Café;Firma;hallo@cafe.example;95,00;Nobody\n"
)


class Heart:
    """A heart that needs no thread."""

    def watch(self, run: Any) -> None:
        """Nothing to do."""

    def forget(self, run: Any) -> None:
        """Nothing to do."""


class Impatient(Heart):
    """The heart of a job that somebody stops as soon as it has said how far it is."""

    def watch(self, run: Any) -> None:
        """Cancel with the first word."""
        told = run.progress

        def progress(*args: Any) -> None:
            told(*args)
            run.cancelled = True

        run.progress = progress


def work(heart: Any = None) -> None:
    """Do what waits in the queue, as the worker would."""
    for lane in ("short", "long"):
        while job := claims.claim(lane, list(kinds()), "a test"):
            execution.execute(job, heart or Heart())


class Form(HTMLParser):
    """What a browser would send of the mapping form."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self._inside, self._select, self._option = False, "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("id") == "mapping"
        if not self._inside:
            return
        name = given.get("name") or ""
        if tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in given or self._select not in self.values):
            self._option = "value" not in given
            self.values[self._select] = given.get("value") or ""
        elif tag == "input" and "checked" in given and "disabled" not in given:
            self.values[name] = [*self.values.get(name, []), given["value"]] if name == "match" else given["value"]
        elif tag == "input" and given.get("type") == "text":
            self.values[name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._option:
            self.values[self._select], self._option = data, False


class Screens:
    """A person at the import screens."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.token = self.field(self.client.get("/imports/new"), "csrfmiddlewaretoken")

    @staticmethod
    def field(answer: HttpResponse, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
        return found[1] if found else ""

    def post(self, path: str, **values: Any) -> HttpResponse:
        return self.client.post(path, {"csrfmiddlewaretoken": self.token, **values})

    def upload(self, content: str | bytes, name: str = "contacts.csv", entity: str = "party") -> str:
        """The address of the new run."""
        answer = self.attempt(content, name, entity)
        assert answer.status_code == 302, answer.content.decode()
        return str(answer["Location"])

    def attempt(self, content: str | bytes, name: str = "contacts.csv", entity: str = "party") -> HttpResponse:
        raw = content if isinstance(content, bytes) else content.encode()
        return self.post("/imports/new", entity=entity, file=SimpleUploadedFile(name, raw))

    def shown(self, path: str) -> str:
        answer = self.client.get(path, follow=True)
        assert answer.status_code == 200, answer.content.decode()
        return answer.content.decode()

    def choices(self, path: str) -> dict[str, Any]:
        """The mapping form as it stands."""
        reader = Form()
        reader.feed(self.shown(f"{path}/columns"))
        return reader.values
