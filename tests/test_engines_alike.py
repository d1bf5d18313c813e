"""The same data gives the same answers on SQLite and on PostgreSQL (in a locale that sorts as people do), in order."""

import random
import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from rapport.platform import db
from rapport.platform.actor import acting_as, as_system
from rapport.platform.identity import access
from rapport.platform.identity.models import User
from rapport.records import kinds, read, registry, revert, write
from rapport.records.errors import Problem
from tests.contract.examples import DAYS, TEXTS, example
from tests.people import Api, address
from tests.standing import copy_of

pytestmark = pytest.mark.postgres
_ID = re.compile(r"\b[0-9a-f]{32}\b")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def fill() -> None:
    """The same records, whatever the engine."""
    dice = random.Random(7)
    with as_system("tests"):
        parties = []
        for n in range(40):
            values = {
                "name": f"{dice.choice(TEXTS)} {n}",
                "kind": dice.choice(["person", "organisation"]),
                "email": f"{dice.choice('aZéb_-')}{n}@example.com",
                "industry": dice.choice([*TEXTS, None]),
                "roles": dice.choice([[], ["customer"], ["partner", "end_user"]]),
                "title": dice.choice([*TEXTS, None]),
                "employees": dice.choice([None, 1, 50, 50, 7000]),
                "annual_revenue": dice.choice([None, "0", "-12.05", "99999.99"]),
                "currency": "USD",
                "address": {"city": dice.choice([*TEXTS, None]), "country": dice.choice(["de", "US", None])},
                "description": dice.choice(TEXTS),
                "external_id": f"{dice.choice('aBcD')}-{n}",
            }
            parties.append(write.create(registry.get("party"), values).id)
        for n in range(30):
            values = example(registry.get("deal"), n) | {
                "party": dice.choice([*parties, None]),
                "amount": dice.choice([None, "1.10", "1000", "0.05"]),
                "currency": dice.choice(["USD", "KWD", "JPY"]),
                "close_on": dice.choice([*(day.isoformat() for day in DAYS), None]),
                "probability": dice.choice([0, 50, 100, None]),
            }
            try:
                write.create(registry.get("deal"), values)
            except Problem:
                values["amount"] = "7"
                write.create(registry.get("deal"), values)
            write.create(
                registry.get("interaction"),
                {
                    "subject": dice.choice(TEXTS),
                    "channel": "call",
                    "body": 'x\n"y"\\ \t é',
                    "party": dice.choice(parties),
                    "at": f"{dice.choice(DAYS[:6])}T10:00:00Z",
                },
            )


Question = tuple[str, dict[str, Any]]
BEYOND = (
    "name", "party.name", "party.roles", "party.tags", "party.annual_revenue", "party.currency", "party.address.city",
    "party.description", "party.employees", "party.external_id", "party.company.name", "stage.name",
    "stage.probability", "pipeline.name", "owner.name",
)  # fmt: skip


def asked_of_each_type() -> list[Question]:
    """Every sort, filter and group of every type."""
    questions: list[Question] = []
    for entity in registry:
        plain = [
            n
            for n, f in entity.fields.items()
            if f.kind.name not in ("relation", "about", "multi_choice", "long_text")
            and n not in ("created_at", "updated_at")
        ]
        for name in plain:
            questions += [(entity.plural, {"sort": f"{sign}{name}", "limit": 1000}) for sign in ("", "-")]
            questions += (
                [(f"{entity.plural}/aggregate", {"group": name})] if entity.fields[name].kind.name != "money" else []
            )
            if isinstance(entity.fields[name].kind, kinds.TextKind):
                for op in ("contains", "not_contains", "starts_with"):
                    questions += [
                        (entity.plural, {"filter": {"field": name, "op": op, "value": part}})
                        for part in ("a", "AL", "Z", "é", "Шо", "%")
                    ]
        questions += [
            (entity.plural, {"sort": f"{one},-{other}", "limit": 7})
            for one, other in zip(plain, plain[3:], strict=False)
        ]
        questions += [
            (f"{entity.plural}/aggregate", {"group": f"{one},{other}"})
            for one, other in zip(plain, plain[2:], strict=False)
            if "money" not in (entity.fields[one].kind.name, entity.fields[other].kind.name)
        ]
    return questions


def asked_across_types(client: Api) -> list[Question]:
    questions: list[Question] = [
        ("deals/aggregate", {"group": "status,currency", "sum": "amount"}),
        ("deals", {"sort": "party.name,-amount"}),
        ("deals", {"sort": "party.industry,name", "fields": ",".join(BEYOND), "limit": 1000}),
        (
            "interactions",
            {"sort": "-party.annual_revenue,subject", "fields": "subject,party.annual_revenue,party.roles"},
        ),
        ("deals/aggregate", {"group": "party.address.country,stage.kind"}),
        ("parties", {"q": "al"}),
        ("search", {"q": "a", "limit": 50}),
    ]
    first = client.items("parties", sort="external_id", limit=5)
    return questions + [(f"parties/{party['id']}/{door}", {}) for party in first for door in ("timeline", "changes")]


def everything() -> dict[str, str]:
    """Answers by question; ids are numbered as they appear, moments of this run left out."""
    client = Api(
        headers={"Authorization": f"Bearer {access.make_token(User.objects.get(email=address('admin')), 't')}"}
    )
    answers: dict[str, str] = {}
    for path, given in asked_of_each_type() + asked_across_types(client):
        answer = client.get(path, **given)
        numbers: dict[str, str] = {}
        text = (
            re.sub(rb'"next":"[^"]*"', b'"next":"..."', answer.content).decode()
            if answer.status_code == 200
            else answer.content.decode()
        )
        text = re.sub(r'\s*([{}\[\]:,])\s+(?=["\d\[{tfn-])', r"\1", text.replace('" : ', '":').replace(", ", ","))
        text = _ID.sub(lambda found, numbers=numbers: numbers.setdefault(found.group(), f"#{len(numbers)}"), text)
        text = re.sub(r'"id":"\d+"', '"id":"n"', text)
        asked = _ID.sub("ID", f"{path} {given}")
        answers[asked + str(sum(key.startswith(asked) for key in answers))] = _MOMENT.sub("T", text)
    return answers


def test_both_engines_answer_alike_value_for_value(
    request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: Any
) -> None:
    found = {}
    for vendor in ("sqlite", "postgresql"):
        with copy_of(vendor, request, tmp_path, django_db_blocker):
            fill()
            found[vendor] = everything()
    one, other = found["sqlite"], found["postgresql"]
    different = [question for question in one if one[question] != other[question]]
    report = "\n".join(
        f"{question}\n  SQLite     {one[question][:1500]}\n  PostgreSQL {other[question][:1500]}"
        for question in different[:3]
    )
    assert not different, f"{len(different)} of {len(one)} answers differ\n{report}"


def test_one_process_writes_to_either_engine_in_turn(
    request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: Any
) -> None:
    for vendor in ("sqlite", "postgresql", "sqlite"):
        with copy_of(vendor, request, tmp_path, django_db_blocker):
            ada = access.actor_of(User.objects.get(email=address("admin")))
            with acting_as(ada):
                with write.operation() as done:
                    made = write.create(registry.get("task"), {"title": "Call Horst"})
                assert revert.revert(done.id).reverted == [made.id]
                assert orjson.loads(read.one(registry.get("task"), made.id, binned=True))["version"] == 2


def test_a_door_that_leads_elsewhere_gives_its_place_in_the_pool_back(
    request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: Any
) -> None:
    with copy_of("postgresql", request, tmp_path, django_db_blocker):
        assert db.one("SELECT 1") == (1,)
        before = db.connection()
        with copy_of("sqlite", request, tmp_path, django_db_blocker):
            assert before.connection is None
