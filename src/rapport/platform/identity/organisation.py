"""The organisation as every worker holds it: base currency, country, exchange rates."""

from dataclasses import dataclass
from decimal import Decimal

from rapport.platform import db, money
from rapport.platform.clock import known_zone
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


def set_up(*, name: str = "", currency: str = "", country: str = "", time_zone: str = "") -> None:
    """Change what is given of the organisation; raises ValueError with the reason in words."""
    currency, country = currency.upper(), country.upper()
    if currency and currency not in money.CURRENCIES:
        raise ValueError(f"“{currency}” is not a currency code (ISO 4217).")
    if country and not (len(country) == 2 and country.isalpha()):
        raise ValueError("Give the country as its two letters (ISO 3166).")
    if time_zone and not known_zone(time_zone):
        raise ValueError(f"“{time_zone}” is not a time zone (such as Europe/Riga).")
    given = {"name": name, "base_currency": currency, "country": country, "time_zone": time_zone}
    sets = {column: value for column, value in given.items() if value}
    if not sets:
        return
    with db.transaction():
        places = ", ".join(f"{column} = %s" for column in sets)
        db.execute(f"UPDATE organisation SET {places} WHERE id = 1", list(sets.values()))
        snapshot.touch()


def alone() -> None:
    """Whoever sets the organisation up does so alone; a second one waits here until the first has committed."""
    db.one("SELECT 1 FROM organisation WHERE id = 1" + ("" if db.is_sqlite() else " FOR UPDATE"))
