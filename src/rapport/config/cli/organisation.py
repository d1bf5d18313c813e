"""``rapport organisation [--name] [--currency] [--country] [--time-zone]``: shows, and sets what is given."""

import argparse
import sys

import orjson

from rapport.config.prepare import prepare
from rapport.platform.actor import as_system
from rapport.platform.identity import organisation
from rapport.records import read, registry
from rapport.records.read import Query


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--name", default="")
    parser.add_argument("--currency", default="", help="base currency, ISO 4217; before the first deal")
    parser.add_argument("--country", default="", help="ISO 3166; phone numbers without a country code are read there")
    parser.add_argument("--time-zone", default="", help="such as Europe/Riga")


def run(options: argparse.Namespace) -> int:
    """Set what is given; prints the organisation as JSON."""
    prepare()
    held = organisation.organisation()
    with as_system("rapport organisation", source="cli"):
        deals = read.count(Query(registry.get("deal")), most=1)
    if options.currency and options.currency.upper() != held.base_currency and deals:
        print("There are deals in the base currency already; it cannot change any more.", file=sys.stderr)
        return 2
    try:
        organisation.set_up(
            name=options.name, currency=options.currency, country=options.country, time_zone=options.time_zone
        )
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    now = organisation.organisation()
    shown = {"name": now.name, "currency": now.base_currency, "country": now.country, "time_zone": now.time_zone}
    print(orjson.dumps(shown).decode())
    return 0
