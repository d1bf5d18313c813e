"""An undo bins what an operation made by the slice: it leaves what binning them one by one leaves."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rapport.config import readiness
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import binning, read, registry, revert, rows, search_read, write

FIRM = {"name": "Acme", "email": "office@acme.example", "roles": ["customer"]}


@pytest.fixture(autouse=True)
def at_work(admin: User, acting: Callable[..., Any]) -> Iterator[None]:
    with acting(admin):
        yield
    assert readiness.deep() == []


def made() -> dict[str, list[str]]:
    """Records of three entities, with all that a write leaves beside them."""
    firm = write.create(registry.get("party"), FIRM)
    person = write.create(registry.get("party"), {"kind": "person", "name": "Eva Berg", "company": firm.id})
    deals = [
        write.create(
            registry.get("deal"), {"name": f"Deal {n}", "party": firm.id, "amount": "12.50", "currency": "EUR"}
        )
        for n in range(3)
    ]
    talks = [
        write.create(registry.get("interaction"), {"party": person.id, "channel": "call", "body": "hello", "at": at})
        for at in ("2024-05-06T07:08:00Z", "2024-06-06T07:08:00Z")
    ]
    return {
        "interaction": [each.id for each in talks], "deal": [each.id for each in deals], "party": [person.id, firm.id]
    }  # fmt: skip


def left_by(keys: dict[str, list[str]]) -> dict[str, Any]:
    """Everything in the database about these records, with ids and moments made plain."""
    order = {key: f"record {at}" for at, key in enumerate(key for each in keys.values() for key in each)}
    found: dict[str, Any] = {}
    for entity, each in keys.items():
        table, marks = registry.get(entity).table, ", ".join(["%s"] * len(each))
        ids = [db.key(key) for key in each]
        columns = "id, version, binned_at IS NOT NULL, updated_by"
        found[table] = db.rows(f'SELECT {columns} FROM "{table}" WHERE id IN ({marks}) ORDER BY id', ids)
        change = "record, verb, version, actor, source, before, after"
        found[f"{table} change"] = db.rows(
            f"SELECT {change} FROM change WHERE record IN ({marks}) AND verb = 'binned' ORDER BY record", ids
        )
        found[f"{table} search"] = db.rows(f"SELECT record FROM search_entry WHERE record IN ({marks})", ids)
        told = "SELECT source, verb, subject FROM timeline_entry WHERE source IN (%s) ORDER BY source, id"
        found[f"{table} told"] = db.rows(told % marks, ids)
        found[f"{table} counted"] = db.rows(
            "SELECT sum(count), sum(amount), sum(base) FROM kept_total WHERE entity = %s", (entity,)
        )
    found["last contact"] = db.rows("SELECT last_contact_at FROM party WHERE last_contact_at IS NOT NULL")

    def plain(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("{"):
            return re.sub(r"\d{4}-\d\d-\d\dT[^\"]+", "moment", value)
        known = (
            db.unkey(value) if isinstance(value, bytes) or hasattr(value, "hex") and hasattr(value, "int") else value
        )
        return order.get(known, known) if isinstance(known, str) else known

    return {name: sorted(repr([plain(value) for value in row]) for row in each) for name, each in found.items()}


def test_the_bulk_way_leaves_what_the_single_way_leaves() -> None:
    one_by_one = made()
    for entity, keys in one_by_one.items():
        for key in keys:
            write.put_in_bin(registry.get(entity), key)
    single = left_by(one_by_one)
    together = made()
    for entity, keys in together.items():
        with write.operation() as done:
            outcome = binning.put_in_bin(registry.get(entity), keys, done)
            assert (outcome.binned, outcome.failed) == (keys, [])
    assert left_by(together) == single
    assert search_read.search("acme") == []


def test_parts_go_and_come_with_their_wholes_however_many() -> None:
    party, points = registry.get("party"), registry.get("contact_point")

    def listed() -> int:
        return read.count(read.Query(points))

    firms = [write.create(party, {**FIRM, "name": f"Firm {n}"}).id for n in range(3)]
    assert listed() == 3
    with write.operation() as done:
        binning.put_in_bin(party, firms, done)
    assert listed() == 0
    revert.revert(done.id)
    assert listed() == 3
    with write.operation() as done:
        made_now = write.create(party, {**FIRM, "name": "Firm 4"}).id
    assert listed() == 4
    assert revert.revert(done.id).reverted == [made_now]
    assert listed() == 3


def test_binned_records_come_back_one_by_one() -> None:
    keys = made()
    with write.operation() as done:
        binning.put_in_bin(registry.get("deal"), keys["deal"], done)
    revert.revert(done.id)
    assert [rows.load(registry.get("deal"), key, done.actor).binned_at for key in keys["deal"]] == [None] * 3


def test_what_one_may_not_touch_fails_alone(
    seller: User, other_seller: User, manager: User, acting: Callable[..., Any]
) -> None:
    party = registry.get("party")
    with acting(seller):
        own = write.create(party, {"name": "Mine"})
    with acting(other_seller):
        foreign = write.create(party, {"name": "Theirs"})
    with acting(seller), write.operation() as done:
        outcome = binning.put_in_bin(party, [own.id, foreign.id], done, right="change")
        assert outcome.binned == [own.id]
        assert [key for key, _reason in outcome.failed] == [foreign.id]
        assert binning.put_in_bin(party, [own.id], done, right="delete").binned == []


def test_an_undo_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revert, "SLICE", 2)
    with as_system("a test"), write.operation() as done:
        keys = [write.create(registry.get("party"), {"name": f"Firm {n}"}).id for n in range(5)]
    kept: list[tuple[str, int]] = []
    steps = revert.slices(done.id, keep=lambda part, last: kept.append((part.operation, last)))
    assert len(next(steps).reverted) == 2
    steps.close()
    undo, last = kept[-1]
    rest = list(revert.slices(done.id, undo=undo, last=last))
    assert sum(len(part.reverted) for part in rest) == 3
    assert {part.operation for part in rest} == {undo}
    where = ", ".join(["%s"] * len(keys))
    sql = f"SELECT count(*), count(binned_at) FROM party WHERE id IN ({where})"
    assert db.one(sql, [db.key(key) for key in keys]) == (5, 5)
