"""How the market is split, and what waits for somebody: territories with their people, queues with their members."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rapport.config.demo.calendar import Calendar
from rapport.config.demo.firms import Known
from rapport.config.demo.writing import SOURCE, Pen, known
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.records import registry, write
from rapport.records.queues import keeping
from rapport.records.territories import placing, staffing
from rapport.records.territories.rules import Asked
from rapport.records.written import batches
from rapport.sales.pipelines import pipelines

EUROPE = ("DE", "AT", "CH", "FR", "GB", "IE", "ES", "PT", "IT", "BE", "NL", "SE", "DK", "NO", "FI", "PL")
AMERICAS = ("US", "CA", "MX", "BR", "AR", "VE")
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Region:
    """A territory: by countries or by a city, below another one; ``staff``: ids of employees."""

    mark: str
    name: str
    staff: tuple[str, ...]
    countries: tuple[str, ...] = ()
    city: str = ""
    parent: str = ""
    words: str = ""


REGIONS = (
    Region("europe", "Europe", ("5",), EUROPE, words="What no part of it takes."),
    Region("german", "German-speaking countries", ("3", "9"), ("DE", "AT", "CH"), parent="europe"),
    Region("london", "London", ("6", "7"), city="London", parent="europe", words="Looked after from the house there."),
    Region("americas", "Americas", ("1", "4"), AMERICAS),
)
QUEUES = {"enquiries": ("Inbound enquiries", ("8", "1")), "care": ("Customer care", ("8", "6"))}
NEW_FIRMS = (
    ("Kaffeehaus Morgentau", "Wien", "AT", "Catering", "Saw us at the trade fair and asks for a price list."),
    ("Harbour Deli", "Bristol", "GB", "Delicatessen", "Wrote through the website: wants samples of cheese."),
    ("Mercearia da Praia", "Lisboa", "PT", "Food retail", "Called and left a number."),
)
NEW_DEALS = (("ERNSH", "Trial order of Chai and Konbu", 1_450, 5), ("LAMAI", "Hampers for the autumn fair", 3_800, 20))
TO_DO = (
    ("QUICK", "Two pallets came in broken: who takes them back?", "high", 3),
    ("SAVEA", "The invoice names the old address", "normal", 26),
)


@dataclass(slots=True)
class Market:
    """``regions``: the keys of the territories by their marks."""

    regions: Mapping[str, str]

    def of(self, country: str, city: str) -> str | None:
        """The territory into which the rules put a firm that is there."""
        for each in (*(one for one in REGIONS if one.parent), *(one for one in REGIONS if not one.parent)):
            if city == each.city if each.city else country in each.countries:
                return self.regions[each.mark]
        return None


def split(pen: Pen, calendar: Calendar, users: Mapping[str, str], *, alone: bool) -> Market:
    """The territories. Unless the demonstration is ``alone`` here, their rules take in nothing else."""
    made: dict[str, str] = {}
    with pen.acting(None, calendar.now - dt.timedelta(days=400)):
        for at, each in enumerate(REGIONS, 1):
            values = {
                "name": each.name, "rule": _rule(each, alone=alone), "parent": made.get(each.parent), "position": at,
                "description": each.words or None,
            }  # fmt: skip
            held = known("territory", each.mark)  # stayed, as own records lie in it; its rule was cleared
            if held:
                write.change(registry.get("territory"), held, {"rule": values["rule"]})
            made[each.mark] = held or pen.create("territory", values, each.mark)
            staffing.staff(made[each.mark], [users[one] for one in each.staff])
    snapshot.current()
    return Market(made)


def _rule(region: Region, *, alone: bool) -> dict[str, Any]:
    """By where a firm is, and for people where the firm is at which they work."""
    field, op, value = ("address.city", "eq", region.city) if region.city else (
        "address.country", "in", list(region.countries)
    )  # fmt: skip
    rule = {"or": [{"field": f"{way}{field}", "op": op, "value": value} for way in ("", "company.")]}
    ours = {"field": "external_source", "op": "eq", "value": SOURCE}
    return rule if alone else {"and": [ours, rule]}


def settle(pen: Pen) -> None:
    """What has been entered lies where the rules say, at once."""
    sql = "SELECT id FROM party WHERE external_source = %s AND binned_at IS NULL ORDER BY id"
    keys = [str(db.unkey(key)) for (key,) in db.rows(sql, (SOURCE,))]
    with as_system("rapport demo", source=SOURCE):
        asked = Asked()
        for some in batches(keys, AT_ONCE):
            placing.place(asked.astray(some), key=pen.operation)


def open_queues(pen: Pen, calendar: Calendar, users: Mapping[str, str], reader: str | None) -> dict[str, str]:
    """The queues by their marks; ``reader``, who looks at the demonstration, is a member of both."""
    made: dict[str, str] = {}
    with pen.acting(None, calendar.now - dt.timedelta(days=300)):
        for mark, (name, staff) in QUEUES.items():
            held = known("team", f"queue-{mark}")
            if held:
                keeping.reopen(held)
            made[mark] = held or pen.create("team", {"name": name, "kind": "queue"}, f"queue-{mark}")
            keeping.staff(made[mark], [*(users[each] for each in staff), *([reader] if reader else [])])
    snapshot.current()
    return made


def let_wait(pen: Pen, calendar: Calendar, queues: Mapping[str, str], customers: Mapping[str, Known]) -> None:
    """A few of each sort that nobody has yet."""
    stage = next(each for each in next(iter(pipelines().values())).stages if each.kind == "open").id
    enquiries, care = (f"queue:{queues[mark]}" for mark in ("enquiries", "care"))
    for at, (name, city, country, industry, words) in enumerate(NEW_FIRMS):
        with pen.acting(None, calendar.now - dt.timedelta(hours=2 + 9 * at)):
            address = {"city": city, "country": country}
            pen.create("party", {
                "name": name, "address": address, "industry": industry, "description": words, "owner": enquiries,
            }, f"enquiry-{at}")  # fmt: skip
    for firm, name, amount, hours in NEW_DEALS:
        with pen.acting(None, calendar.now - dt.timedelta(hours=hours)):
            pen.create("deal", {
                "name": name, "party": customers[firm].key, "stage": stage, "amount": str(amount), "currency": "USD",
                "owner": enquiries,
            }, f"enquiry-{firm}")  # fmt: skip
    for firm, title, priority, hours in TO_DO:
        with pen.acting(None, calendar.now - dt.timedelta(hours=hours)):
            pen.create("task", {
                "title": title, "party": customers[firm].key, "priority": priority, "owner": care,
                "due_at": (calendar.now + dt.timedelta(hours=30)).isoformat(),
            }, f"care-{firm}")  # fmt: skip
