"""A small believable data set for pictures and browser journeys, written through the write path.

python -m tools.sample      fills RAPPORT_DATA and prints the administrator's e-mail and password
"""

import datetime as dt
import os
import random

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
django.setup()

from rapport.config.prepare import prepare  # noqa: E402  after django.setup()
from rapport.platform import db, mentions  # noqa: E402
from rapport.platform.actor import acting_as, as_system  # noqa: E402
from rapport.platform.clock import now  # noqa: E402
from rapport.platform.identity import access, accounts, organisation, snapshot  # noqa: E402
from rapport.platform.identity.models import User  # noqa: E402
from rapport.records import read, registry, write  # noqa: E402
from rapport.records.read import Query  # noqa: E402
from rapport.sales.pipelines import pipelines  # noqa: E402

PASSWORD = "a-quiet-morning"
TEAM = (
    ("Orla Byrne", "Managing director", "Management"), ("Conor Walsh", "Head of purchasing", "Purchasing"),
    ("Aoife Nolan", "Head of sales", "Sales"), ("Liam Doyle", "Buyer, dairy", "Purchasing"),
    ("Saoirse Kelly", "Buyer, drinks", "Purchasing"), ("Declan Moore", "Store manager", "Sales"),
    ("Niamh Ryan", "Assistant buyer", "Purchasing"), ("Eoin Burke", "Accountant", "Finance"),
    ("Róisín Daly", "Payroll", "Finance"), ("Tadhg Quinn", "Driver", "Warehouse"),
)  # fmt: skip
POINTS = (
    ("mobile", "+353 87 123 4567", "private"),
    ("email", "orders@bluewater.example", "work"),
    ("web", "bluewater.example/shops", None),
    ("whatsapp", "+353871234567", "work"),
    ("telegram", "@bluewater", None),
)
STAFF = (
    ("maria@harbour.example", "Maria Anders", "admin"), ("jan@harbour.example", "Jan Schmidt", "manager"),
    ("nora@harbour.example", "Nora Lind", "sales"), ("tomas@harbour.example", "Tomás Rey", "sales"),
)  # fmt: skip
FIRMS = (
    ("Ardent Kitchens", "Retail food", "Graz", "AT", "customer"),
    ("Bluewater Markets", "Supermarkets", "Cork", "IE", "customer partner"),
    ("Quay Stop", "Wholesale", "Bremen", "DE", "customer"),
    ("Saffron & Sons", "Beverages", "Leeds", "GB", "supplier"),
    ("Night Owl Grocers", "Retail food", "Galway", "IE", "customer"),
    ("Canyon Pantry", "Retail food", "Tucson", "US", "customer"),
    ("Sakura Traders", "Seafood", "Osaka", "JP", "supplier partner"),
    ("Maison Paillard", "Delicatessen", "Montréal", "CA", "customer"),
    ("Königsberger Tafel", "Catering", "Potsdam", "DE", "prospect"),
    ("Piccola Bottega", "Restaurants", "Ravenna", "IT", "customer"),
    ("Folk & Fjäll", "Retail food", "Umeå", "SE", "customer"),
    ("Шёлковый путь", "Wholesale", "Алматы", "KZ", "prospect"),
    ("Bakı Çay Evi", "Beverages", "Bakı", "AZ", "customer"),
    ("Rīgas Tirgus", "Markets", "Rīga", "LV", "customer"),
    ("Toshkent Bozori", "Markets", "Toshkent", "UZ", "prospect"),
    ("Manila Bay Foods", "Supermarkets", "Manila", "PH", "customer"),
    ("Suprême Délices", "Delicatessen", "Charleroi", "BE", "customer"),
    ("Lehnert Marktstand", "Markets", "Frankfurt", "DE", "customer"),
)  # fmt: skip
PEOPLE = (
    ("Roland", "Mendel", "Head of purchasing"),
    ("José", "Pavarotti", "Buyer"),
    ("Hanna", "Kloss", "Accounting manager"),
    ("Charlotte", "Cooper", "Purchasing manager"),
    ("Patricia", "McKenna", "Owner"),
    ("Paula", "Wilson", "Assistant manager"),
    ("Yoshi", "Nagase", "Marketing manager"),
    ("Jean", "Fresnière", "Marketing assistant"),
    ("Philip", "Cramer", "Sales associate"),
    ("Elio", "Rossi", "Chef"),
    ("Maria", "Larsson", "Owner"),
    ("Әсел", "Нұрланова", "Director"),
    ("Leyla", "Əliyeva", "Buyer"),
    ("Ilze", "Bērziņa", "Store manager"),
    ("Aziz", "Oʻrinov", "Director"),
    ("Grace", "Reyes", "Category manager"),
    ("Pascale", "Cartrain", "Accounting manager"),
    ("Renate", "Messner", "Sales representative"),
)  # fmt: skip
GOODS = (
    "Summer assortment", "Gift boxes", "Second warehouse", "Weekly delivery", "Own-brand olive oil", "Festival stock",
    "Catering contract", "Private label cheese", "Market stands", "Spring promotion",
)  # fmt: skip
TO_DO = (
    ("Send the revised quote", "none"), ("Call about the spring order", "none"), ("Ask for the new price list", "none"),
    ("Check the delivery dates with the warehouse", "none"), ("Thank them for the visit", "none"),
    ("Monthly stock review", "monthly"), ("Weekly call", "weekly"), ("Prepare the tasting", "none"),
)  # fmt: skip
SAID = (
    ("call", "Wants 30 % more for summer. Can we hold the price until June? I promised word by Friday.", "interested"),
    ("call", "Not in; left word that the pallets come on Tuesday.", "no_answer"),
    ("email", "The revised quantities are fine. Please send the quote with delivery in two parts.", ""),
    ("meeting", "Walked through the autumn range. They like the gift boxes, the labels need their own language.", ""),
    ("note", "Prefers to be called before noon. Decides together with the warehouse.", ""),
)  # fmt: skip


def fill() -> None:
    """Write everything; the same data each time apart from ids and moments."""
    chance = random.Random(7)
    prepare()
    with db.transaction(), as_system("sample data"):
        organisation.set_up(name="Harbour Foods", currency="EUR", country="DE", time_zone="Europe/Berlin")
        team = write.create(registry.get("team"), {"name": "Sales Europe"})
        staff = [_user(email, name, role, team.id) for email, name, role in STAFF]
    snapshot.current()
    with acting_as(access.actor_of(staff[0])), db.transaction():
        parties = [_firm(firm, staff, chance) for firm in FIRMS]
        people = [_person(person, parties[at], staff, chance) for at, person in enumerate(PEOPLE)]
        _relations(parties, people, staff)
        _deals(parties, staff, chance)
        _talks(parties, people, chance)
        _tasks(parties, staff, chance)
    with acting_as(access.actor_of(staff[1])), db.transaction():
        _for_the_first(parties, staff)


def _user(email: str, name: str, role: str, team: str) -> User:
    user: User = write.create(registry.get("user"), {"email": email, "name": name, "team": team})
    accounts.set_password(user, PASSWORD)
    accounts.give_role(user, role)
    return user


def _firm(firm: tuple[str, ...], staff: list[User], chance: random.Random) -> str:
    name, industry, city, country, roles = firm
    values = {
        "name": name, "industry": industry, "roles": roles.split(), "owner": chance.choice(staff).id,
        "address": {"city": city, "country": country, "street": f"Harbour road {chance.randint(1, 90)}"},
        "email": f"office@{name.lower().split()[0].strip('&')}.example" if name.isascii() else None,
        "phone": f"+49 40 {chance.randint(2000000, 8999999)}", "employees": chance.randint(4, 900),
    }  # fmt: skip
    return str(write.create(registry.get("party"), values).id)


def _person(person: tuple[str, ...], company: str, staff: list[User], chance: random.Random) -> str:
    given, family, title = person
    values = {"kind": "person", "given_name": given, "family_name": family, "title": title, "company": company,
              "owner": chance.choice(staff).id, "phone": f"+49 151 {chance.randint(10000000, 89999999)}"}  # fmt: skip
    return str(write.create(registry.get("party"), values).id)


def _relations(parties: list[str], people: list[str], staff: list[User]) -> None:
    """The second firm (the card of the pictures) with a team, a parent, points of every kind; links between others."""
    firm, group = parties[1], parties[3]

    def link(one: str, kind: str, other: str, **more: str) -> None:
        write.create(registry.get("party_link"), {"from_party": one, "kind": kind, "to_party": other, **more})

    team = {}
    for at, (name, title, department) in enumerate(TEAM):
        given, family = name.split(" ")
        values = {"kind": "person", "given_name": given, "family_name": family, "title": title, "company": firm,
                  "email": f"{given.lower()}@bluewater.example", "owner": staff[0].id}  # fmt: skip
        team[at] = str(write.create(registry.get("party"), values).id)
        place = read.page(
            Query(registry.get("party_link"), filter={"field": "from_party", "op": "eq", "value": team[at]})
        )
        write.change(registry.get("party_link"), place.items()[0]["id"], {"department": department})
    for one, above in ((1, 0), (2, 0), (3, 1), (4, 1), (5, 2), (6, 4)):
        link(team[one], "reports_to", team[above])
    link(team[0], "decision_maker_for", firm)
    link(team[1], "decision_maker_for", firm)
    link(firm, "part_of", group)
    link(parties[7], "part_of", firm)
    link(parties[16], "part_of", firm)
    link(firm, "competitor_of", parties[4])
    link(parties[10], "referred_by", firm)
    link(people[3], "adviser_to", firm, title="Cold chain")
    link(people[5], "married_to", team[3])
    link(parties[6], "supplier_of", firm)
    for kind, value, label in POINTS:
        write.create(registry.get("contact_point"), {"party": firm, "kind": kind, "value": value, "label": label})
    write.create(
        registry.get("address"),
        {"party": firm, "kind": "delivery", "street": "Tivoli Docks 3", "city": "Cork", "country": "IE"},
    )
    role = read.page(Query(registry.get("party_role"), filter={"field": "party", "op": "eq", "value": firm})).items()[0]
    write.change(registry.get("party_role"), role["id"], {"stage": "active", "tier": "a", "manager": staff[1].id})
    write.create(
        registry.get("party_role"),
        {"party": firm, "role": "prospect", "started_on": "2021-02-01", "ended_on": "2022-06-15"},
    )
    write.change(
        registry.get("party"), firm, {"time_zone": "Europe/Dublin", "language": "en", "founded_on": "1987-04-01"}
    )


def _deals(parties: list[str], staff: list[User], chance: random.Random) -> None:
    stages = next(iter(pipelines().values())).stages
    today = now().date()
    for at in range(44):
        stage = chance.choice([*stages[:4], *stages[:4], *stages])
        values = {
            "name": chance.choice(GOODS), "party": chance.choice(parties), "owner": chance.choice(staff).id,
            "stage": stage.id, "amount": str(chance.randint(8, 480) * 100),
            "opened_on": (today - dt.timedelta(days=chance.randint(1, 60))).isoformat(),
        }  # fmt: skip
        if stage.kind == "open":
            values["close_on"] = (today + dt.timedelta(days=chance.randint(3, 70))).isoformat()
        else:
            values["closed_on"] = values["opened_on"] if at % 3 else today.isoformat()
        if stage.kind == "lost":
            values["lost_reason"] = "Price"
        write.create(registry.get("deal"), values)


def _talks(parties: list[str], people: list[str], chance: random.Random) -> None:
    for party in (*parties, *people):
        for _once in range(chance.randint(1, 6)):
            channel, body, outcome = chance.choice(SAID)
            moment = now() - dt.timedelta(hours=chance.randint(2, 24 * 40))
            values = {"party": party, "channel": channel, "body": body, "outcome": outcome or None, "at": moment,
                      "direction": None if channel == "note" else chance.choice(("in", "out")),
                      "duration_s": chance.randint(2, 30) * 60 if channel in ("call", "meeting") else None}  # fmt: skip
            write.create(registry.get("interaction"), {name: value for name, value in values.items() if value})


def _tasks(parties: list[str], staff: list[User], chance: random.Random) -> None:
    for at in range(40):
        what, repeats = chance.choice(TO_DO)
        days = chance.choice((-9, -3, -1, 0, 0, 0, 1, 1, 2, 3, 5, 6, 12, 30, None))
        values = {"title": what, "party": chance.choice(parties), "assignee": staff[at % 3 and chance.randrange(4)].id,
                  "priority": chance.choice(("low", "normal", "normal", "normal", "high", "urgent"))}  # fmt: skip
        if days is not None:
            values["due_at"] = _at(days, chance.choice(((8, 0), (9, 30), (13, 0), (22, 59))))
            values["recurrence"] = repeats
        task = write.create(registry.get("task"), values)
        if chance.random() < 0.25:  # noqa: PLR2004
            write.act(registry.get("task"), task.id, "complete", {"answer": "Done, they are content."})


def _at(days: int, clock: tuple[int, int]) -> dt.datetime:
    """A moment of some day from now; 22:59 is midnight in Berlin, less a minute: that day, at any hour."""
    return (now() + dt.timedelta(days=days)).replace(hour=clock[0], minute=clock[1], second=0, microsecond=0)


def _for_the_first(parties: list[str], staff: list[User]) -> None:
    """What the first user hears of: a task given, a mention, a request that waits for the department."""
    first = staff[0]
    body = f"{mentions.token('user', first.id, first.name)} they ask whether you can come to the tasting on Friday."
    write.create(registry.get("interaction"), {"party": parties[2], "channel": "note", "body": body})
    deal = write.create(registry.get("deal"), {"name": "Tasting evenings", "party": parties[2], "amount": "4200"})
    write.change(registry.get("deal"), deal.id, {"owner": first.id})
    due = min(now() + dt.timedelta(hours=3), _at(0, (22, 59)))
    task = {"title": "Look over the offer for Quay Stop", "assignee": first.id, "due_at": due}
    write.create(registry.get("task"), {**task, "party": parties[2], "about": {"entity": "deal", "id": deal.id}})
    request = {"title": "Are forty pallets in stock for April?", "department": first.team_id}
    write.create(registry.get("task"), {**request, "due_at": now() + dt.timedelta(days=2)})


if __name__ == "__main__":
    fill()
    print(f"{STAFF[0][0]} {PASSWORD}")
