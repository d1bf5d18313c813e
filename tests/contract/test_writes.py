"""What every write of every entity does, and what it leaves behind: history, event, search, totals."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from django.db import transaction

from rapport.config import readiness
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.events import stream
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import User
from rapport.records import registry, totals, write
from rapport.records.entity import Entity
from rapport.records.models import wording
from rapport.records.models.custom import FIXED
from tests.contract.examples import TAGS, another, crowd, example, values_of
from tests.people import Api

Client = Callable[..., Api]
ENTITIES = [entity.key for entity in registry]
RECORDS = [entity.key for entity in registry if entity.is_record]
CONFIGURED = ("pipeline", "stage")


def other_title(key: str) -> dict[str, Any]:
    return {registry.get(key).title: another(registry.get(key))}


def last_position() -> int:
    stream.number()
    return int((db.one("SELECT coalesce(max(position), 0) FROM event") or (0,))[0])


def told_since(position: int, key: str) -> list[tuple[str, int | None]]:
    """(name, version) of the events of an entity after ``position``, whose positions have no gap."""
    facts = stream.after(position)
    assert [fact.position for fact in facts] == list(range(position + 1, position + 1 + len(facts)))
    return [(fact.name, fact.version) for fact in facts if fact.name.startswith(f"{key}.")]


@pytest.mark.parametrize("key", ENTITIES)
def test_a_record_lives_from_creation_to_the_bin_and_back(key: str, admin: User, api: Client) -> None:
    entity, client = registry.get(key), api(admin)
    given = example(entity)
    start = last_position()
    answer = client.post(entity.plural, given)
    assert answer.status_code == 201
    record = answer.json()
    where = f"{entity.plural}/{record['id']}"
    assert answer["Location"] == f"/api/v1/{where}"
    assert answer["ETag"] == '"1"'
    assert client.get(where).json() == record
    assert client.get(where)["ETag"] == '"1"'
    changed = client.patch(where, other_title(key))
    assert (changed.status_code, changed["ETag"]) == (200, '"2"')
    assert changed.json()[entity.title] == another(entity)
    same = client.patch(where, other_title(key))
    assert same.json() == changed.json(), "a write that changes nothing leaves no trace"
    if not entity.is_record:
        assert client.delete(where).status_code == 403
        assert told_since(start, key) == [(f"{key}.created", 1), (f"{key}.changed", 2)]
        return
    binned = client.delete(where)
    assert (binned.status_code, binned.content) == (204, b"")
    assert client.get(where).status_code == 404
    assert record["id"] not in [item["id"] for item in client.items(entity.plural, limit=1000)]
    assert [item["id"] for item in client.items(entity.plural, binned="true")] == [record["id"]]
    assert client.get(where, binned="true").json()[entity.title] == another(entity)
    assert client.patch(where, {}).status_code == 404
    back = client.post(f"{where}/actions/restore")
    assert (back.status_code, back["ETag"]) == (200, '"4"')
    assert client.get(where).json()[entity.title] == another(entity)
    verbs = ["created", "changed", "binned", "restored"]
    assert told_since(start, key) == [(f"{key}.{verb}", n) for n, verb in enumerate(verbs, 1)]
    history = client.items(f"{where}/changes")
    assert [(entry["verb"], entry["version"]) for entry in history] == [(v, n) for n, v in enumerate(verbs, 1)][::-1]
    assert all(
        entry["actor"] == {"id": admin.id, "title": "Ada Admin"} and entry["source"] == "api" for entry in history
    )


READ_AS_WRITTEN = {
    "text", "long_text", "choice", "multi_choice", "tags", "number", "relation", "date", "yes_no", "moment",
}  # fmt: skip


# What stays as it was made, or names what another record must have first.
FIXED_IN = {
    "custom_field": FIXED, "custom_object": ("key", "plural", "board_by", "board_total", "calendar_by"),
    "wording": wording.FIXED, "object_layout": ("entity", "role"), "approval": ("remark",),
}  # fmt: skip


def alone(entity: Entity, name: str) -> bool:
    """Whether a field can be written by itself: it asks for no other, and is not what the record hangs on."""
    known = entity.fields[name]
    tied = name in (
        "closed_on",
        "lost_reason",
        "stage",
        "pipeline",
        "birth_on",
        "events",
        "shown_if",
        "shown_values",
    ) or known.name.startswith(("external_id", "formula", "rollup"))
    hung = (entity.key, name) == ("party_role", "party") or (entity.personal and name == "owner")
    made_for_good = name in FIXED_IN.get(entity.key, ())
    return not (known.read_only or tied or hung or made_for_good)


@pytest.mark.parametrize("key", ENTITIES)
def test_each_field_is_stored_and_comes_back_by_create_and_by_change(key: str, admin: User, api: Client) -> None:
    """What is read of a record can be written to another and reads the same."""
    entity, client = registry.get(key), api(admin)
    client.make("parties", {"name": "Some party"})
    for tag in TAGS:
        client.make("tags", {"name": tag})
    serial = itertools.count(77)
    for name, known in entity.fields.items():
        if not alone(entity, name):
            continue
        pool = values_of(known)
        if not pool:
            continue
        more = {"currency": "USD"} if known.kind.name == "money" else {}
        value = pool[-1] if known.relation != "party" else client.make("parties", {"name": "Employer"})["id"]
        if isinstance(value, str) and "%d" in value:
            value = "fresh@example.net"
        whole = example(entity, next(serial)) | more | {name: value}
        if key == "user":
            whole["email"] = f"{name}@rapport.test" if name != "email" else value
        first = client.make(entity.plural, whole)
        group, dot, rest = name.partition(".")
        shown = first[group][rest] if dot else first[group]
        assert shown not in (None, ""), name
        if known.kind.name in READ_AS_WRITTEN:
            assert shown == value, name
        if (key == "user" and name == "email") or (entity.personal and name == entity.title):
            continue
        second = client.make(
            entity.plural,
            example(entity, next(serial)) | ({"email": f"2{name}@rapport.test"} if key == "user" else {}) | more,
        )
        answer = client.patch(f"{entity.plural}/{second['id']}", {name: shown} | more)
        assert answer.status_code == 200, (name, answer.content)
        body = answer.json()
        assert (body[group][rest] if dot else body[group]) == shown, name
        if known.nullable and not dot and name not in ("owner",):
            emptied = client.patch(f"{entity.plural}/{second['id']}", {name: None})
            if emptied.status_code == 200:
                assert emptied.json()[name] in (None, []) or name in ("subject",), name


@pytest.mark.parametrize("key", ENTITIES)
def test_fields_that_are_unknown_or_kept_by_rapport_are_refused(key: str, admin: User, api: Client) -> None:
    entity, client = registry.get(key), api(admin)
    record = client.make(entity.plural, example(entity))
    where = f"{entity.plural}/{record['id']}"
    for method, path in (("POST", entity.plural), ("PATCH", where)):
        unknown = client.ask(method, path, {**example(entity, 2), "nmae": 1, "colour": 2})
        assert unknown.status_code == 422
        assert {e["field"]: e["code"] for e in unknown.json()["errors"]} == {
            "nmae": "unknown_field",
            "colour": "unknown_field",
        }
        for name, known in entity.fields.items():
            if known.read_only:
                kept = client.ask(method, path, {**example(entity, 2), name: "x"})
                assert (kept.status_code, kept.json()["errors"][0]["code"]) == (403, "read_only"), name
    assert client.get(where).json() == record


ODD: list[Any] = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "x" * 400,
    "1e99999999",
    "-1e9999",
    "1e30",
    "NaN",
    "Infinity",
    2**63,
    -(2**63),
    1.5,
    True,
    [],
    {},
    ["a"],
    [None],
    [[]],
    {"id": "x"},
    {"id": None},
    {"external_id": "\x00"},
    {"external_id": []},
    {"a": 1},
    "0000-00-00",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "2026-02-30",
    "me",
    "0" * 32,
    "😀",
    "\u202e",
    "a@b",
    "http://",
    "https://[::1",
    "http://a b.c",
    "+",
    "+0",
    "tel:+1;ext=;",
    "'; DROP TABLE party; --",
    {"entity": "nothing", "id": "0" * 32},
    {"entity": "party", "id": "0" * 32},
    {"entity": [], "id": "0" * 32},
    "party:x",
    "１２",
    "1_000",
    "½",
]


@contextmanager
def undone() -> Iterator[None]:
    """What the block writes is taken back. A test is one transaction, and PostgreSQL steps over every version of a row
    that the transaction has made: thousands of changes would take it longer and longer."""
    with db.transaction():
        yield
        transaction.set_rollback(True, using=db.ALIAS)
    snapshot.forget()


@pytest.mark.parametrize("key", ENTITIES)
def test_no_value_however_odd_breaks_the_server_and_every_refusal_names_the_field(
    key: str, admin: User, api: Client
) -> None:
    entity, client = registry.get(key), api(admin)
    record = client.make(entity.plural, example(entity))
    where = f"{entity.plural}/{record['id']}"
    for name, known in entity.fields.items():
        if known.read_only:
            continue
        with undone():
            for value in ODD:
                answer = client.patch(where, {name: value})
                assert answer.status_code in (200, 409, 422), (name, value, answer.content)
                if answer.status_code == 422:
                    assert answer.json()["errors"], (name, value, answer.content)


@pytest.mark.parametrize("key", ENTITIES)
def test_if_match_guards_a_change_and_the_refusal_tells_what_changed(key: str, admin: User, api: Client) -> None:
    entity, client = registry.get(key), api(admin)
    record = client.make(entity.plural, example(entity))
    where = f"{entity.plural}/{record['id']}"
    read = client.get(where)["ETag"]
    assert client.patch(where, other_title(key), headers={"If-Match": read}).status_code == 200
    for method in ("PATCH", "DELETE"):
        if method == "DELETE" and not entity.is_record:
            continue
        late = client.ask(method, where, {entity.title: another(entity)}, headers={"If-Match": read})
        assert late.status_code == 412
        assert [entry["after"][entity.title] for entry in late.json()["changes"]] == [another(entity)]
    assert client.get(where).json()[entity.title] == another(entity)
    assert client.patch(where, {}, headers={"If-Match": "nonsense"}).status_code == 400
    for anything in ("*", 'W/"2"', '"2"'):
        assert client.patch(where, {}, headers={"If-Match": anything}).status_code == 200


@pytest.mark.parametrize("key", ENTITIES)
def test_a_repeated_post_with_its_idempotency_key_gets_the_first_answer(
    key: str, admin: User, manager: User, api: Client
) -> None:
    entity, client = registry.get(key), api(admin)
    before = client.get(entity.plural, count="exact").json()["count"]
    given = {"headers": {"Idempotency-Key": "k-1"}}
    first = client.post(entity.plural, example(entity), **given)
    again = client.post(entity.plural, example(entity), **given)
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert (again["ETag"], again["Location"]) == (first["ETag"], first["Location"])
    assert client.get(entity.plural, count="exact").json()["count"] == before + 1
    assert client.post(entity.plural, example(entity, 2), **given).status_code == 409
    other = api(manager).post(entity.plural, example(entity, 3, manager), **given)
    assert other.status_code in (201, 403), "another user's key is another key"
    refused = client.post(entity.plural, {"nmae": 1}, headers={"Idempotency-Key": "k-2"})
    assert refused.status_code == 422
    assert client.post(entity.plural, example(entity, 4), headers={"Idempotency-Key": "k-2"}).status_code == 201


@pytest.mark.parametrize("key", RECORDS)
def test_an_external_id_names_one_living_record(key: str, admin: User, api: Client) -> None:
    entity, client = registry.get(key), api(admin)
    first = client.make(entity.plural, example(entity) | {"external_id": "E-1"})
    taken = client.post(entity.plural, example(entity, 2) | {"external_id": "E-1"})
    assert (taken.status_code, taken.json()["errors"][0]["field"]) == (409, "external_id")
    elsewhere = client.post(entity.plural, example(entity, 3) | {"external_id": "E-1", "external_source": "other"})
    assert elsewhere.status_code == 201
    assert client.delete(f"{entity.plural}/{first['id']}").status_code == 204
    second = client.make(entity.plural, example(entity, 4) | {"external_id": "E-1"})
    assert second["id"] != first["id"]
    assert client.post(f"{entity.plural}/{first['id']}/actions/restore").status_code == 409


@pytest.mark.parametrize("key", ENTITIES)
def test_after_any_writes_history_search_and_totals_agree_with_the_records(key: str, organisation: None) -> None:
    entity = registry.get(key)
    records = crowd(entity, 20)
    with as_system("tests"):
        for n, record in enumerate(records):
            if entity.is_record and n % 5 == 0:
                write.put_in_bin(entity, record.id)
            elif n % 3 == 0:
                write.change(entity, record.id, other_title(key) | ({"name": f"Another {n}"} if key == "tag" else {}))
            if entity.is_record and n % 10 == 0:
                write.restore(entity, record.id)
        assert list(totals.recount(entity)) == []
    assert readiness.deep() == []
    live = {r.id for r in entity.model._default_manager.all() if not getattr(r, "binned_at", None)}
    if entity.search:
        rows = db.rows("SELECT record FROM search_entry WHERE entity = %s", (entity.key,))
        assert {db.unkey(row[0]) for row in rows} == live
    for record in entity.model._default_manager.all():
        rows = db.rows("SELECT version, before, after FROM change WHERE record = %s ORDER BY id", (db.key(record.id),))
        assert [row[0] for row in rows] == list(range(1, record.version + 1)), "one proof per version"
        told: dict[str, Any] = {}
        for _version, before, after in rows:
            assert before is None or all(told.get(k) in (v, None, "") for k, v in orjson.loads(before).items())
            told |= orjson.loads(after)
        assert told[registry.get(key).field(entity.title).attname] == getattr(record, entity.title)


def test_a_relation_is_written_as_id_external_id_or_title(admin: User, api: Client) -> None:
    client = api(admin)
    acme = client.make("parties", {"name": "Acme", "external_id": "A-1"})["id"]
    dashed = f"{acme[:8]}-{acme[8:12]}-{acme[12:16]}-{acme[16:20]}-{acme[20:]}".upper()
    for given in (acme, dashed, {"external_id": "A-1"}, {"id": acme}, "acme", "ÁCME"):
        assert client.make("deals", {"name": "D", "party": given})["party"] == acme, given
    client.make("parties", {"name": "Acme"})
    codes = {"acme": "ambiguous", "nobody": "unknown", "0" * 32: "unknown"}
    for given, code in codes.items():
        answer = client.post("deals", {"name": "D", "party": given})
        assert (answer.status_code, answer.json()["errors"]) == (
            422,
            [{"field": "party", "code": code, "message": answer.json()["detail"]}],
        )


def test_a_record_given_away_is_still_answered_to_the_giver(seller: User, other_seller: User, api: Client) -> None:
    """It is stored, so the answer must not say that it is not there."""
    client = api(seller)
    created = client.post("parties", {"name": "For Olga", "owner": other_seller.id})
    assert (created.status_code, created.json()["owner"]) == (201, other_seller.id)
    own = client.make("parties", {"name": "Mine"})
    given = client.patch(f"parties/{own['id']}", {"owner": other_seller.id})
    assert (given.status_code, given.json()["owner"]) == (200, other_seller.id)
    assert client.items("parties") == []
    assert {item["name"] for item in api(other_seller).items("parties")} == {"For Olga", "Mine"}


def test_changes_speak_the_words_of_the_api(admin: User, api: Client) -> None:
    """Money as a decimal, relations as ids, choices as lists, moments with Z: as in the record itself."""
    client = api(admin)
    party = client.make("parties", {"name": "Acme"})["id"]
    body = {"name": "Deal", "party": party, "amount": "1234.50", "currency": "USD", "close_on": "2027-01-31"}
    deal = client.make("deals", body)
    client.patch(f"deals/{deal['id']}", {"amount": "99"})
    newest, first = client.items(f"deals/{deal['id']}/changes")
    assert (newest["before"], newest["after"]) == ({"amount": "1234.50"}, {"amount": "99.00"})
    assert {k: first["after"][k] for k in body} == body
    call = client.make(
        "interactions", {"party": party, "channel": "call", "about": {"entity": "deal", "id": deal["id"]}}
    )
    client.patch(f"interactions/{call['id']}", {"about": None, "at": "2026-01-02T03:04:05Z"})
    newest, first = client.items(f"interactions/{call['id']}/changes")
    assert first["after"]["about"] == newest["before"]["about"] == {"entity": "deal", "id": deal["id"]}
    assert newest["after"] == {"about": None, "at": "2026-01-02T03:04:05Z"}


def test_a_write_that_fails_leaves_nothing_at_all(admin: User, api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api(admin)
    tables = [entity.table for entity in registry] + ["change", "event", "timeline_entry", "search_entry", "kept_total"]
    before = [db.rows(f'SELECT count(*) FROM "{table}"') for table in tables]

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the stream is gone")

    monkeypatch.setattr(stream, "emit", broken)
    with pytest.raises(RuntimeError):
        client.post("deals", {"name": "D", "party": None})
    assert [db.rows(f'SELECT count(*) FROM "{table}"') for table in tables] == before
