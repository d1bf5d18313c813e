"""The audit never reads all changes: each way to ask for it leads along an index, on both engines."""

from collections.abc import Callable
from typing import Any

import pytest

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.identity.models import User
from rapport.records import timeline_read, write
from rapport.records.audit import deeds, stream
from rapport.records.audit.wanted import Wanted
from tests.audit.conftest import PARTY
from tests.contract.test_plans import Explained, scans

ASKED: dict[str, Callable[[User], Wanted]] = {
    "everything": lambda user: Wanted(),
    "person": lambda user: Wanted(actor=user.id),
    "nobody": lambda user: Wanted(actor="system"),
    "period": lambda user: Wanted(since=now(), until=now()),
    "kind": lambda user: Wanted(kind="binned"),
    "person and kind": lambda user: Wanted(actor=user.id, kind="merged", door="api"),
}


@pytest.fixture
def changed(make: Callable[..., Any], admin: User, acting: Callable[..., Any]) -> str:
    """The changes of a while, of which one deed made many."""
    firms = [make(f"Firm {n}") for n in range(30)]
    with acting(admin), write.operation():
        for firm in firms:
            write.change(PARTY, firm.id, {"industry": "retail"})
    if not db.is_sqlite():
        db.execute("ANALYZE change")
    return str(firms[0].id)


@pytest.mark.parametrize("asked", list(ASKED))
def test_deeds_are_found_by_an_index(
    asked: str, changed: str, admin: User, acting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting(admin), Explained(monkeypatch) as plans:
        found, last = deeds.read(ASKED[asked](admin), None, 5)
        deeds.read(ASKED[asked](admin), last, 5)
        deeds.dress(found)
    told = "\n".join(plans)
    # The newest of all is the last entry of the index: SQLite calls that a scan, of one row.
    read = [line for line in scans(plans, "c", "change") if "COVERING INDEX change_operation" not in line]
    assert not read, told
    assert "change_actor" in told or "change_operation" in told, told
    assert "TEMP B-TREE FOR ORDER BY" not in plans[0], plans[0]


def test_the_deeds_of_a_record_are_found_by_the_record(
    changed: str, admin: User, acting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting(admin), Explained(monkeypatch) as plans:
        assert stream.page(Wanted(record=changed)).lines
        timeline_read.changes(PARTY, changed, field=PARTY.field("industry"), by=admin.id)
        timeline_read.authors(changed)
    assert not scans(plans, "c", "change"), plans
    assert any("change_record" in plan for plan in plans)


def test_a_deed_on_many_costs_no_more_than_one(changed: str, admin: User, acting: Callable[..., Any]) -> None:
    """From one deed to the next it goes past all its changes."""
    with acting(admin):
        found, _last = deeds.read(Wanted(), None, 3)
    assert len(found[0].stored) == deeds.SAMPLE
    assert len({deed.key for deed in found}) == 3
