"""One example per entity (all that a new module adds here), and crowds of records made by the kinds of fields."""

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import ExchangeRate, User
from rapport.records import kinds, registry, write
from rapport.records.entity import Entity, Field
from rapport.records.errors import Problem

# What a record of the entity needs at least; {n} is a serial number.
EXAMPLES: dict[str, dict[str, Any]] = {
    "party": {"name": "Example {n}", "currency": "USD"},
    "contact_point": {"party": "Somebody {n}", "kind": "telegram", "value": "Example {n}"},
    "address": {"party": "Somebody {n}", "street": "Example {n}"},
    "party_role": {"party": "Somebody {n}", "role": "customer"},
    "party_link": {"from_party": "Somebody {n}", "to_party": "Somebody else {n}", "kind": "adviser_to"},
    "interaction": {"subject": "Example {n}", "channel": "note"},
    "deal": {"name": "Example {n}"},
    "task": {"title": "Example {n}"},
    "pipeline": {"name": "Example {n}"},
    "stage": {"name": "Example {n}", "pipeline": "Sales"},
    "tag": {"name": "Example {n}"},
    "custom_field": {"name": "Example {n}", "entity": "party"},
    "custom_object": {"name": "Example {n}", "key": "example_{n}", "plural": "examples-{n}"},
    "wording": {"name": "Example {n}", "entity": "deal", "part": "field.name"},
    "object_layout": {"name": "Example {n}", "entity": "deal"},
    "saved_view": {"name": "Example {n}", "entity": "party"},
    "webhook": {"name": "Example {n}", "url": "https://hooks.example.com/{n}", "events": "party"},
    "automation": {"name": "Example {n}", "entity": "party"},
    "approval": {"question": "Example {n}"},
    "sample": {"name": "Example {n}", "party": "Somebody {n}"},
    "role": {"name": "Example {n}"},
    "team": {"name": "Example {n}"},
    "territory": {"name": "Example {n}"},
    "user": {"name": "Example {n}", "email": "example{n}@rapport.test"},
}
TEXTS = (
    "Alpha",
    "alpha",
    "Älpha",
    "alphabet",
    "Шолпан",
    "Sholpan",
    "50% off_now!",
    "O'Neil",
    "a b",
    "Zed",
    "straße",
    "100",
    "İstanbul",
    "zeta_x",
    "50",
    "Ωmega",
    "中文",
    "alp ha",
)
# Fields whose values have a meaning of their own.
PLANS: dict[str, tuple[Any, ...]] = {
    "rule": ({"field": "industry", "op": "eq", "value": "Food"}, {"field": "owner.name", "op": "eq", "value": "Ada"}),
    "trigger": ({"on": "created"}, {"on": "changed", "fields": ["owner"]}),
    "plan": ({"header": ["owner"]}, {"left_out": ["created_at"], "panels": []}),
    "part": ("one", "many", "field.owner"),
    "steps": ({"version": 1, "steps": [{"do": "notify", "of": ["owner"], "text": "{id}"}]},),
}
TAGS = ("Key account", "VIP", "Trade fair")
TODAY = dt.datetime.now(dt.UTC).date()
DAYS = tuple(TODAY + dt.timedelta(days=n) for n in (-800, -400, -95, -31, -8, -2, -1, 0, 0, 1, 3, 10, 40, 100, 380))


def example(entity: Entity, n: int | str = 1, owner: User | None = None) -> dict[str, Any]:
    """The entity's example with its serial number, and that of ``owner``; what it is part of is made."""
    found = EXAMPLES.get(entity.key)
    assert found is not None, f"add one example of “{entity.key}” to tests/contract/examples.py"
    made = {k: v.format(n=n) if isinstance(v, str) else v for k, v in found.items()}
    for name, value in made.items():
        if entity.fields[name].relation == "party":
            made[name] = _party(value, owner)
    if owner and entity.is_record and not entity.part_of:
        made["owner"] = owner.id
    return made


def _party(name: str, owner: User | None) -> str:
    """The one party of that name."""
    row = db.one("SELECT id FROM party WHERE name = %s AND binned_at IS NULL", (name,))
    if row:
        return str(db.unkey(row[0]))
    with as_system("tests"):
        return str(write.create(registry.get("party"), {"name": name, "owner": owner.id if owner else None}).id)


def another(entity: Entity) -> Any:
    """A title that no example has."""
    known = entity.fields[entity.title]
    return known.kind.choices[-1][0] if isinstance(known.kind, kinds.ChoiceKind) else "Another"


POOLS: dict[str, Callable[[Field], tuple[Any, ...]]] = {
    "text": lambda known: tuple(t for t in TEXTS if len(t) <= known.kind.longest),
    "long_text": lambda known: (*TEXTS, "two\nlines", "x" * 700),
    "filter": lambda known: (
        {"field": "created_at", "op": "gte", "value": "2026-01-01"},
        {"and": [{"field": "owner", "op": "eq", "value": "me"}, {"field": "external_id", "op": "is_empty"}]},
    ),
    "email": lambda known: ("ada@example.com", "ADA@Example.com", "bob_x@example.org", "c%d@example.net"),
    "phone": lambda known: ("+49 37 235188", "+1 202 555 0175", "+44 20 7946 0018", "+7 701 111 2233"),
    "url": lambda known: ("example.com", "https://Example.org/a_b", "http://example.net"),
    "country": lambda known: ("de", "US", "Kazakhstan", "kz"),
    "currency": lambda known: ("USD", "EUR", "JPY"),
    "choice": lambda known: tuple(value for value, _label in known.kind.choices),
    "multi_choice": lambda known: (
        [],
        *[[value] for value, _l in known.kind.choices],
        [value for value, _l in known.kind.choices[:3]],
    ),
    "number": lambda known: tuple(
        n for n in (0, 1, 7, 7, 42, 99, 100, 5000, -3) if known.kind.low <= n <= known.kind.high
    ),
    "decimal": lambda known: (0, 0.5, 1.25, 99.99, 100, 1.25, -3.1),
    "amount": lambda known: ("0.00", "1.00", "99.50", "1000.00", "1000.00", "-5.00"),
    "money": lambda known: ("0", "1", "99", "1000", "1000", "250000", "-5", "1000000"),
    "tags": lambda known: ([], ["Key account"], ["Trade fair", "VIP"], ["Key account", "VIP"]),
    "yes_no": lambda known: (True, False),
    "date": lambda known: tuple(day.isoformat() for day in DAYS),
    "moment": lambda known: tuple(f"{day}T{h:02}:30:00Z" for day in DAYS for h in (0, 9, 23)),
}


def values_of(known: Field) -> tuple[Any, ...]:
    """Values that a field takes, with duplicates and near misses."""
    if known.relation:
        related = registry.get(known.relation)
        live = " WHERE binned_at IS NULL" if related.is_record else ""
        return tuple(db.unkey(row[0]) for row in db.rows(f'SELECT id FROM "{related.table}"{live} ORDER BY id LIMIT 8'))
    if known.kind.name == "about":
        return tuple({"entity": "party", "id": key} for key in values_of(registry.get("deal").fields["party"]))
    if known.name == "external_id":
        return ()
    if known.name in PLANS:
        return PLANS[known.name]
    return POOLS[known.kind.name](known)


def crowd(entity: Entity, count: int = 40) -> list[Any]:
    """That many different records, some fields of each left empty, owned by anybody or nobody."""
    dice = random.Random(entity.key)
    found: list[Any] = []
    with as_system("tests"):
        for currency, rate in (("EUR", "1.25"), ("JPY", "0.0064")):
            ExchangeRate.objects.get_or_create(currency=currency, day=TODAY, rate=rate)
        for name in TAGS:
            if entity.has_tags:
                write.create(registry.get("tag"), {"name": name})
        snapshot.touch()
        snapshot.current()
        if entity.key != "party":
            for n in range(4):
                write.create(registry.get("party"), example(registry.get("party"), 1000 + n))
        pools = {name: values_of(known) for name, known in entity.fields.items() if not known.read_only}
        for n in range(count * 8):
            if len(found) == count:
                break
            data = example(entity, n)
            chance = dice.choice((0.1, 0.4, 0.7))
            for name, pool in pools.items():
                fixed = name in ("pipeline", "email") and entity.key in ("stage", "user", "deal")
                fixed = fixed or name in ("board_by", "board_total", "calendar_by")  # they name fields made later
                if pool and not fixed and dice.random() < chance:
                    data[name] = dice.choice(pool)
            if entity.key == "party":
                data["currency"] = "USD"
            if dice.random() < 0.5:
                data["external_id"] = f"X-{n % 97:02}"
            try:
                with db.savepoint():
                    found.append(write.create(entity, data))
            except Problem:
                continue
    assert len(found) == count, f"only {len(found)} records of {entity.key} could be made"
    return list(entity.model._default_manager.filter(id__in=[record.id for record in found]))
