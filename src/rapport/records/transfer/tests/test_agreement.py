"""Single writes and imports leave the same in every table."""

import csv
from pathlib import Path
from typing import Any

import pytest

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.records import registry, totals, write
from rapport.records.transfer.tests.importing import bring, table

pytestmark = pytest.mark.django_db


PARTIES = (
    {"kind": "organisation", "name": "Müller & Söhne", "email": "info@mueller.de", "phone": "+49 30 1234567",
     "roles": "customer", "annual_revenue": "12.5", "currency": "EUR",
     "address.city": "Köln", "owner": "Sam Seller", "external_id": "1"},
    {"kind": "person", "name": "Ada Byron", "company": "North Works", "title": "CEO"},
    {"kind": "person", "given_name": "Bo", "family_name": "Li", "description": "two\nlines"},
)  # fmt: skip
DEALS = (
    {
        "name": "one",
        "party": "North Works",
        "stage": "Won",
        "amount": "5.00",
        "opened_on": "2024-01-02",
        "closed_on": "2024-03-04",
    },
    {"name": "two", "party": "North Works", "owner": "Sam Seller", "amount": "7", "close_on": "2030-01-01"},
    {"name": "three", "stage": "Lost", "lost_reason": "price"},
)
CALLS = (
    {
        "party": "Horst Kloss",
        "channel": "call",
        "body": "hello\nthere",
        "at": "2024-05-06T07:08:09Z",
        "duration_s": "60",
    },
)


def _prepared() -> None:
    works = write.create(registry.get("party"), {"name": "North Works"})
    write.create(registry.get("party"), {"kind": "person", "name": "Horst Kloss", "company": works.id})


def _state() -> dict[str, list[tuple[Any, ...]]]:
    """What the tables hold, without ids, moments of writing, and what bulk is allowed to leave out."""
    moment = "CASE WHEN {0} > '2025-01-01' THEN NULL ELSE {0} END"
    told = f"""SELECT e.subject_entity, p.name, d.name, {moment.format("e.at")}, e.channel, e.verb, e.source_entity,
        u.name, e.summary
        FROM timeline_entry e LEFT JOIN party p ON p.id = e.subject LEFT JOIN deal d ON d.id = e.subject
        LEFT JOIN user_account u ON u.id = e.owner"""
    queries = {
        "party": """SELECT p.kind, p.name, p.name_key, p.given_name, p.family_name, p.email, p.phone, p.roles,
            p.annual_revenue, p.currency, p.city_key, p.description, p.title, p.version, p.external_id,
            p.external_source, c.name, u.name,
            t.name, p.last_contact_at FROM party p LEFT JOIN party c ON c.id = p.company_id
            LEFT JOIN user_account u ON u.id = p.owner_id LEFT JOIN team t ON t.id = p.team_id""",
        "deal": f"""SELECT d.name, d.name_key, s.name, d.status, d.amount, d.amount_base, d.currency, d.probability,
            {moment.format("d.stage_since")}, d.opened_on, d.close_on, d.closed_on, d.lost_reason, p.name, t.name
            FROM deal d JOIN stage s ON s.id = d.stage_id LEFT JOIN party p ON p.id = d.party_id
            LEFT JOIN team t ON t.id = d.team_id""",
        "interaction": "SELECT channel, subject, subject_key, body, at, duration_s, version FROM interaction",
        "visits": f"""SELECT d.name, s.name, {moment.format("v.entered_at")} FROM stage_visit v
            JOIN deal d ON d.id = v.deal_id JOIN stage s ON s.id = v.stage_id""",
        "timeline": told,
        "search": "SELECT entity, text, replace(scope, ' ', ',') FROM search_entry",
        "totals": "SELECT entity, currency, period, count, amount, base FROM kept_total",
        "changes": "SELECT entity, verb, version FROM change",
        "events": "SELECT name, sum(count) FROM event GROUP BY name",
    }  # fmt: skip
    return {name: sorted(table(sql), key=repr) for name, sql in queries.items()}


def test_single_writes_and_imports_leave_the_same(organisation: None, tmp_path: Path) -> None:
    sets = (("party", PARTIES), ("deal", DEALS), ("interaction", CALLS))

    class Undone(Exception): ...

    single: dict[str, Any] = {}
    with pytest.raises(Undone), db.savepoint(), as_system("a test"):  # noqa: PT012
        _prepared()
        for entity, rows in sets:
            for row in rows:
                write.create(registry.get(entity), row)
        single = _state()
        raise Undone
    with as_system("a test"):
        _prepared()
    for entity, rows in sets:
        names = list(dict.fromkeys(name for row in rows for name in row))
        with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names, restval="")
            writer.writeheader()
            writer.writerows(rows)
        found = bring(entity, tmp_path / "a.csv", {"columns": {name: name for name in names}})
        assert found.counts == (len(rows), 0, 0, 0), found.failed
    bulk = _state()
    for name, rows in single.items():
        assert bulk[name] == rows, name
    assert list(totals.recount(registry.get("deal"))) == []
