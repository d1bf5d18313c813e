"""Customers and suppliers: their cards, the people there, what they are to us and how they belong together."""

import datetime as dt
import functools
import random
import re
from dataclasses import dataclass, field

from rapport.config.demo.calendar import Calendar
from rapport.config.demo.northwind import Firm, Order, northwind
from rapport.config.demo.writing import Pen
from rapport.platform.identity import snapshot
from rapport.platform.text import fold

INDUSTRIES = (
    ("restaur|bistro|cocina|essen|taquer|comidas|lanchonete|zajazd", "Restaurants"),
    ("super|hiper|market|stop|abastos|grocer|snabb", "Supermarkets"),
    ("vin|wine|beer|bever|bacchus|brewer|refresc|liquid|ale$", "Beverages"),
    ("delik|delic|gourmet|comes|specia|spezial|special|epicur|fromag|cheese|kase", "Delicatessen"),
    ("import|trad|handel|versand|compag|eastern|holding", "Wholesale"),
    ("fisch|seafood|sjof|bacalhau|sild", "Seafood"),
)
DECIDES = re.compile("owner|manager", re.IGNORECASE)
SIDE_TITLES = ("Purchasing assistant", "Head of purchasing", "Warehouse manager", "Accounts payable", "Store manager")
TAGS = (("Key account", 4), ("Seasonal", 8), ("Pays early", 2), ("Trade fair", 6), ("Organic range", 3))
PART_OF = (("PICCO", "ERNSH"), ("KOENE", "QUICK"), ("RATTC", "SAVEA"), ("ISLAT", "AROUT"), ("FOLIG", "BONAP"))
REFERRED_BY = (
    ("MORGK", "QUICK"), ("WANDK", "FRANK"), ("LEHMS", "ALFKI"), ("THEBI", "WHITC"), ("REGGC", "MAGAA"),
    ("VICTE", "BONAP"), ("SUPRD", "MAISD"), ("VAFFE", "SIMOB"), ("FOLKO", "BERGS"), ("PICCO", "ERNSH"),
)  # fmt: skip
COMPETES = (("BSBEV", "NORTS"), ("GREAL", "THEBI"), ("QUEEN", "TRADH"), ("FRANK", "OTTIK"))
ADVISES = (("TOMSP", "OTTIK"), ("ERNSH", "RICSU"), ("HUNGO", "SEVES"))
TONGUES = ("DE AT CH", "US GB CA IE AU", "MX ES AR VE", "BR PT", "FR BE", "SE NO DK", "FI", "IT", "PL")
SUPPLIES = (("12", "FRANK"), ("11", "ALFKI"), ("28", "BONAP"), ("16", "THEBI"), ("5", "GODOS"))


@dataclass(slots=True)
class Known:
    """A firm that has been entered, with its people and orders."""

    firm: Firm
    key: str
    owner: str
    contact: str
    people: list[str] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)

    @property
    def first(self) -> str:
        """The contact's given name."""
        return self.firm.contact.split()[0]


def label(pen: Pen, calendar: Calendar) -> None:
    """The shared tags, those that are not there yet."""
    with pen.acting(None, calendar.now - dt.timedelta(days=900)):
        for name, hue in TAGS:
            if not pen.has("tag", "name", name):
                pen.create("tag", {"name": name, "hue": hue}, f"tag-{fold(name)}")
    snapshot.current()


def enter_customers(pen: Pen, calendar: Calendar, users: dict[str, str], chance: random.Random) -> dict[str, Known]:
    """Everybody who buys; returns them by their id."""
    whole = northwind()
    orders: dict[str, list[Order]] = {each.id: [] for each in whole.customers}
    for order in whole.orders:
        orders[order.customer].append(order)
    found = {}
    for firm in whole.customers:
        owner, tier, bought = users[whole.seller[firm.id]], whole.tier[firm.id], orders[firm.id]
        first = calendar.day(bought[0].date) if bought else calendar.today - dt.timedelta(days=12)
        at = calendar.moment(first - dt.timedelta(days=50 if bought else 0), chance)
        with pen.acting(owner, at):
            more = {"tags": _tags(tier, chance), **(_figures(tier, at, chance) if bought else {})}
            found[firm.id] = known = _enter(pen, firm, owner, more, chance)
            role = {"role": "customer", "stage": _stage(bought, calendar), "tier": tier, "manager": owner}
            _role(pen, known, {**role, "started_on": first.isoformat() if bought else None})
            if tier == "a":
                _colleagues(pen, known, chance)
        known.orders = bought
    return found


def enter_suppliers(pen: Pen, calendar: Calendar, users: dict[str, str], chance: random.Random) -> dict[str, Known]:
    """Everybody who supplies; inside sales looks after them."""
    whole, found = northwind(), {}
    keepers = [users[each.id] for each in whole.employees if each.title != "Sales Representative"]
    for firm in whole.suppliers:
        owner = chance.choice(keepers)
        with pen.acting(owner, calendar.now - dt.timedelta(days=chance.randint(700, 880))):
            makes = ", ".join(whole.makes[firm.id])
            found[firm.id] = known = _enter(pen, firm, owner, {"description": f"Makes {makes}."}, chance)
            stage = chance.choice(("approved", "active", "active", "active", "preferred", "on_hold"))
            _role(pen, known, {"role": "supplier", "stage": stage, "manager": owner})
    return found


def _role(pen: Pen, known: Known, values: dict[str, object]) -> None:
    pen.create("party_role", {"party": known.key, **values}, f"{values['role']}-{known.firm.id}")


def _enter(pen: Pen, firm: Firm, owner: str, more: dict[str, object], chance: random.Random) -> Known:
    slug = re.sub("[^a-z0-9]+", "-", fold(firm.name)).strip("-").removesuffix("-ltd").removesuffix("-s-a")
    domain = f"{slug[:28].strip('-')}.example"
    address = {
        "street": firm.street, "city": firm.city, "region": firm.region or None, "postcode": firm.postcode or None,
        "country": firm.country,
    }  # fmt: skip
    values = {
        "name": firm.name, "owner": owner, "address": address, "phone": firm.phone, "email": f"orders@{domain}",
        "website": f"www.{domain}", "industry": _industry(firm.name, chance), **more,
    }  # fmt: skip
    key = pen.create("party", values, firm.id)
    if firm.fax:
        fax = {"party": key, "kind": "fax", "value": firm.fax, "label": "work"}
        pen.create("contact_point", fax, f"fax-{firm.id}")
    contact = _person(pen, firm.contact, firm.title, key, owner, domain, f"contact-{firm.id}")
    if DECIDES.search(firm.title):
        link = {"from_party": contact, "kind": "decision_maker_for", "to_party": key}
        pen.create("party_link", link, f"decides-{firm.id}")
    return Known(firm, key, owner, contact, [contact])


def _person(pen: Pen, name: str, title: str, company: str, owner: str, domain: str, mark: str) -> str:
    given, family = name.split(" ", 1)
    local = ".".join(re.sub("[^a-z]+", "-", fold(part)).strip("-") for part in (given, family))
    values = {"kind": "person", "given_name": given, "family_name": family, "title": title, "company": company}
    return pen.create("party", {**values, "owner": owner, "email": f"{local}@{domain}"}, mark)


def _colleagues(pen: Pen, known: Known, chance: random.Random) -> None:
    """Further people at a great customer, with names of the country, under the one we know."""
    domain = f"{known.firm.id.lower()}.example"
    for at, title in enumerate(chance.sample(SIDE_TITLES, 3)):
        mark = f"colleague-{known.firm.id}-{at}"
        person = _person(pen, name_of(known.firm.country, chance), title, known.key, known.owner, domain, mark)
        pen.create("party_link", {"from_party": person, "kind": "reports_to", "to_party": known.contact}, f"up-{mark}")
        known.people.append(person)


def name_of(country: str, chance: random.Random) -> str:
    """Somebody of a country or its neighbours: the given name of one contact, the family name of another."""
    there = _contacts(country)
    return f"{chance.choice(there).split()[0]} {chance.choice(there).split()[-1]}"


@functools.cache
def _contacts(country: str) -> list[str]:
    whole = northwind()
    near = next((tongue for tongue in TONGUES if country in tongue), country)
    return [each.contact for each in (*whole.customers, *whole.suppliers) if each.country in near]


def _industry(name: str, chance: random.Random) -> str:
    plain = fold(name)
    known = [industry for pattern, industry in INDUSTRIES if re.search(pattern, plain)]
    return known[0] if known else chance.choice(("Food retail", "Delicatessen", "Catering", "Wholesale"))


def _stage(bought: list[Order], calendar: Calendar) -> str:
    if not bought:
        return "new"
    idle = (calendar.today - calendar.day(bought[-1].date)).days
    return "active" if idle < 100 else "at_risk" if idle < 200 else "lapsed"  # noqa: PLR2004


def _tags(tier: str, chance: random.Random) -> list[str]:
    found = [name for name, _hue in TAGS[1:] if chance.random() < 0.12]  # noqa: PLR2004
    return [TAGS[0][0], *found] if tier == "a" else found


def _figures(tier: str, at: dt.datetime, chance: random.Random) -> dict[str, object]:
    """Size of the firm, and where we have that from."""
    size = {"a": (60, 900), "b": (12, 120), "c": (2, 30)}[tier]
    employees = chance.randint(*size)
    if tier == "c":
        return {"employees": employees}
    source = chance.choice(("Annual report", "Company register", "Told by the owner"))
    revenue = {"annual_revenue": employees * chance.randint(110, 240) * 1000, "currency": "USD"}
    said = {"source": source, "as_of": at.date().isoformat()}
    sources = {"employees": said, "annual_revenue": {**said, "source": "Annual report"}}
    return {"employees": employees, **revenue, "sources": sources}


def relate(pen: Pen, calendar: Calendar, customers: dict[str, Known], suppliers: dict[str, Known]) -> None:
    """Links between firms, and people of one firm who advise another."""
    found = [(customers[one], "part_of", customers[other]) for one, other in PART_OF]
    found += [(customers[one], "referred_by", customers[other]) for one, other in REFERRED_BY]
    found += [(customers[one], "competitor_of", customers[other]) for one, other in COMPETES]
    found += [(suppliers[one], "supplier_of", customers[other]) for one, other in SUPPLIES]
    for at, (one, kind, other) in enumerate(found):
        with pen.acting(one.owner, calendar.now - dt.timedelta(days=200 - at)):
            link = {"from_party": one.key, "kind": kind, "to_party": other.key}
            pen.create("party_link", link, f"{kind}-{one.firm.id}-{other.firm.id}")
    for left, right in ADVISES:
        known, advised = customers[left], customers[right]
        with pen.acting(known.owner, calendar.now - dt.timedelta(days=90)):
            link = {"from_party": known.contact, "kind": "adviser_to", "to_party": advised.key, "title": "Purchasing"}
            pen.create("party_link", link, f"adviser_to-{left}-{right}")
