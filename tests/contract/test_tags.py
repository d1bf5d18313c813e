"""Tags on every business record: shared ones everybody's, with history and undo; personal ones their owner's alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from rapport.config import readiness
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import access, snapshot
from rapport.platform.identity.models import User
from rapport.records import Entity, jobs, read, registry, revert, search_read, tagging, write
from rapport.records.listing import Plan, Query
from rapport.records.transfer import undo
from rapport.records.transfer.export.files import export
from rapport.records.transfer.tests.importing import bring
from tests.contract.examples import example
from tests.contract.test_plans import Explained, scans
from tests.people import Api

TAGGED = [entity.key for entity in registry if entity.has_tags]
Clients = Callable[..., Api]


@pytest.fixture
def tags(organisation: None) -> dict[str, str]:
    """The shared tags, by name."""
    with as_system("tests"):
        return {name: write.create(registry.get("tag"), {"name": name}).id for name in ("Gold", "Silver", "Old client")}


def born(entity: Entity, number: int, seller: User, admin: User, api: Clients, **more: Any) -> Any:
    """A record of the seller's, which he makes himself where he may."""
    client, data = api(seller), example(entity, number, seller)
    if access.actor_of(seller).may(entity.key, "add"):
        return client.make(entity.plural, {**data, **more})
    made = api(admin).make(entity.plural, {**data, "owner": seller.id})
    return client.patch(f"{entity.plural}/{made['id']}", more).json() if more else made


def asked(*names: str, op: str = "in") -> dict[str, Any]:
    return {"field": "tags", "op": op, "value": list(names)}


def test_every_business_record_has_tags() -> None:
    assert set(TAGGED) == {entity.key for entity in registry if entity.is_shareable}


@pytest.mark.parametrize("key", TAGGED)
def test_a_shared_tag_is_read_filtered_found_told_and_undone(
    key: str, tags: dict[str, str], admin: User, seller: User, api: Clients, acting: Callable[..., Any]
) -> None:
    entity, client = registry.get(key), api(seller)
    plural = entity.plural
    record = born(entity, 1, seller, admin, api, tags=["gold", tags["Old client"]])
    plain = born(entity, 2, seller, admin, api)
    where = f"{plural}/{record['id']}"
    assert (record["tags"], plain["tags"]) == (["Gold", "Old client"], [])
    found = lambda tree: {item["id"] for item in client.items(plural, filter=tree)}  # noqa: E731
    assert found(asked("Gold")) == found(asked("silver", "GOLD")) == {record["id"]}
    assert found(asked("Silver")) == set()
    assert found(asked("Gold", op="not_in")) == {plain["id"]}
    assert found({"field": "tags", "op": "is_empty"}) == {plain["id"]}
    assert found({"field": "tags", "op": "is_empty", "value": False}) == {record["id"]}
    assert found({"and": [asked("Gold"), asked("Old client")]}) == {record["id"]}
    assert client.get(plural, filter=asked("Gold"), count="exact").json()["count"] == 1
    if entity.search:
        assert [hit["id"] for hit in client.items("search", q="old client", entity=plural)] == [record["id"]]
    operation = client.patch(where, {"tags": ["Silver"]}).json() and client.items(f"{where}/changes")[0]
    assert (operation["before"], operation["after"]) == ({"tags": ["Gold", "Old client"]}, {"tags": ["Silver"]})
    assert found(asked("Gold")) == set()
    version = client.get(where).json()["version"]
    assert client.patch(where, {"tags": "Silver"}).json()["version"] == version, "nothing has changed"
    with acting(seller):
        assert revert.revert(operation["operation"]).reverted == [record["id"]]
    assert readiness.deep() == []
    assert client.get(where).json()["tags"] == ["Gold", "Old client"]
    assert found(asked("Old client")) == {record["id"]}
    if entity.search:
        assert [hit["id"] for hit in client.items("search", q="gold", entity=plural)] == [record["id"]]


@pytest.mark.parametrize("key", TAGGED)
def test_a_personal_tag_is_nobody_elses_business(
    key: str, tags: dict[str, str], admin: User, seller: User, manager: User, api: Clients,
    acting: Callable[..., Any], tmp_path: Path,
) -> None:  # fmt: skip
    entity, mine = registry.get(key), api(seller)
    plural = entity.plural
    own = mine.make("tags", {"name": "Call on Monday"})
    assert own["owner"] == seller.id, "who may not make shared tags makes one of his own"
    record = born(entity, 1, seller, admin, api, tags=["Gold", "call on monday"])
    where = f"{plural}/{record['id']}"
    assert record["tags"] == ["Call on Monday", "Gold"]
    assert [item["id"] for item in mine.items(plural, filter=asked("Call on Monday"))] == [record["id"]]
    for other in (api(manager), api(admin)):
        assert other.get(where).json()["tags"] == ["Gold"]
        assert "Call on Monday" not in [tag["name"] for tag in other.items("tags")]
        assert other.get(f"tags/{own['id']}").status_code == 404
        assert other.patch(f"tags/{own['id']}", {"name": "x"}).status_code == 404
        for asked_for in ("Call on Monday", own["id"]):
            told = other.get(plural, filter=asked(asked_for))
            assert told.status_code == 400
            assert "Call on Monday" not in told.json()["detail"].split("Tags:")[1]
        assert other.items("search", q="monday") == []
        history = other.items(f"{where}/changes")
        assert "Monday" not in orjson.dumps(history).decode()
        assert own["id"] not in orjson.dumps(history).decode()
        # Replacing the tags of the record leaves those of others alone.
        assert other.patch(where, {"tags": ["Silver"]}).json()["tags"] == ["Silver"]
        assert mine.get(where).json()["tags"] == ["Call on Monday", "Silver"]
        assert other.patch(where, {"tags": ["Gold"]}).status_code == 200
    with acting(manager):
        export(entity, tmp_path / "all.csv")
    written = (tmp_path / "all.csv").read_text()
    assert "Gold" in written
    assert "Monday" not in written
    version = mine.get(where).json()["version"]
    assert mine.patch(where, {"tags": ["Gold"]}).json()["tags"] == ["Gold"]
    assert mine.patch(where, {"tags": ["Gold", "Call on Monday"]}).json()["version"] == version
    assert mine.items(plural, filter={"field": "tags", "op": "is_empty"}) == []


def test_unknown_tags_are_answered_with_those_there_are(tags: dict[str, str], seller: User, api: Clients) -> None:
    answer = api(seller).post("parties", {"name": "P", "tags": ["Gold", "Platinum"]})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["field"], error["code"]) == ("tags", "unknown")
    assert "Platinum" in error["message"]
    assert "Gold, Old client, Silver" in error["message"]
    for wrong in (7, {"a": 1}, [1], [["x"]], ["x"] * 3 + [None], [str(n) for n in range(51)]):
        assert api(seller).post("parties", {"name": "P", "tags": wrong}).status_code == 422, wrong
    for given in ({"sort": "tags"}, {"filter": {"field": "tags", "op": "in", "value": []}}):
        assert api(seller).get("parties", **given).status_code == 400
    assert api(seller).get("parties/aggregate", group="tags").status_code == 400


def test_who_may_do_what_with_tags(
    tags: dict[str, str], seller: User, reader: User, manager: User, api: Clients
) -> None:
    mine = api(seller)
    for method, path, body in (
        ("POST", "tags", {"name": "Everybody's", "owner": None}),
        ("PATCH", f"tags/{tags['Gold']}", {"name": "Mine"}),
        ("DELETE", f"tags/{tags['Gold']}", None),
        ("POST", "tags", {"name": "His", "owner": manager.id}),
    ):
        assert mine.ask(method, path, body).status_code == 403, (method, path, body)
    assert api(reader).post("tags", {"name": "x"}).status_code == 403
    shared = api(manager).make("tags", {"name": "Bronze", "hue": 3})
    assert shared["owner"] is None
    assert api(manager).post("tags", {"name": "bronze"}).status_code == 409
    assert api(manager).patch(f"tags/{shared['id']}", {"owner": manager.id}).status_code == 422
    assert api(manager).post("tags", {"name": "a, b"}).status_code == 422
    assert {tag["name"] for tag in api(reader).items("tags")} == {"Gold", "Silver", "Old client", "Bronze"}


def test_a_renamed_or_binned_tag_is_read_and_found_so(
    tags: dict[str, str], admin: User, api: Clients, acting: Callable[..., Any]
) -> None:
    client = api(admin)
    record = client.make("parties", {"name": "Acme", "tags": ["Gold"]})
    client.make("contact-points", {"party": record["id"], "kind": "telegram", "value": "acme_talks"})
    where, run = f"parties/{record['id']}", type("Run", (), {"check_cancelled": lambda self: None})()
    assert client.patch(f"tags/{tags['Gold']}", {"name": "Platinum"}).status_code == 200
    with as_system("tests"):
        jobs.follow_tag(run, tags["Gold"])
    assert client.get(where).json()["tags"] == ["Platinum"]
    for words in ("platinum", "acme_talks"):
        assert [hit["id"] for hit in client.items("search", q=words)] == [record["id"]], words
    assert client.items("search", q="gold") == []
    assert client.delete(f"tags/{tags['Gold']}").status_code == 204
    with as_system("tests"):
        jobs.follow_tag(run, tags["Gold"])
    assert client.get(where).json()["tags"] == []
    assert client.items("search", q="platinum") == []
    assert [item["id"] for item in client.items("parties", filter={"field": "tags", "op": "is_empty"})] == [
        record["id"]
    ]
    assert client.post(f"tags/{tags['Gold']}/actions/restore").status_code == 200
    assert client.get(where).json()["tags"] == ["Platinum"]


@pytest.mark.parametrize("key", TAGGED)
def test_a_filter_by_tag_looks_it_up_by_an_index(
    key: str, tags: dict[str, str], seller: User, admin: User, acting: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    entity = registry.get(key)
    with as_system("tests"):
        for n in range(3):
            write.create(entity, {**example(entity, n), "tags": ["Gold"], "owner": seller.id})
    snapshot.current()
    for user in (admin, seller):
        for few in (tagging.FEW, 1):  # a rare tag leads to its records; a common one is looked for while walking
            monkeypatch.setattr(tagging, "FEW", few)
            with acting(user), Explained(monkeypatch) as plans:
                plan = Plan(Query(entity, filter=asked("Gold")), write.current())
                assert len(plan.run().rows) == 3
                assert plan.count() == 3
            assert any("record_tag_found" in each or "record_tag_once" in each for each in plans)
            assert not scans(plans, "record_tag", *(["t", entity.table] if few > 1 else [])), plans
            monkeypatch.undo()


def test_tags_come_by_import_and_go_with_its_undo(
    tags: dict[str, str], admin: User, acting: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "parties.csv"
    file.write_text("name,external_id,tags\nAcme,1,Gold; Silver\nBolt,2,\nCord,3,New one | Gold\n")
    spec = {"columns": {"name": "name", "external_id": "external_id", "tags": "tags"}}
    plain = bring("party", file, spec)
    assert (plain.counts, plain.failed) == ((2, 0, 0, 1), [(4, "tags: there is no tag “New one”")])
    assert bring("party", file, {**spec, "create": ["tags"]}, dry_run=True).counts == (1, 0, 2, 0)
    assert bring("party", file, {**spec, "create": ["tags"]}).counts == (1, 0, 2, 0)
    with acting(admin):
        rows = {row["name"]: row["tags"] for row in map(orjson.loads, read.everything(Query(registry.get("party"))))}
        assert rows == {"Acme": ["Gold", "Silver"], "Bolt": [], "Cord": ["Gold", "New one"]}
        assert [hit.title for hit in search_read.search("new one")] == ["Cord"]
        assert len(Plan(Query(registry.get("party"), filter=asked("New one")), write.current()).run().rows) == 1
    file.write_text("external_id,tags\n1,Silver\n")
    changed = bring("party", file, {"columns": {"external_id": "external_id", "tags": "tags"}})
    assert changed.counts == (0, 1, 0, 0)
    with acting(admin):
        assert undo.undo(str(changed.run)).reverted
        export(registry.get("party"), tmp_path / "out.csv", ["name", "tags"])
    assert '"Gold, Silver"' in (tmp_path / "out.csv").read_text()
    assert db.one("SELECT count(*) FROM record_tag") == (4,)
    assert readiness.deep() == []
    db.execute("DELETE FROM record_tag WHERE record = (SELECT id FROM party WHERE name = 'Cord')")
    [found] = readiness.deep()
    assert found.startswith("1 parties have tags by which they are not found")
