"""The same firm grown: twenty thousand parties, as many deals, ten contacts each, by the statistics of the sample."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from typing import Any

from rapport.config.demo.calendar import Calendar
from rapport.config.demo.firms import Known, name_of
from rapport.config.demo.market import Market
from rapport.config.demo.northwind import Firm, northwind
from rapport.config.demo.phrases import told
from rapport.config.demo.selling import CURRENCY
from rapport.config.demo.talking import Talk
from rapport.config.demo.writing import Pen
from rapport.platform.keys import new_key
from rapport.platform.text import fold
from rapport.sales.pipelines import pipelines

FIRMS, PEOPLE, DEALS, TALKS = 6_000, 14_000, 20_000, 200_000
SLICE = 1_000
DAYS = 670
SHARES = (("won", 0.78), ("lost", 0.12), ("open", 0.10))
KINDS = (
    "Market", "Deli", "Bistro", "Foods", "Grocers", "Trading", "Kitchen", "Wine Cellar", "Pantry", "Catering", "Café",
    "Provisions", "Bakery", "Larder",
)  # fmt: skip
INDUSTRIES = ("Restaurants", "Supermarkets", "Beverages", "Delicatessen", "Wholesale", "Catering", "Food retail")
Tell = Callable[[str], None]


def load(pen: Pen, calendar: Calendar, users: dict[str, str], market: Market, tell: Tell) -> None:
    """All of it, in constant memory but for the keys of the firms."""
    crowd = Crowd(calendar, list(users.values()), market, random.Random(20_000))
    for key, rows, what in (
        ("party", crowd.firms(), "firms"), ("party", crowd.people(), "people"), ("deal", crowd.deals(), "deals"),
        ("interaction", crowd.talks(pen.names), "contacts"),
    ):  # fmt: skip
        count = pen.many(key, rows, SLICE)
        tell(f"{count:,} generated {what}")


class Crowd:
    """Rows of generated records, of one seller after the other so that a slice is written at once."""

    def __init__(self, calendar: Calendar, users: list[str], market: Market, chance: random.Random) -> None:
        self.calendar, self.users, self.market, self.chance = calendar, users, market, chance
        self.known: list[Known] = []
        self._made = calendar.now - dt.timedelta(days=DAYS + 20)

    def firms(self) -> Iterator[dict[str, Any]]:
        """Organisations named after people and places, in the countries of the sample."""
        for number in range(FIRMS):
            like = self.chance.choice(northwind().customers)
            name = f"{name_of(like.country, self.chance).split()[-1]} {self.chance.choice(KINDS)} {like.city}"
            owner, key, person = self._owner(number), new_key(), name_of(like.country, self.chance)
            firm = Firm(
                f"firm-{number}", name, person, like.title, "", like.city, "", like.postcode, like.country, "", ""
            )
            self.known.append(Known(firm, key, owner, key))
            yield {
                "_id": key, "name": name, "industry": self.chance.choice(INDUSTRIES), "roles": "customer",
                "email": f"office{number}@customers.example", "address.city": like.city,
                "address.country": like.country, "owner": owner, "by": owner, "at": self._made, "mark": firm.id,
                **self._lying(firm),
            }  # fmt: skip

    def people(self) -> Iterator[dict[str, Any]]:
        """Two or three at each firm."""
        for number in range(PEOPLE):
            known = self.known[number % FIRMS]
            name = known.firm.contact if number < FIRMS else name_of(known.firm.country, self.chance)
            given, _space, family = name.partition(" ")
            local = fold(f"{given}.{family}").replace(" ", "-")
            yield {
                "_id": new_key(), "kind": "person", "given_name": given, "family_name": family, "company": known.key,
                "title": known.firm.title if number < FIRMS else self.chance.choice(northwind().suppliers).title,
                "email": f"{local}{number}@customers.example", "owner": known.owner, "by": known.owner,
                "at": self._made, "mark": f"person-{number}", **self._lying(known.firm),
            }  # fmt: skip

    def deals(self) -> Iterator[dict[str, Any]]:
        """Won, lost and open ones, as large as the orders of the sample."""
        stages = next(iter(pipelines().values())).stages
        orders, reasons = northwind().orders, told("deals")["lost"]
        kinds, weights = [kind for kind, _share in SHARES], [share for _kind, share in SHARES]
        for number in range(DEALS):
            known, like = self.known[number % FIRMS], self.chance.choice(orders)
            kind = self.chance.choices(kinds, weights)[0]
            stage = self.chance.choice([each for each in stages if each.kind == kind])
            age = self.chance.randint(1, 60 if kind == "open" else DAYS)
            opened = self.calendar.today - dt.timedelta(days=age)
            goods = " and ".join(name for name, _quantity in like.goods[:2])
            row = {
                "name": goods, "party": known.key, "stage": stage.id, "amount": like.amount,
                "currency": CURRENCY, "opened_on": opened, "owner": known.owner, "by": known.owner,
                "at": self.calendar.moment(opened, self.chance), "mark": f"sale-{number}",
            }  # fmt: skip
            closed = opened + dt.timedelta(days=self.chance.randint(0, min(age, 30)))
            if kind == "open":
                yield {**row, "close_on": self.calendar.workday(self.chance.randint(1, 60))}
            else:
                reason = self.chance.choice(reasons) if kind == "lost" else None
                yield {**row, "closed_on": closed, "lost_reason": reason}

    def talks(self, names: dict[str, str]) -> Iterator[dict[str, Any]]:
        """Contacts spread over the two years."""
        talk = Talk(self.calendar, names, self.chance)
        products = [name for made in northwind().makes.values() for name in made]
        kinds = ("before", "after")
        for number in range(TALKS):
            known = self.known[number % FIRMS]
            day = self.calendar.today - dt.timedelta(days=self.chance.randint(0, DAYS))
            first, more = self.chance.choice(products), self.chance.choice(products)
            words = {"goods": first, "more": more, "quantity": self.chance.randrange(4, 60, 2)}
            at = self.calendar.moment(day, self.chance)
            row = talk.row(kinds[number % 2], known, known.owner, at, words)
            yield {**row, "mark": f"contact-{number}"}

    def _lying(self, firm: Firm) -> dict[str, Any]:
        """Where the rules put a firm and its people, so that nobody has to move them afterwards."""
        return {"_territory_id": self.market.of(firm.country, firm.city), "_territory_fixed": None}

    def _owner(self, number: int) -> str:
        """Neighbouring firms belong to the same seller, so that a slice has few writers."""
        return self.users[number * len(self.users) // FIRMS]
