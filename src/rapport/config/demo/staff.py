"""The nine of the staff: users who cannot sign in, in two teams, and their own cards with who reports to whom."""

import datetime as dt

from rapport.config.demo.calendar import Calendar
from rapport.config.demo.northwind import Employee, northwind
from rapport.config.demo.writing import Pen, known
from rapport.platform.identity import accounts, snapshot
from rapport.platform.identity.models import User
from rapport.records import registry, write

HOUSE = "Northwind Traders"
DOMAIN = "northwind.example"
TEAMS = {"sales": "Northwind Sales", "london": "Northwind Sales, London"}
ROLE = {"Vice President, Sales": "manager", "Sales Manager": "manager"}


def hire(pen: Pen, calendar: Calendar) -> dict[str, str]:
    """Users and teams; returns the key of each user by the id of the employee."""
    began = calendar.now - dt.timedelta(days=900)
    users: dict[str, str] = {}
    with pen.acting(None, began):
        teams = {key: known("team", key) or pen.create("team", {"name": name}, key) for key, name in TEAMS.items()}
        for each in northwind().employees:
            users[each.id] = _user(pen, each, teams[_team(each)])
        write.change(registry.get("team"), teams["sales"], {"leader": users[_head().id]})
        london = {"parent": teams["sales"], "leader": users[_head("london").id]}
        write.change(registry.get("team"), teams["london"], london)
    snapshot.current()
    return users


def _team(employee: Employee) -> str:
    return "london" if employee.country == "GB" else "sales"


def _head(team: str = "sales") -> Employee:
    """Who leads a team: the one above whom nobody of it stands."""
    mine = [each for each in northwind().employees if _team(each) == team]
    inside = {each.id for each in mine}
    return next(each for each in mine if each.reports_to not in inside)


def _user(pen: Pen, employee: Employee, team: str) -> str:
    mark = f"employee-{employee.id}"
    key = known("user", mark)
    if key is None:
        email = f"{employee.given_name}.{employee.family_name}@{DOMAIN}".lower()
        key = pen.create("user", {"name": employee.name, "email": email, "team": team, "is_active": False}, mark)
        user = User.objects.get(id=key)
        accounts.give_role(user, ROLE.get(employee.title, "sales"))
    pen.teams[key], pen.names[key] = team, employee.name
    return key


def introduce(pen: Pen, calendar: Calendar, users: dict[str, str]) -> None:
    """The firm itself, and its people with their titles, places and the one they report to."""
    staff, cards = northwind().employees, {}
    began = calendar.now - dt.timedelta(days=899)
    boss = users[_head().id]
    with pen.acting(boss, began):
        house = pen.create(
            "party",
            {
                "name": HOUSE, "industry": "Food wholesale", "owner": boss, "employees": len(staff),
                "website": f"www.{DOMAIN}", "address": {"city": "Seattle", "region": "WA", "country": "US"},
                "description": "Our own firm, so that colleagues have a place on the map of relationships.",
            },
            "house",
        )  # fmt: skip
        for each in staff:
            cards[each.id] = _card(pen, each, house, boss, calendar.day(dt.date.fromisoformat(each.hired_on)))
        for each in staff:
            if each.reports_to:
                link = {"from_party": cards[each.id], "kind": "reports_to", "to_party": cards[each.reports_to]}
                pen.create("party_link", link, f"reports-{each.id}")


def _card(pen: Pen, employee: Employee, house: str, owner: str, since: dt.date) -> str:
    values = {
        "kind": "person", "given_name": employee.given_name, "family_name": employee.family_name,
        "title": employee.title, "company": house, "owner": owner,
        "email": f"{employee.given_name}.{employee.family_name}@{DOMAIN}".lower(),
        "phone": employee.phone,
        "address": {"city": employee.city, "region": employee.region or None, "country": employee.country},
    }  # fmt: skip
    key = pen.create("party", values, f"employee-{employee.id}")
    role = {"party": key, "role": "employee", "stage": "active", "started_on": since.isoformat()}
    pen.create("party_role", role, f"employee-{employee.id}")
    return key
