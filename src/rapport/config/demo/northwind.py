"""The published figures: customers, suppliers, staff, products and orders, from the files beside this module."""

import csv
import datetime as dt
import functools
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from importlib import resources

CENT = Decimal("0.01")
BIG, MIDDLING = 0.60, 0.90  # tier A makes the first 60 % of the turnover, B the next 30 %


@dataclass(frozen=True, slots=True)
class Firm:
    """A customer or a supplier with the person one speaks with there."""

    id: str
    name: str
    contact: str
    title: str
    street: str
    city: str
    region: str
    postcode: str
    country: str
    phone: str
    fax: str


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody of the staff; ``reports_to`` is the id of another one."""

    id: str
    given_name: str
    family_name: str
    title: str
    city: str
    region: str
    country: str
    phone: str
    extension: str
    hired_on: str
    reports_to: str

    @property
    def name(self) -> str:
        """As people say it."""
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class Order:
    """What was sold. ``goods``: names and quantities, the most valuable first."""

    id: str
    customer: str
    employee: str
    date: dt.date
    amount: Decimal
    goods: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Northwind:
    """The whole sample; ``seller`` and ``tier`` by the customer's id, ``makes``: products by the supplier's id."""

    customers: tuple[Firm, ...]
    suppliers: tuple[Firm, ...]
    employees: tuple[Employee, ...]
    orders: tuple[Order, ...]
    seller: dict[str, str]
    tier: dict[str, str]
    makes: dict[str, list[str]]


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (resources.files(__package__) / "data" / f"{name}.csv").read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


@functools.cache
def northwind() -> Northwind:
    """The sample, read once."""
    orders = _orders()
    customers = tuple(Firm(**row) for row in _rows("customers"))
    employees = tuple(Employee(**row) for row in _rows("employees"))
    makes: dict[str, list[str]] = defaultdict(list)
    for row in _rows("products"):
        makes[row["supplier"]].append(row["name"])
    return Northwind(
        customers, tuple(Firm(**row) for row in _rows("suppliers")), employees, orders,
        _sellers(customers, employees, orders), _tiers(customers, orders), dict(makes),
    )  # fmt: skip


def _orders() -> tuple[Order, ...]:
    """Every order with its value. Cents are rounded on the running total, so that the sum is the published one."""
    products = {row["id"]: row["name"] for row in _rows("products")}
    lines: dict[str, list[tuple[Decimal, str, int]]] = defaultdict(list)
    for row in _rows("lines"):
        quantity = int(row["quantity"])
        value = Decimal(row["unit_price"]) * quantity * (1 - Decimal(row["discount"]))
        lines[row["order"]].append((value, products[row["product"]], quantity))
    found, exact, said = [], Decimal(0), Decimal(0)
    for row in _rows("orders"):
        sold = sorted(lines[row["id"]], reverse=True)
        exact += sum(value for value, _name, _quantity in sold)
        amount = exact.quantize(CENT, ROUND_HALF_UP) - said
        said += amount
        goods = tuple((name, quantity) for _value, name, quantity in sold)
        day = dt.date.fromisoformat(row["date"])
        found.append(Order(row["id"], row["customer"], row["employee"], day, amount, goods))
    return tuple(found)


def _sellers(customers: tuple[Firm, ...], employees: tuple[Employee, ...], orders: tuple[Order, ...]) -> dict[str, str]:
    """Who sold most to each customer; those who never bought go to the sellers in turn."""
    sold: dict[str, Counter[str]] = defaultdict(Counter)
    for order in orders:
        sold[order.customer][order.employee] += int(order.amount * 100)
    idle = iter([each.id for each in employees if each.title == "Sales Representative"])
    return {each.id: sold[each.id].most_common(1)[0][0] if sold[each.id] else next(idle) for each in customers}


def _tiers(customers: tuple[Firm, ...], orders: tuple[Order, ...]) -> dict[str, str]:
    """A, B or C by the share of the turnover that better customers leave."""
    turnover = {each.id: Decimal(0) for each in customers}
    for order in orders:
        turnover[order.customer] += order.amount
    whole, above, found = float(sum(turnover.values())), 0.0, {}
    for key, value in sorted(turnover.items(), key=lambda each: (-each[1], each[0])):
        found[key] = "a" if above < BIG * whole else "b" if above < MIDDLING * whole else "c"
        above += float(value)
    return found
