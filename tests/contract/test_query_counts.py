"""How many queries each door of each entity takes, against a stored baseline; a long list takes as many as a short one.

``WRITE_BASELINE=1 pytest tests/contract/test_query_counts.py`` stores the counts anew (once per engine):
look at the difference before committing it.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test.utils import CaptureQueriesContext

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import User
from rapport.records import registry, write
from tests.contract.examples import another, example
from tests.people import Api, may

BASELINE = Path(__file__).with_name("query_counts.json")


def measure(client: Api, method: str, path: str, body: object = None, **given: object) -> int:
    """Statements of one request, savepoints left out."""
    with CaptureQueriesContext(db.connection()) as captured:
        answer = client.ask(method, path, body, **given)
    assert answer.status_code < 300, answer.content
    return sum("SAVEPOINT" not in query["sql"] for query in captured.captured_queries)


def counts(key: str, client: Api) -> dict[str, int]:
    entity = registry.get(key)
    plural = entity.plural
    found = {"create": measure(client, "POST", plural, example(entity, 50))}
    record = client.make(plural, example(entity, 51))["id"]
    where = f"{plural}/{record}"
    found["get"] = measure(client, "GET", where)
    found["change"] = measure(client, "PATCH", where, {entity.title: another(entity)})
    found["change nothing"] = measure(client, "PATCH", where, {entity.title: another(entity)})
    found["list"] = measure(client, "GET", plural, limit=50)
    found["list counted"] = measure(client, "GET", plural, limit=50, count="exact")
    found["timeline"] = measure(client, "GET", f"{where}/timeline")
    found["changes"] = measure(client, "GET", f"{where}/changes")
    found["aggregate"] = measure(client, "GET", f"{plural}/aggregate", group="created_by")
    if entity.search:
        found["search"] = measure(client, "GET", "search", q="example")
    if entity.is_record:
        found["bin"] = measure(client, "DELETE", where)
        found["restore"] = measure(client, "POST", f"{where}/actions/restore")
    return found


@pytest.mark.parametrize("key", [entity.key for entity in registry])
def test_no_door_takes_more_queries_than_it_did(key: str, admin: User, api: Callable[..., Api]) -> None:
    entity, client = registry.get(key), api(admin)
    with as_system("tests"):
        for n in range(3):
            write.create(entity, example(entity, n))
    snapshot.current()
    few = counts(key, client)
    stored = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    if os.environ.get("WRITE_BASELINE"):
        stored.setdefault(db.vendor(), {})[key] = few
        BASELINE.write_text(json.dumps(stored, indent=2, sort_keys=True) + "\n")
        return
    known = stored[db.vendor()]
    if key in known:
        assert few == known[key], "an N+1 or a saved query: see the head of this file"
    else:  # an entity as it comes costs no more than those there are
        most = {door: max(counts.get(door, 0) for counts in known.values()) for door in few}
        assert all(count <= most[door] for door, count in few.items()), (few, most)


@pytest.mark.parametrize("key", [entity.key for entity in registry])
def test_a_long_list_takes_as_many_queries_as_a_short_one(
    key: str, admin: User, manager: User, api: Callable[..., Api]
) -> None:
    entity = registry.get(key)
    for user in (each for each in (admin, manager) if may(each, key)):
        client = api(user)
        before = None
        for crowd in range(2):
            with as_system("tests"):
                for n in range(2 + crowd * 30):
                    owner = user if entity.is_record and not entity.configuration else None
                    write.create(entity, example(entity, f"{user.id}{crowd}{n}", owner))
            snapshot.current()
            now = [
                measure(client, "GET", entity.plural, limit=100),
                measure(client, "GET", "search", q="example", limit=100)
                if client.get("search", q="e").status_code == 200
                else 0,
            ]
            assert before in (None, now)
            before = now
