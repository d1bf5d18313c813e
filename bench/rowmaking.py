"""Rows of parties, interactions and deals, with what the engine would have kept beside them."""

import datetime as dt
import functools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bench import words
from bench.load import Loader
from bench.staff import Owner, Staff
from bench.words import Dice, Land
from rapport.platform import db
from rapport.platform.keys import key_at
from rapport.platform.text import fold, fold_cached
from rapport.records import registry, searching, totals
from rapport.records.entity import Entity
from rapport.sales.pipelines import PipelineInfo, pipelines

LIGHT_PARTIES = 30
FAMOUS = 5
DAY_MS = 86_400_000
EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - columns hold UTC without saying so


@dataclass(slots=True)
class Person:
    """A party in the making; ``company`` is the number of another one."""

    key: str
    person: bool
    name: str
    land: Land
    owner: Owner
    company: int | None
    given: str | None
    family: str | None
    email: str | None
    phone: str | None
    city: str
    last: dt.datetime | None = None


@dataclass(slots=True)
class Made:
    """What the making shares: dice, parties, staff, and the rows that go beside."""

    dice: Dice
    staff: Staff
    into: Loader
    start: dt.datetime
    end: dt.datetime
    famous: int
    parties: list[Person] = field(default_factory=list)
    search: list[tuple[Any, ...]] = field(default_factory=list)
    visits: list[tuple[Any, ...]] = field(default_factory=list)
    counted: Counter[tuple[str, str, str | None]] = field(default_factory=Counter)
    deals: dict[str, totals.Tally] = field(default_factory=dict)

    def moment(self, part: float) -> dt.datetime:
        """The moment at ``part`` (0 to 1) of the time the data spans, to the second."""
        span = (self.end - self.start).total_seconds()
        return self.start + dt.timedelta(seconds=int(span * part))

    def party_search(self, number: int) -> tuple[Any, ...]:
        """The search row of a party."""
        made = self.parties[number]
        values = {"name": made.name, "email": made.email, "phone": made.phone, "address_city": made.city}
        text = searching.text_of(registry.get("party"), values)
        return "party", self.into.key(made.key), text, scope_of("party", made.owner)

    def tally(self) -> None:
        """Write the kept totals."""
        entity = registry.get("party")
        tally = totals.Tally(entity)
        for (kind, owner, team), count in self.counted.items():
            found = tally._found.setdefault(
                (totals.column_of(kind), owner, team or totals.NOBODY, totals.NOBODY, "", ""), Counter()
            )
            found["count"] += count
        with db.transaction():
            tally.write()
            for each in self.deals.values():
                each.write()


@functools.cache
def defaults_of(entity: Entity) -> dict[str, Any]:
    """Columns that every row shares: the model's defaults of what may not be empty."""
    found: dict[str, Any] = {}
    for column in entity.model._meta.concrete_fields:
        if not column.null and column.attname not in GIVEN[entity.key] and column.name not in GIVEN[entity.key]:
            found[column.column] = column.get_db_prep_save(column.get_default(), db.connection())
    if not db.is_sqlite() and "custom" in found:
        found["custom"] = "{}"
    return found


@functools.cache
def scope_of(entity: str, owner: Owner) -> str:
    """The tokens of who finds a record of this owner."""
    return searching.tokens(registry.get(entity), owner.id, owner.path)


GIVEN = {
    "party": {"id", "created_at", "updated_at", "kind", "name"},
    "interaction": {"id", "created_at", "updated_at", "channel", "at"},
    "task": {"id", "created_at", "updated_at", "title", "status", "priority"},
    "deal": {"id", "created_at", "updated_at", "name", "pipeline_id", "stage_id", "status", "currency", "stage_since"},
}


def people(
    dice: Dice, crew: Staff, count: int, into: Loader, start: dt.datetime, end: dt.datetime, scale: float
) -> Made:
    """Invent the parties: every sixth an organisation, persons mostly with a company known before them."""
    famous = max(400, int(20_000 * scale))
    made = Made(dice, crew, into, start, end, famous)
    companies: list[int] = []
    base = int((start - EPOCH).total_seconds() * 1000)
    span = int((end - start).total_seconds() * 1000)
    light = {int(count * (n + 0.5) / LIGHT_PARTIES) for n in range(LIGHT_PARTIES)}
    for number in range(count):
        if number in light:
            owner = crew.light
        elif dice.random.random() < 0.1:  # noqa: PLR2004 - a tenth of all
            owner = crew.heavy
        else:
            owner = crew.sellers[int(len(crew.sellers) * dice.random.random() ** 1.6)]
        key = key_at(base + span * number // count, number)
        if number % 6 == 0:
            made.parties.append(_organisation(dice, key, owner))
            companies.append(number)
        else:
            company = None
            if dice.random.random() < 0.85:  # noqa: PLR2004
                company = companies[int(len(companies) * dice.random.random() ** 1.4)]
            made.parties.append(_person(dice, key, owner, company, number))
    return made


def _phone(dice: Dice, land: Land) -> str | None:
    return f"{land.dial}{dice.below(9_000_000) + 1_000_000}" if dice.random.random() < 0.8 else None  # noqa: PLR2004


def _organisation(dice: Dice, key: str, owner: Owner) -> Person:
    land: Any = dice.of(dice.lands)
    name = f"{dice.of(land.family)} {dice.of(words.BRANCHES)} {land.legal}"
    mail = f"info@{_ascii(name.rsplit(' ', 1)[0]) or 'firma'}{dice.below(100)}.test"
    return Person(key, False, name, land, owner, None, None, None, mail, _phone(dice, land), str(dice.of(land.cities)))


def _person(dice: Dice, key: str, owner: Owner, company: int | None, number: int) -> Person:
    land: Any = dice.of(dice.lands)
    given, family = str(dice.of(land.given)), str(dice.of(land.family))
    name = f"{family} {given}" if land.family_first else f"{given} {family}"
    mail = None
    if dice.random.random() < 0.9:  # noqa: PLR2004
        mail = f"{_ascii(given) or 'p'}.{_ascii(family) or 'x'}{number}@mail.test"
    return Person(
        key, True, name, land, owner, company, given, family, mail, _phone(dice, land), str(dice.of(land.cities))
    )


@functools.lru_cache(maxsize=50_000)
def _ascii(text: str) -> str:
    return "".join(letter for letter in fold(text) if letter.isascii() and letter.isalnum())


def stamps(made: Made, key: str, owner: Owner, created: str) -> dict[str, Any]:
    """What every record has."""
    who, to = made.into.key(owner.id), made.into.key
    return {
        "id": to(key), "created_at": created, "created_by": who, "updated_at": created, "updated_by": who,
        "owner_id": who, "team_id": to(owner.team),
    }  # fmt: skip


def party_rows(made: Made, low: int, high: int) -> Iterator[dict[str, Any]]:
    """Parties ``low`` to ``high``, last contacts known by now."""
    dice, into = made.dice, made.into
    for number in range(low, high):
        one = made.parties[number]
        kind = "person" if one.person else "organisation"
        made.counted[(kind, one.owner.id, one.owner.team)] += 1
        company = made.parties[one.company].key if one.company is not None else None
        industry = None if one.person else str(dice.of(words.INDUSTRIES))
        created = EPOCH + dt.timedelta(seconds=int(one.key[:12], 16) // 1000)
        yield {
            **stamps(made, one.key, one.owner, into.moment(created)),
            "kind": kind, "name": one.name, "name_key": fold(one.name), "given_name": one.given,
            "family_name": one.family,
            "email": one.email, "phone": one.phone, "company_id": into.key(company),
            "title": dice.of(words.TITLES) if one.person else None, "roles": dice.of(words.ROLES),
            "industry": industry, "industry_key": industry and fold_cached(industry),
            "employees": None if one.person else dice.below(5000), "address_street": f"Street {dice.below(300)}",
            "address_city": one.city, "city_key": fold_cached(one.city),
            "address_postcode": str(10_000 + dice.below(80_000)),
            "address_country": one.land.code, "last_contact_at": one.last and into.moment(one.last),
        }  # fmt: skip


def interaction_rows(made: Made, low: int, high: int, size: int) -> Iterator[dict[str, Any]]:
    """Interactions ``low`` to ``high`` of ``size``: a few parties get very many, old ones more than new ones."""
    dice, into, parties = made.dice, made.into, made.parties
    entity, often = registry.get("interaction"), made.famous * FAMOUS / size
    for number in range(low, high):
        part = number / size
        known = max(1, int(len(parties) * part))
        if dice.random.random() < often:
            which = dice.below(FAMOUS) * 6 % len(parties)
        else:
            which = int(known * dice.random.random() ** 2)
        one = parties[which]
        at = made.moment(part)
        key = key_at(int((at - EPOCH).total_seconds() * 1000), 1 << 40 | number)
        channel, subject = str(dice.of(dice.channels)), str(dice.of(words.SUBJECTS))
        _contact(parties, one, at)
        body = None if channel == "call" else str(dice.of(words.SENTENCES))
        spelled = into.moment(at)
        made.search.append(
            ("interaction", into.key(key), _subject(entity, subject), scope_of("interaction", one.owner))
        )
        yield {
            **stamps(made, key, one.owner, spelled),
            "party_id": into.key(one.key), "channel": channel, "direction": "out" if number % 3 else "in",
            "subject": subject, "subject_key": fold_cached(subject), "body": body, "at": spelled,
            "duration_s": 60 * (1 + dice.below(40)) if channel in ("call", "meeting", "visit") else None,
            "outcome": dice.of(words.OUTCOMES) if channel == "call" else None,
        }  # fmt: skip


def _contact(parties: list[Person], one: Person, at: dt.datetime) -> None:
    for each in (one, parties[one.company] if one.company is not None else None):
        if each is not None and (each.last is None or each.last < at):
            each.last = at


@functools.cache
def _subject(entity: Entity, subject: str) -> str:
    return searching.text_of(entity, {"subject": subject})


@functools.cache
def _funnel() -> tuple[PipelineInfo, tuple[Any, ...]]:
    pipeline = next(iter(pipelines().values()))
    open_ones = [stage for stage in pipeline.stages if stage.kind == "open"]
    closed = {stage.kind: stage for stage in pipeline.stages if stage.kind != "open"}
    return pipeline, (open_ones, closed["won"], closed["lost"])


def deal_rows(made: Made, low: int, high: int, size: int) -> Iterator[dict[str, Any]]:
    """Deals ``low`` to ``high`` of ``size``: old ones mostly closed, new ones mostly open."""
    dice, into, entity = made.dice, made.into, registry.get("deal")
    pipeline, (open_ones, won, lost) = _funnel()
    tally = made.deals.setdefault("deal", totals.Tally(entity))
    for number in range(low, high):
        part = number / size
        opened = made.moment(part)
        one = made.parties[int(max(1, len(made.parties) * part) * dice.random.random())]
        lasted = dt.timedelta(days=3 + dice.below(150))
        closed = min(opened + lasted, made.end) if opened + lasted < made.end else None
        stage = (won if dice.random.random() < 0.4 else lost) if closed else open_ones[dice.below(len(open_ones))]  # noqa: PLR2004
        since = dt.datetime.combine(closed.date(), dt.time()) if closed else opened
        key = key_at(int((opened - EPOCH).total_seconds() * 1000), 2 << 40 | number)
        name = f"{one.name}: {dice.of(words.PRODUCTS)}"
        amount = 100 * int(500 + 200_000 * dice.random.random() ** 3)
        values = {"stage_id": stage.id, "owner_id": one.owner.id, "team_id": one.owner.team, "currency": "USD",
                  "closed_on": closed and closed.date(), "amount": amount, "amount_base": amount}  # fmt: skip
        tally.add(values, +1)
        text = searching.text_of(entity, {"name": name})
        made.search.append(("deal", into.key(key), text, scope_of("deal", one.owner)))
        if closed:
            midnight = into.moment(dt.datetime.combine(opened.date(), dt.time()))
            made.visits.append((into.key(key), into.key(pipeline.first.id), midnight))
        made.visits.append((into.key(key), into.key(stage.id), into.moment(since)))
        yield {
            **stamps(made, key, one.owner, into.moment(opened)),
            "name": name, "name_key": fold(name), "party_id": into.key(one.key), "pipeline_id": into.key(pipeline.id),
            "stage_id": into.key(stage.id), "status": stage.kind, "amount": amount, "amount_base": amount,
            "currency": "USD", "probability": stage.probability, "opened_on": opened.date().isoformat(),
            "close_on": (opened + lasted).date().isoformat(), "closed_on": closed and closed.date().isoformat(),
            "lost_reason": dice.of(words.LOST) if stage.kind == "lost" else None, "stage_since": into.moment(since),
        }  # fmt: skip
