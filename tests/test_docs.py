"""docs/api.md is true: each request is sent, each answer compared, its tables drawn anew; docs/tour.md is whole.

``WRITE_DOCS=1 pytest tests/test_docs.py`` draws the tables anew.
"""

import datetime as dt
import json
import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.http import HttpResponse

from rapport.platform.identity.models import User
from rapport.records import kinds, registry
from tests.people import Api
from tools.screens import SCREENS

DOC = Path(__file__).resolve().parent.parent / "docs" / "api.md"
TOUR = DOC.with_name("tour.md")
STEP = re.compile(r"```sh\n(.*?)```\n\nAnswer `(\d+)`([^\n]*)\n(?:\n```json\n(.*?)```)?", re.DOTALL)
ID = re.compile(r"[0-9a-f]{32}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
VALUES = {
    "text": '`"Acme"`',
    "long_text": '`"word"`',
    "filter": "a filter tree, as JSON or as a text",
    "email": '`"ada@example.com"`',
    "phone": '`"+4420…"`',
    "url": '`"https://…"`',
    "country": '`"DE"`',
    "currency": '`"EUR"`',
    "choice": '`"person"`',
    "multi_choice": '`"customer"` or a list',
    "number": "`42`",
    "money": '`"1000.00"`',
    "decimal": "`12.5`",
    "amount": '`"1000.00"`',
    "yes_no": "`true`",
    "date": '`"2026-11-21"` or `"today"`',
    "moment": '`"2026-11-21T09:30:00Z"`, `"now"` or `"today"`',
    "relation": 'id, `"me"`',
    "tags": '`["VIP"]` or `"VIP"`',
    "about": '`{"entity": "deal", "id": …}`',
}


class Reader:
    """Sends what the document says, and compares; its ids and cursors stand for those of this run."""

    def __init__(self, client: Api, powerful: Api | None = None) -> None:
        self.by_file = {"rapport.curl": client, "admin.curl": powerful or client}
        self.real: dict[str, str] = {}

    def send(self, command: str) -> HttpResponse:
        """Carry out a curl command."""
        for shown, real in self.real.items():
            command = command.replace(shown, real) if len(shown) > 20 else command
        words = iter(shlex.split(command.replace("$RAPPORT", "/api/v1")))
        method, url, headers, data, in_address = None, "", {}, [], False
        client = self.by_file["rapport.curl"]
        assert next(words) == "curl"
        for word in words:
            if word == "-K":
                client = self.by_file[next(words)]
            elif word == "-X":
                method = next(words)
            elif word == "-H":
                name, _colon, value = next(words).partition(": ")
                headers[name] = value
            elif word in ("-d", "--data-urlencode"):
                data.append(next(words))
            elif word == "-G":
                in_address = True
            else:
                url = word
        query = dict(parse_qsl(urlsplit(url).query, strict_parsing=True)) if "?" in url else {}
        if in_address:
            query |= dict(part.split("=", 1) for part in data)
        body = "".join(data) if data and not in_address else b""
        query = {k: json.loads(v) if k == "filter" else v for k, v in query.items()}
        return client.ask(method or ("POST" if body else "GET"), urlsplit(url).path, body, headers=headers, **query)

    def compare(self, shown: Any, real: Any, place: str = "") -> None:
        """The answer is what the document shows; ids, cursors, moments and today's date are this run's."""
        if isinstance(shown, dict):
            assert isinstance(real, dict), place
            names = set(shown) - {"…"}
            assert names <= set(real) if "…" in shown else names == set(real), f"{place}: {sorted(real)}"
            for name in (each for each in shown if each in names):
                self.compare(shown[name], real[name], f"{place}.{name}")
        elif isinstance(shown, list):
            assert isinstance(real, list), place
            assert len(shown) == len(real), f"{place}: {real}"
            for at, pair in enumerate(zip(shown, real, strict=True)):
                self.compare(*pair, f"{place}[{at}]")
        elif shown == "…":
            assert real, place
        elif isinstance(shown, str) and (ID.fullmatch(shown) or place.endswith((".next", ".id"))):
            assert isinstance(real, str), f"{place}: {real}"
            assert self.real.setdefault(shown, real) == real, f"{place}: another one than before"
        elif isinstance(shown, str) and MOMENT.fullmatch(shown):
            assert MOMENT.fullmatch(real), f"{place}: {real}"
        elif place.endswith("_on") and real == dt.datetime.now(dt.UTC).date().isoformat():
            assert shown is not None
        else:
            expected = shown
            for each, this in self.real.items():
                if not ID.fullmatch(each):
                    continue
                expected = expected.replace(each, this) if isinstance(expected, str) else expected
            assert real == expected, f"{place}: {real!r}"


def test_every_request_of_the_document_gets_the_answer_beside_it(admin: User, api: Callable[..., Api]) -> None:
    reader, steps = Reader(api(admin), api(admin, "admin")), STEP.findall(DOC.read_text())
    assert len(steps) == DOC.read_text().count("```sh") >= 20
    for command, status, headers, answer in steps:
        real = reader.send(command)
        assert real.status_code == int(status), f"{command}\n{real.content.decode()}"
        for name, value in re.findall(r"`([\w-]+): ([^`]+)`", headers):
            assert real[name] == value, command
        if answer:
            reader.compare(json.loads(answer), json.loads(real.content), command)
        else:
            assert real.content == b""


def operators() -> str:
    """The table of kinds."""
    found = sorted(
        {
            kind.name: kind.ops
            for kind in vars(kinds).values()
            if isinstance(kind, type) and kind is not kinds.Kind and hasattr(kind, "ops")
        }.items()
    )
    lines = [f"| {name} | {' '.join(f'`{op}`' for op in ops)} | {VALUES[name]} |" for name, ops in found]
    return "\n".join(["| kind | operators | value |", "|---|---|---|", *lines])


def fields() -> str:
    """Every entity with its fields by kind."""
    found = []
    for entity in sorted(registry, key=lambda each: each.plural):
        by_kind: dict[str, list[str]] = {}
        for name, known in entity.fields.items():
            to = f" to {registry.get(known.relation).plural}" if known.relation and name != "id" else ""
            by_kind.setdefault(known.kind.name + to, []).append(f"_{name}_" if known.read_only else f"`{name}`")
        found.append(
            f"**{entity.plural}**: "
            + "; ".join(f"{kind}: {', '.join(names)}" for kind, names in sorted(by_kind.items()))
            + "."
        )
    return "\n\n".join(found)


@pytest.mark.django_db
@pytest.mark.parametrize(("mark", "draw"), [("operators", operators), ("fields", fields)])
def test_the_tables_of_the_document_are_those_of_the_code(mark: str, draw: Callable[[], str]) -> None:
    text = DOC.read_text()
    place = re.compile(rf"(<!-- {mark} -->\n)(.*?)(<!-- end -->)", re.DOTALL)
    drawn = place.sub(lambda found: found[1] + draw() + "\n" + found[3], text)
    if os.environ.get("WRITE_DOCS"):
        DOC.write_text(drawn)
        return
    assert text == drawn, "the code has changed: WRITE_DOCS=1 pytest tests/test_docs.py"


@pytest.mark.parametrize(
    "path",
    [
        "{entity}",
        "{entity}/{id}",
        "{entity}/{id}/timeline",
        "{entity}/{id}/changes",
        "{entity}/{id}/actions/{verb}",
        "{entity}/aggregate",
        "{entity}/bulk",
        "search",
        "openapi.json",
    ],
)
def test_every_address_of_the_api_has_an_example(path: str) -> None:
    assert f"/{path}`" in DOC.read_text()


def test_no_address_of_the_api_is_left_out_of_the_document() -> None:
    from rapport.records.api.urls import urlpatterns

    words = {
        "<str:plural>": "{entity}", "<str:key>": "{id}", "<str:verb>": "{verb}", "<str:delivery>": "{delivery}",
        "<str:run>": "{run}",
    }  # fmt: skip
    known = {re.sub(r"<.*?>", lambda found: words[found[0]], str(each.pattern)) for each in urlpatterns}
    left_out = [path for path in known if path and f"/{path}`" not in DOC.read_text()]
    assert not left_out, "describe it in docs/api.md with a worked request and answer"


def test_the_tour_leads_through_every_screen_once() -> None:
    told = " ".join(re.findall(r"<!--(.*?)-->", TOUR.read_text(), re.DOTALL)).split()
    assert sorted(told) == sorted(screen.__name__ for screen in SCREENS), "say in docs/tour.md what the screen is for"
