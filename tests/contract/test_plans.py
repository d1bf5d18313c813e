"""What is shared is found by an index on both engines: in lists, counts, boards and single records."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import User
from rapport.records import kinds, registry, sharing, totals, write
from rapport.records.listing import Plan, Query
from rapport.records.transfer.tests.importing import bring
from tests.contract import own_fields
from tests.contract.examples import crowd, example, values_of

SHAREABLE = [entity.key for entity in registry if entity.is_shareable]


class Explained:
    """``with Explained() as plans:`` every statement that the block reads with is explained before it runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.plans: list[str] = []
        self.texts: list[str] = []
        self.patch = monkeypatch

    def __enter__(self) -> list[str]:
        explain = "EXPLAIN QUERY PLAN " if db.is_sqlite() else "EXPLAIN "
        plain = db.rows
        if not db.is_sqlite():
            db.execute("SET enable_seqscan = off")

        def told(sql: str, params: Any = ()) -> list[tuple[Any, ...]]:
            if sql.lstrip().startswith(("SELECT", "WITH")):
                self.texts.append(sql)
                self.plans.append("\n".join(str(row[-1]) for row in plain(explain + sql, params)))
            return plain(sql, params)

        self.patch.setattr(db, "rows", told)
        self.patch.setattr(db, "one", lambda sql, params=(): next(iter(told(sql, params)), None))
        return self.plans

    def __exit__(self, *_problem: object) -> None:
        self.patch.undo()
        if not db.is_sqlite():
            db.execute("SET enable_seqscan = on")


def scans(plans: list[str], *tables: str) -> list[str]:
    """Lines that read one of ``tables`` whole (the listed one is called ``t``)."""
    words = [f"SCAN {name}" for name in tables] + [f"Seq Scan on {name}" for name in tables]
    return [line for plan in plans for line in plan.splitlines() if any(f"{word} " in f"{line} " for word in words)]


@pytest.fixture
def shared_with(other_seller: User, seller: User) -> Callable[[str], User]:
    """Something of the seller's is shared with the other one, and with his team."""

    def make(key: str) -> User:
        with as_system("tests"):
            for n, given in enumerate(({"user": other_seller.id}, {"team": "South"})):
                record = write.create(registry.get(key), {**example(registry.get(key), n), "owner": seller.id})
                sharing.share(registry.get(key), record.id, given)
        snapshot.current()
        return other_seller

    return make


@pytest.mark.parametrize("key", SHAREABLE)
def test_reading_what_is_shared_looks_it_up_by_its_key(
    key: str, shared_with: Callable[[str], User], acting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    entity = registry.get(key)
    with acting(shared_with(key)):
        for sort in entity.sorts:
            with Explained(monkeypatch) as plans:
                found = Plan(Query(entity, sort=(f"-{sort}",)), write.current()).run()
            assert len(found.rows) == 2
            assert "record_share_user" in plans[0]
            assert "record_share_team" in plans[0]
            assert not scans(plans, "t", entity.table, "record_share"), plans
        with Explained(monkeypatch) as plans:
            assert Plan(Query(entity), write.current()).count() == 2
            assert sum(held.count for held in totals.kept(entity, write.current())) in (0, 2)
        assert not scans(plans, "t", entity.table, "record_share"), plans


@pytest.mark.parametrize("key", SHAREABLE)
def test_who_was_never_given_anything_pays_nothing(
    key: str, shared_with: Callable[[str], User], manager: User, acting: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    entity = registry.get(key)
    shared_with(key)
    with as_system("tests"):
        write.create(entity, {**example(entity, 7), "owner": manager.id})
    with acting(manager), Explained(monkeypatch) as plans:
        Plan(Query(entity), write.current()).run()
        Plan(Query(entity), write.current()).count()
        totals.kept(entity, write.current())
        Plan(Query(entity, sort=("owner",)), write.current()).run()
    assert "record_share" not in " ".join(plans)
    assert not scans(plans, "t", entity.table), plans


@pytest.mark.parametrize("key", [entity.key for entity in registry if entity.is_record and not entity.part_of])
def test_rows_of_a_file_are_recognised_by_an_index(
    key: str, admin: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entity = registry.get(key)
    with as_system("tests"):
        for n, source in enumerate(("", "elsewhere")):
            told = {"external_id": f"E{n}", "external_source": source}
            write.create(entity, {**example(entity, n), **told})
    file = tmp_path / "known.csv"
    file.write_text("external_id,external_source\nE0,\nE1,elsewhere\nE2,\n")
    columns = {"external_id": "external_id", "external_source": "external_source"}
    with Explained(monkeypatch) as plans:
        assert bring(key, file, {"columns": columns}, match=("external_id",), on_match="skip").counts[2] == 2
    # So few rows PostgreSQL may read by any index: it suffices that the one of external ids is open to it.
    wanted = f"{entity.table}_external" if db.is_sqlite() else "external_source = ANY"
    assert any(wanted in plan for plan in plans), plans
    assert not scans(plans, "t"), plans


@pytest.mark.parametrize("key", own_fields.ON)
def test_rare_values_of_own_fields_are_looked_up_by_an_index(
    key: str, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """By the slot's index to the records, and to these by their keys alone, whatever the list's order offers."""
    entity = registry.get(key)
    crowd(entity, 12)
    for known in entity.fields.own:
        if not known.kind.slot or isinstance(known.kind, kinds.MultiChoiceKind):
            continue
        wanted = next(iter(values_of(known)))
        with as_system("tests"), Explained(monkeypatch) as plans:
            Plan(Query(entity, filter={"field": known.name, "op": "eq", "value": wanted}), write.current()).run()
        assert any(f"custom_value_{known.kind.slot}" in plan for plan in plans), (known.name, plans)
        assert not scans(plans, "custom_value", entity.table, "t"), (known.name, plans)
        if db.is_sqlite():
            assert any(f"t USING INDEX sqlite_autoindex_{entity.table}_1" in plan for plan in plans), known.name


@pytest.mark.parametrize("key", ["party", "deal", "task"])
def test_what_several_teams_hold_is_merged_no_further_than_the_page_reaches(
    key: str, manager: User, acting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    entity = registry.get(key)
    with acting(manager):
        for sort in entity.sorts:
            with Explained(monkeypatch) as plans:
                Plan(Query(entity, sort=(f"-{sort}",)), write.current()).run()
            assert any("MERGE (UNION)" in plan or "Merge Append" in plan for plan in plans), (sort, plans)
