"""The organisation as every worker holds it: base currency, country, exchange rates."""

from dataclasses import dataclass
from decimal import Decimal

from rapport.platform import db, money
from rapport.platform.identity import snapshot


@dataclass(frozen=True, slots=True)
class OrganisationInfo:
    """``rates``: what one unit of a currency costs in the base currency, newest known."""

    name: str
    base_currency: str
    time_zone: str
    country: str
    rates: dict[str, Decimal]

    def to_base(self, minor: int | None, currency: str) -> int | None:
        """``minor`` units of ``currency`` in minor units of the base currency; None when no rate is known."""
        if minor is None or currency == self.base_currency:
            return minor
        rate = self.rates.get(currency)
        return None if rate is None else money.convert(minor, currency, self.base_currency, rate)


@snapshot.part("organisation")
def _load() -> OrganisationInfo:
    row = db.one("SELECT name, base_currency, time_zone, country FROM organisation WHERE id = 1")
    rates = db.rows("SELECT currency, rate FROM exchange_rate ORDER BY day")
    name, currency, zone, country = row or ("", "USD", "UTC", "")
    return OrganisationInfo(name, currency, zone, country, {code: Decimal(rate) for code, rate in rates})


def organisation() -> OrganisationInfo:
    """The organisation at work."""
    found: OrganisationInfo = snapshot.held().parts["organisation"]
    return found


def stored_name() -> str:
    """The organisation's name as the database has it now (before anybody is signed in)."""
    row = db.one("SELECT name FROM organisation WHERE id = 1")
    return str(row[0]) if row else ""


def rename(name: str) -> None:
    """Give the organisation its name."""
    db.execute("UPDATE organisation SET name = %s WHERE id = 1", (name,))
    snapshot.touch()
