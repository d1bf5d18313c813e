"""Lists under a name, from the server's side: what an address means, whose they are, and what they do elsewhere."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from django.test import Client

from rapport.config.cli import export
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import Grant, User
from rapport.records import registry, write
from rapport.shell.lists import saved
from tests.people import Api

Browser = Callable[[User], Client]
PEOPLE = {"field": "name", "op": "starts_with", "value": "A"}


def view(owner: User | None, **more: Any) -> Any:
    """A saved view of parties whose name starts with A."""
    values = {"name": "The As", "entity": "party", "base": "people", "filter": PEOPLE, "sort": "-name", **more}
    with as_system("tests"):
        return write.create(registry.get("saved_view"), {**values, "owner": owner.id if owner else None})


def post(client: Client, path: str, **data: str) -> Any:
    """Post as the page does."""
    client.get("/my-day")
    return client.post(path, data, headers={"X-CSRFToken": client.cookies["csrftoken"].value})


def exported(*arguments: str) -> int:
    """``rapport export parties …``; the exit code."""
    parser = argparse.ArgumentParser()
    export.add_arguments(parser)
    return export.run(parser.parse_args(["parties", *arguments]))


@pytest.fixture
def people(admin: User) -> None:
    with as_system("tests"):
        for name in ("Ada", "Anna", "Berta"):
            write.create(registry.get("party"), {"name": name, "kind": "person"})
        write.create(registry.get("party"), {"name": "Arc Ltd", "kind": "organisation"})


def names(client: Client, url: str) -> list[str]:
    """The names a list shows, in order."""
    text = client.get(url).content.decode()
    places = {name: text.find(f">{name}</a>") for name in ("Ada", "Anna", "Berta", "Arc Ltd")}
    return sorted((name for name, place in places.items() if place >= 0), key=lambda name: places[name])


def test_a_saved_view_is_its_list_with_filter_and_order(people: None, admin: User, browser_of: Browser) -> None:
    client, key = browser_of(admin), view(admin).id
    assert names(client, f"/parties?view={key}") == ["Anna", "Ada"]
    assert names(client, f"/parties?view={key}&sort=name") == ["Ada", "Anna"]
    assert names(client, f"/parties?view={key}&filter=%7B%7D&sort=name") == ["Ada", "Anna", "Berta"]
    assert names(client, f"/parties/rows?view={key}&ids=") == []
    written = b"".join(client.get(f"/parties/export?view={key}&format=csv")).decode()
    assert "Anna" in written
    assert "Berta" not in written


def test_a_personal_view_is_nobody_elses(people: None, admin: User, seller: User, browser_of: Browser) -> None:
    mine, everybodys = view(admin).id, view(None, name="Everybody's").id
    client = browser_of(seller)
    assert client.get(f"/parties?view={mine}").status_code == 404
    assert "not shared with you" in client.get(f"/parties?view={mine}").content.decode()
    page = client.get(f"/parties?view={everybodys}").content.decode()
    assert "Everybody&#39;s" in page
    assert "The As" not in page
    assert "Delete this view" not in page
    assert post(client, f"/saved-views/{everybodys}/remove").status_code == 403
    assert client.get(f"/deals?view={everybodys}").status_code == 404


def test_who_may_not_give_to_all_keeps_for_himself(seller: User, browser_of: Browser, api: Callable[..., Api]) -> None:
    client = browser_of(seller)
    given = urlencode({"view": "people", "filter": orjson.dumps(PEOPLE).decode()})
    assert post(client, f"/parties/view?{given}", name="", who="all").status_code == 422
    answer = post(client, f"/parties/view?{given}", name="Mine", who="all", pin="1")
    assert answer.status_code == 302
    assert "view=" in answer["Location"]
    kept = api(seller).ask("GET", "saved-views").json()["items"]
    assert [(one["name"], one["owner"], one["filter"]) for one in kept] == [("Mine", seller.id, PEOPLE)]
    assert f'<a href="/parties?view={kept[0]["id"]}"' in client.get("/my-day").content.decode()
    post(client, f"/saved-views/{kept[0]['id']}/pin", pin="0")
    assert f'<a href="/parties?view={kept[0]["id"]}"' not in client.get("/my-day").content.decode()


def test_a_filter_that_cannot_be_asked_is_refused(admin: User, api: Callable[..., Api]) -> None:
    wrong = {"name": "X", "entity": "party", "filter": {"field": "nmae", "op": "eq", "value": "A"}}
    answer = api(admin).ask("POST", "saved-views", wrong)
    assert answer.status_code == 422
    assert "Did you mean" in answer.json()["detail"]


def test_the_command_line_exports_a_view(people: None, admin: User, tmp_path: Path) -> None:
    view(admin, columns="name,email")
    file = tmp_path / "as.csv"
    assert exported(str(file), "--view", "the as") == 0
    head, *rows = file.read_text("utf-8-sig").splitlines()
    assert head == "id,name,email"
    assert sorted(row.split(",")[1] for row in rows) == ["Ada", "Anna"]
    assert exported(str(tmp_path / "p.csv"), "--view", "people", "--fields", "name") == 0
    assert len((tmp_path / "p.csv").read_text().splitlines()) == 4
    assert exported(str(file), "--view", "nothing") == 2


def test_a_view_in_the_bin_is_pinned_no_more(people: None, admin: User, browser_of: Browser) -> None:
    key = view(admin).id
    client = browser_of(admin)
    post(client, f"/saved-views/{key}/pin", pin="1")
    assert "The As" in client.get("/my-day").content.decode()
    with as_system("tests"):
        write.put_in_bin(registry.get("saved_view"), key)
        assert saved.kept_for(registry.get("party")) == []
    assert "The As" not in client.get("/my-day").content.decode()


def test_who_has_no_right_to_views_has_lists_all_the_same(people: None, seller: User, browser_of: Browser) -> None:
    Grant.objects.filter(entity="saved_view").delete()
    with as_system("tests"):
        snapshot.touch()
    client = browser_of(seller)
    page = client.get("/parties?view=people&sort=name").content.decode()
    assert "Save view" not in page
    assert client.get("/my-day").status_code == 200
    assert client.get("/deals").status_code == 200
    assert client.get("/parties/view?view=people").status_code == 403
