"""A board asked with a filter: its columns hold, count and sum what the filter lets through."""

from typing import Any
from urllib.parse import quote

import orjson
import pytest
from django.test import Client

from rapport.platform.identity.models import User
from rapport.records import boards, read, registry
from rapport.records.read import Query
from rapport.shell.views.board import wanted_of
from tests.contract.examples import crowd

TREES: dict[str, Any] = {
    "own field": {"field": "amount", "op": "gte", "value": "99"},
    "related": {"field": "party.name", "op": "contains", "value": "Example"},
    "either": {"or": [{"field": "owner", "op": "eq", "value": "me"}, {"field": "external_id", "op": "is_empty"}]},
    "me, as the kept totals answer": {"field": "owner", "op": "eq", "value": "me"},
}


@pytest.mark.parametrize("asked", TREES)
def test_columns_hold_what_the_filter_lets_through(asked: str, admin: User, acting: Any, browser_of: Any) -> None:
    entity, tree = registry.get("deal"), TREES[asked]
    crowd(entity, 40)
    client: Client = browser_of(admin)
    address = f"/deals?closed=all&filter={quote(orjson.dumps(tree).decode())}"
    request: Any = client.get(address).wsgi_request
    with acting(admin):
        columns = boards.columns(entity, None, wanted_of(entity, request.GET), cards=("name",))
        for column in columns:
            stage = {"field": "stage", "op": "eq", "value": column.step.id}
            held = read.page(Query(entity, filter={"and": [tree, stage]}, fields=("id",), limit=50)).items()
            assert column.count == len(held)
            assert {row["id"] for row in column.rows} <= {row["id"] for row in held}
            value = read.aggregate(Query(entity, filter={"and": [tree, stage]}), [], ["amount"])
            assert boards.said(entity, column.base) == value[0]["sum"]["amount"]
    assert sum(column.count for column in columns)
    assert 'class="filter"' in client.get(address).content.decode()
