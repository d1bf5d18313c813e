"""A list read page by page gives every row exactly once and in order, whoever reads and however it is sorted."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import kinds, read, registry
from rapport.records.entity import Entity
from rapport.records.errors import Problem
from rapport.records.read import Query
from tests.contract import meaning
from tests.contract.examples import crowd
from tests.people import Api

ENTITIES = [entity.key for entity in registry]
UNSORTED = (kinds.MultiChoiceKind, kinds.AboutKind, kinds.LongTextKind, kinds.TagsKind)
QUIET = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


def sortable(entity: Entity) -> list[str]:
    return [name for name, known in entity.fields.items() if not isinstance(known.kind, UNSORTED)]


def pages(entity: Entity, sort: str, limit: int = 7) -> list[str]:
    """Ids of all pages, one after the other."""
    found: list[str] = []
    after = None
    for _page in range(40):
        page = read.page(Query(entity, sort=sort.split(","), fields=("id",), limit=limit, after=after))
        found += [row["id"] for row in page.items()]
        after = page.next
        if after is None:
            return found
    raise AssertionError(f"the pages by {sort} never end")


@pytest.mark.parametrize("key", ENTITIES)
def test_each_sort_pages_through_every_row_once_in_both_directions(key: str, organisation: None) -> None:
    entity = registry.get(key)
    crowd(entity, 23)
    everybody = list(entity.model._default_manager.all())
    wrong = []
    with as_system("tests"):
        for name in sortable(entity):
            for sort in (name, f"-{name}"):
                if pages(entity, sort) != meaning.order(everybody, entity, sort):
                    wrong.append(sort)
    assert not wrong, f"rows lost, doubled or out of order when sorted by {wrong}"


@pytest.mark.parametrize("key", ["party", "deal", "interaction"])
def test_several_sorts_together_page_through_every_row_once(key: str, organisation: None) -> None:
    entity = registry.get(key)
    crowd(entity, 23)
    everybody = list(entity.model._default_manager.all())
    one = st.builds(lambda sign, name: sign + name, st.sampled_from(["", "-"]), st.sampled_from(sortable(entity)))

    @settings(max_examples=40, deadline=None, suppress_health_check=QUIET)
    @given(sorts=st.lists(one, min_size=2, max_size=3), limit=st.integers(1, 9))
    def holds(sorts: list[str], limit: int) -> None:
        sort = ",".join(sorts)
        with as_system("tests"):
            assert pages(entity, sort, limit if limit > 3 else 4) == meaning.order(everybody, entity, sort)

    holds()


@pytest.mark.parametrize("key", ["party", "deal", "interaction"])
def test_a_limited_view_pages_through_exactly_its_own_rows(
    key: str, manager: User, seller: User, other_seller: User, acting: Callable[..., Any]
) -> None:
    """The manager reads over several arms (own, each team below), the seller over one."""
    entity = registry.get(key)
    crowd(entity, 40)
    everybody = list(entity.model._default_manager.all())
    for user, owners in ((manager, {manager.id, seller.id}), (seller, {seller.id})):
        mine = [record for record in everybody if record.owner_id in owners]
        assert mine
        assert len(mine) < len(everybody)
        with acting(user):
            for name in [*entity.sorts, "owner", "external_id"]:
                for sort in (name, f"-{name}", f"{name},-version"):
                    assert pages(entity, sort, 3) == meaning.order(mine, entity, sort), sort


def test_rows_added_while_paging_neither_repeat_nor_lose_what_was_there(admin: User, api: Callable[..., Api]) -> None:
    client = api(admin)
    there = [client.make("parties", {"name": f"P{n:02}"})["id"] for n in range(10)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        answer = client.get("parties", sort="name", limit=3, **after).json()
        seen += [item["id"] for item in answer["items"]]
        client.make("parties", {"name": "P00 again"})
        client.make("parties", {"name": "P99"}) if len(seen) < 4 else None
        if not answer["next"]:
            break
        after = {"after": answer["next"]}
    assert [key for key in seen if key in there] == there
    assert len(seen) == len(set(seen))


def test_a_cursor_of_another_sort_or_of_nobody_is_refused(admin: User, api: Callable[..., Api]) -> None:
    client = api(admin)
    for n in range(3):
        client.make("parties", {"name": f"P{n}"})
    cursor = client.get("parties", sort="name", limit=1).json()["next"]
    assert client.get("parties", sort="-name", limit=1, after=cursor).status_code == 400
    for wrong in ("x", "é", "bnVsbA", "MQ", "e30", "W10", cursor[:-3]):
        assert client.get("parties", sort="name", limit=1, after=wrong).status_code == 400, wrong


@pytest.mark.parametrize("sort", ["name", "-created_at", "last_contact_at", "owner,-employees", "email"])
def test_a_forged_cursor_never_breaks_the_server(sort: str, admin: User, api: Callable[..., Api]) -> None:
    import base64

    import orjson

    client = api(admin)
    for n in range(3):
        client.make("parties", {"name": f"P{n}", "email": f"a{n}@example.com", "employees": n})
    mark, *values = orjson.loads(
        base64.urlsafe_b64decode(client.get("parties", sort=sort, limit=1).json()["next"] + "==")
    )
    odd = [None, 1, "", "zz", [], {}, {"k": "zz"}, {"k": None}, "\x00", True, 1e300, 2**64 - 1, "2026-13-45"]
    for at in range(len(values)):
        for each in odd:
            forged = [mark, *values[:at], each, *values[at + 1 :]]
            text = base64.urlsafe_b64encode(orjson.dumps(forged)).rstrip(b"=").decode()
            assert client.get("parties", sort=sort, limit=1, after=text).status_code in (200, 400), forged


def test_a_sort_that_makes_no_sense_says_so(admin: User, api: Callable[..., Api]) -> None:
    client = api(admin)
    for wrong in ("roles", "description", "nothing", "-", "party.name", "name.x"):
        answer = client.get("parties", sort=wrong)
        assert answer.status_code == 400, wrong
        assert answer.json()["detail"]


def test_beyond_ten_thousand_rows_an_unindexed_sort_asks_for_a_filter(
    organisation: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rapport.records import listing

    monkeypatch.setattr(listing, "SORTABLE", 5)
    entity = registry.get("party")
    crowd(entity, 8)
    with as_system("tests"):
        with pytest.raises(Problem, match="filter them, or sort by name"):
            pages(entity, "employees")
        assert len(pages(entity, "name")) == 8
