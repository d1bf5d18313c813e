"""What the API does not show, an assistant is not shown; what it shows is the same: every kind, every role."""

from collections.abc import Callable

import pytest

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import registry, write
from tests.assistants.speaking import Assistant
from tests.contract.examples import example
from tests.people import Api

KEYS = [entity.key for entity in registry]


@pytest.fixture
def readers(
    admin: User, manager: User, seller: User, reader: User, api: Callable[..., Api]
) -> list[tuple[Api, Assistant]]:
    """Each role with its own eyes, by the API and by an assistant."""
    clients = [api(admin), api(manager), api(seller), api(reader), api(admin, scope="read")]
    return [(client, Assistant(client)) for client in clients]


@pytest.mark.parametrize("key", KEYS)
def test_both_show_the_same_to_everybody(
    key: str, readers: list[tuple[Api, Assistant]], seller: User, other_seller: User
) -> None:
    entity = registry.get(key)
    owned = "owner" in entity.fields and not entity.fields["owner"].read_only
    with as_system("tests"):
        owners = ((1, seller), (2, other_seller)) if owned else ((1, None), (2, None))
        made = [write.create(entity, example(entity, n, owner)) for n, owner in owners]
    for client, assistant in readers:
        listed = client.get(entity.plural, limit=100)
        if listed.status_code != 200:
            assert listed.status_code == 403
            assert "may not view" in assistant.refused("find", entity=entity.plural)
            assert "may not view" in assistant.refused("describe", entity=entity.plural)
        else:
            found = assistant.call("find", entity=entity.plural, limit=100)
            assert found["items"] == listed.json()["items"]
            told = assistant.call("describe", entity=entity.key)
            assert {field["name"] for field in told["fields"]} == set(entity.fields)
        for record in made:
            _alike(client, assistant, entity.plural, record.id)


def _alike(client: Api, assistant: Assistant, plural: str, key: str) -> None:
    """One record, by each way of reading it."""
    for way, part in (("", "record"), ("/timeline", "items"), ("/changes", "items")):
        tool = way.removeprefix("/") or "get"
        answer = client.get(f"{plural}/{key}{way}")
        if answer.status_code != 200:
            assistant.refused(tool, entity=plural, id=key)
            continue
        shown = answer.json()["items"][:20] if way else answer.json()
        assert assistant.call(tool, entity=plural, id=key)[part] == shown


@pytest.mark.parametrize("key", [key for key in KEYS if registry.get(key).search])
def test_both_find_the_same(key: str, readers: list[tuple[Api, Assistant]], seller: User) -> None:
    entity = registry.get(key)
    with as_system("tests"):
        record = write.create(entity, example(entity, 1, seller))
    word = entity.title_of(record).split()[0]
    for client, assistant in readers:
        hits = [hit["id"] for hit in client.items("search", q=word)]
        assert [hit["id"] for hit in assistant.call("search", q=word)["items"]] == hits
