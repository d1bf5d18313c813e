"""Who may come in, what is answered to those who may not, and to what nobody understands: for every entity."""

from collections.abc import Callable

import pytest

from rapport.platform.actor import as_system
from rapport.platform.identity import accounts, snapshot
from rapport.platform.identity.models import ExchangeRate, Grant, User
from rapport.records import registry, write
from tests.contract.examples import crowd, example
from tests.people import Api, may

ENTITIES = [entity.key for entity in registry]
RECORDS = [entity.key for entity in registry if entity.is_record and not entity.configuration]
Client = Callable[..., Api]
NO_ID = "0123456789abcdef0123456789abcdef"


def operations(plural: str, key: str) -> list[tuple[str, str]]:
    """Every address of an entity's API."""
    shared = [("GET", f"{plural}/{key}/shares")]
    shared += [("POST", f"{plural}/{key}/actions/{verb}") for verb in ("share", "unshare")]
    return (shared if registry.at(plural).is_shareable else []) + [
        ("GET", plural),
        ("POST", plural),
        ("GET", f"{plural}/aggregate"),
        ("GET", f"{plural}/{key}"),
        ("PATCH", f"{plural}/{key}"),
        ("DELETE", f"{plural}/{key}"),
        ("GET", f"{plural}/{key}/timeline"),
        ("GET", f"{plural}/{key}/changes"),
        ("POST", f"{plural}/{key}/actions/restore"),
    ]


def made(key: str, owner: User | None = None) -> str:
    entity = registry.get(key)
    with as_system("tests"):
        return str(write.create(entity, example(entity, owner=owner)).id)


def is_problem(answer: object, status: int) -> bool:
    body = answer.json()  # type: ignore[attr-defined]
    return (
        answer.status_code == status == body["status"]  # type: ignore[attr-defined]
        and answer["Content-Type"] == "application/problem+json"  # type: ignore[index]
        and set(body) >= {"type", "title", "status", "detail", "errors"}
    )


@pytest.mark.parametrize("key", ENTITIES)
def test_the_unknown_get_401_everywhere_whether_or_not_the_record_exists(key: str, api: Client) -> None:
    plural = registry.get(key).plural
    for record in (made(key), NO_ID):
        for method, path in operations(plural, record):
            answers = [api(None).ask(method, path, {})]
            answers.append(Api(headers={"Authorization": "Bearer rap_wrong"}).ask(method, path, {}))
            answers.append(Api(enforce_csrf_checks=True).ask(method, path, {}))
            for answer in answers:
                assert is_problem(answer, 401), (method, path, answer.content)
                assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("key", ENTITIES)
def test_who_has_no_grant_gets_403_and_learns_nothing(key: str, organisation: None, api: Client) -> None:
    with as_system("tests"):
        nobody = write.create(registry.get("user"), {"name": "No Grant", "email": "nobody@rapport.test"})
    plural, record = registry.get(key).plural, made(key)
    for method, path in operations(plural, record):
        there = api(nobody).ask(method, path, {})
        assert is_problem(there, 403), (method, path, there.content)
        nowhere = api(nobody).ask(method, path.replace(record, NO_ID), {})
        assert nowhere.content == there.content, "the answer tells whether the record exists"
    assert api(nobody).items("search", q="Example") == []


@pytest.mark.parametrize("key", RECORDS)
def test_a_record_outside_the_scope_is_not_there(key: str, seller: User, other_seller: User, api: Client) -> None:
    record, plural = made(key, other_seller), registry.get(key).plural
    client = api(seller)
    for method, path in operations(plural, record):
        if method in ("PATCH", "DELETE") or "/" in path.removeprefix(f"{plural}/aggregate"):
            answer = client.ask(method, path, {})
            missing = client.ask(method, path.replace(record, NO_ID), {})
            assert is_problem(answer, 404), (method, path, answer.content)
            assert answer.content.replace(record.encode(), b"") == missing.content.replace(NO_ID.encode(), b"")
    assert client.items(plural) == []
    assert client.get(plural, count="exact").json()["count"] == 0


@pytest.mark.parametrize("key", ENTITIES)
def test_who_may_only_read_reads_and_changes_nothing(key: str, reader: User, admin: User, api: Client) -> None:
    record, plural = made(key), registry.get(key).plural
    for client in (api(admin, "read"), *([api(reader)] if may(reader, key) else [])):
        assert client.get(f"{plural}/{record}").status_code == 200
        for method, path in operations(plural, record):
            if method != "GET":
                body = example(registry.get(key), 2) if path == plural else {}
                assert is_problem(client.ask(method, path, body), 403), (method, path)
    assert registry.get(key).model._default_manager.get(id=record).version == 1


@pytest.mark.parametrize("key", ENTITIES)
def test_a_grant_alone_opens_exactly_its_verb(key: str, organisation: None, api: Client) -> None:
    """A new role with "view all" of one entity sees it, and nothing else."""
    from rapport.platform.identity.models import Role

    role = Role.objects.create(key="only", name="Only")
    Grant.objects.create(role=role, entity=key, verb="view", level="all")
    with as_system("tests"):
        user = write.create(registry.get("user"), {"name": "Only", "email": "only@rapport.test"})
        accounts.give_role(user, "only")
    snapshot.touch()
    made(key)
    client = api(user)
    for entity in registry:
        assert client.get(entity.plural).status_code == (200 if entity.key == key else 403)
    assert client.post(registry.get(key).plural, example(registry.get(key), 3)).status_code == 403


@pytest.mark.parametrize("key", ENTITIES)
def test_what_is_not_understood_is_answered_with_what_would_be(key: str, admin: User, api: Client) -> None:
    entity, client = registry.get(key), api(admin)
    made(key)
    plural = entity.plural
    wrong = {"field": "nmae", "op": "eq", "value": 1}
    for given in ({"filter": wrong}, {"sort": "nmae"}, {"fields": "nmae"}, {"filter": {"not": {"and": [wrong]}}}):
        answer = client.get(plural, **given)
        assert is_problem(answer, 400), given
        assert set(answer.json()["fields"]) == set(entity.fields)
    answer = client.get(f"{plural}/aggregate", group="nmae")
    assert is_problem(answer, 400)
    for name, known in entity.fields.items():
        answer = client.get(plural, filter={"field": name, "op": "resembles", "value": "x"})
        assert is_problem(answer, 400)
        assert answer.json()["operators"] == list(known.kind.ops)
    answer = client.get(plural, filters="{}")
    assert is_problem(answer, 400)
    assert "filter" in answer.json()["detail"]
    for given in ({"limit": "0"}, {"limit": "1001"}, {"limit": "x"}, {"count": "all"}, {"after": "!"}):
        assert is_problem(client.get(plural, **given), 400), given


@pytest.mark.parametrize(
    "tree",
    [
        [],
        [1],
        "x",
        7,
        {"and": []},
        {"and": {}},
        {"or": [1]},
        {"and": [], "or": []},
        {"not": 1},
        {"field": 1},
        {"field": "name"},
        {"not": {"field": "name", "op": "eq", "value": "a"}, "and": []},
        {"field": "name", "op": "eq", "value": "a", "x": 1},
        {"field": "name", "op": ["eq"], "value": 1},
        {"field": "roles", "op": "has", "value": []},
        {"field": "roles", "op": "has", "value": None},
        {"field": "roles", "op": "has_any", "value": []},
        {"field": "name", "op": "in", "value": "x"},
        {"field": "name", "op": "contains", "value": ""},
        {"field": "created_at", "op": "in_last", "value": {"n": 3999, "unit": "year"}},
        {"field": "created_at", "op": "in_next", "value": {"n": 3999, "unit": "month"}},
        {"field": "created_at", "op": "this", "value": ["day"]},
        {"field": "created_at", "op": "in_last", "value": {"unit": []}},
        {"field": "employees", "op": "eq", "value": "1e99999999"},
        {"field": "employees", "op": "gt", "value": "1" + "0" * 30},
        {"field": "annual_revenue", "op": "gt", "value": "1e99999999"},
        {"field": "annual_revenue", "op": "gt", "value": "1e9999"},
        {"field": "annual_revenue", "op": "between", "value": ["1", None]},
        {"field": "name", "op": "eq", "value": "a\x00b"},
        {"field": "email", "op": "eq", "value": "\x00"},
        {"field": "description", "op": "contains", "value": "a\x00b"},
        {"field": "phone", "op": "eq", "value": "\x00"},
        {"field": "address.country", "op": "starts_with", "value": "\x00"},
        {"field": "external_id", "op": "in", "value": ["\x00"]},
        {"field": "owner", "op": "eq", "value": {"a": 1}},
        {"field": "owner", "op": "eq", "value": 7},
        {"field": "id", "op": "in", "value": [[]]},
        {"field": "last_contact_at", "op": "eq", "value": "0001-01-01T00:00:00+14:00"},
        {"field": "kind", "op": "eq", "value": {}},
        {"field": "company.company.name", "op": "eq", "value": "x"},
        {"field": "name.x", "op": "eq", "value": "x"},
        {"field": "", "op": "eq", "value": ""},
        {"field": "version", "op": "eq", "value": True},
        {"field": "version", "op": "between", "value": {"0": 1, "1": 2}},
        {"field": "name", "op": "eq", "value": "😀" * 400},
        {"field": "currency", "op": "eq", "value": "\x00"},
    ],
    ids=str,
)
def test_no_filter_however_odd_breaks_the_server(tree: object, admin: User, api: Client) -> None:
    assert api(admin).get("parties", filter=tree).status_code in (200, 400)


def test_what_is_not_there_or_not_done_this_way_is_told_as_problem_details(admin: User, api: Client) -> None:
    client, key = api(admin), made("deal")
    for path in (
        "nothing",
        f"nothing/{key}",
        "deals/xyz",
        f"deals/{NO_ID}",
        f"deals/{key}/actions/fly",
        f"deals/{key}/x/y/z",
        "",
    ):
        answer = client.post(path, {}) if "actions" in path else client.get(path)
        assert is_problem(answer, 404), (path, answer.status_code)
    for method, path, allowed in (
        ("PUT", f"deals/{key}", "GET, PATCH, DELETE"),
        ("DELETE", "search", "GET"),
        ("POST", f"deals/{key}/timeline", "GET"),
    ):
        answer = client.ask(method, path, {})
        assert is_problem(answer, 405)
        assert answer["Allow"] == allowed
    for body in (b"{", b"[]", b'"x"', b"\xff", b'{"name": \x00}', b"nul"):
        assert client.post("parties", body).status_code in (400, 422), body


def test_a_request_too_large_is_refused_with_413(admin: User, api: Client, settings: object) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000  # type: ignore[attr-defined]
    assert is_problem(api(admin).post("parties", {"name": "x" * 2000}), 413)


@pytest.mark.parametrize("key", ENTITIES)
def test_only_the_asked_fields_come_and_all_of_them_by_default(key: str, admin: User, api: Client) -> None:
    entity, client = registry.get(key), api(admin)
    record = made(key)
    whole = client.get(f"{entity.plural}/{record}").json()
    nested = {name.partition(".")[0] for name in entity.fields}
    assert set(whole) == nested
    listed = client.items(entity.plural, filter={"field": "id", "op": "eq", "value": record})[0]
    assert listed == {name: value for name, value in whole.items() if name not in entity.seldom}
    for name in entity.fields:
        part = client.get(f"{entity.plural}/{record}", fields=name).json()
        group, dot, rest = name.partition(".")
        assert part == {"id": record, group: {rest: whole[group][rest]} if dot else whole[group]}


@pytest.mark.parametrize("key", ENTITIES)
def test_counts_and_groups_agree_with_the_list(key: str, admin: User, api: Client) -> None:
    entity, client = registry.get(key), api(admin)
    crowd(entity, 15)
    rows = client.items(entity.plural, limit=1000, fields=",".join(entity.fields))
    assert client.get(entity.plural, count="exact").json()["count"] == len(rows)
    estimated = client.get(entity.plural, count="estimate", limit=1).json()
    assert (estimated["count"], estimated["count_is_exact"]) == (len(rows), True)
    for name, known in entity.fields.items():
        if known.kind.name in ("money", "long_text", "about", "tags", "filter"):
            assert is_problem(client.get(f"{entity.plural}/aggregate", group=name), 400)
            continue
        groups = client.get(f"{entity.plural}/aggregate", group=name).json()["groups"]
        group, dot, rest = name.partition(".")
        values = [row[group][rest] if dot else row[group] for row in rows]
        counted = [(values.count(each["key"][name]), each["count"]) for each in groups]
        if known.kind.name == "moment":
            continue  # shown to the second, grouped to the millisecond
        assert all(wanted == found for wanted, found in counted), (name, groups)
        assert sum(each["count"] for each in groups) == len(rows)


def test_sums_are_in_the_base_currency_and_of_the_filter(admin: User, api: Client) -> None:
    client = api(admin)
    for amount, currency in (("10.00", "USD"), ("0.10", "USD"), ("0.20", "USD")):
        client.make("deals", {"name": "D", "amount": amount, "currency": currency})
    client.make("deals", {"name": "Other", "amount": "99"})
    groups = client.get("deals/aggregate", sum="amount", filter={"field": "name", "op": "eq", "value": "d"}).json()
    assert groups == {"groups": [{"key": {}, "count": 3, "sum": {"amount": "10.30"}}]}


def test_amounts_of_another_currency_are_compared_and_summed_in_the_base(admin: User, api: Client) -> None:
    with as_system("tests"):
        ExchangeRate.objects.create(currency="JPY", day="2026-01-01", rate="0.0064")
        snapshot.touch()
    client = api(admin)
    client.make("parties", {"name": "Tokyo", "annual_revenue": "1000000", "currency": "JPY"})
    client.make("parties", {"name": "Boston", "annual_revenue": "20000", "currency": "USD"})
    richer = {"field": "annual_revenue", "op": "gt", "value": "8000"}
    assert [item["name"] for item in client.items("parties", filter=richer)] == ["Boston"]
    assert [item["name"] for item in client.items("parties", sort="-annual_revenue")] == ["Boston", "Tokyo"]
    assert client.get("parties/aggregate", sum="annual_revenue").json()["groups"][0]["sum"] == {
        "annual_revenue": "26400.00"
    }


def test_an_unknown_parameter_of_any_door_is_named_not_ignored(admin: User, api: Client) -> None:
    client, key = api(admin), made("party")
    for path in (
        "parties",
        f"parties/{key}",
        f"parties/{key}/timeline",
        f"parties/{key}/changes",
        "search",
        "parties/aggregate",
    ):
        answer = client.get(path, q="x", feilds="name") if path == "search" else client.get(path, feilds="name")
        assert is_problem(answer, 400), path
        assert "feilds" in answer.json()["detail"]


@pytest.mark.parametrize("door", ["timeline", "changes"])
def test_a_forged_cursor_of_a_history_never_breaks_the_server(door: str, admin: User, api: Client) -> None:
    client, key = api(admin), made("party")
    for after in (
        "²",
        "x",
        "-1",
        "9" * 30,
        "MQ",
        "W10",
        "WyJ4IiwgMV0",
        "WyJ4IiwiOTk5OTk5OTk5OTk5OTk5OTk5OTk5Il0",
        "bnVsbA",
        "é",
    ):
        assert client.get(f"parties/{key}/{door}", after=after).status_code in (200, 400), after
