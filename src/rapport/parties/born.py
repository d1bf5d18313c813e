"""The points, roles and links that come into the world with a new party: made in bulk, as side rows of its creation."""

import functools
import operator
from typing import Any

from rapport.parties import values
from rapport.parties.models.address import Address
from rapport.parties.models.contact import ContactPoint
from rapport.parties.models.link import PartyLink
from rapport.parties.models.role import PartyRole
from rapport.records.transfer.writing.instances import Blanks

_blank = functools.cache(Blanks)
_said = operator.attrgetter(*(f"address_{part}" for part in ("city", "country", "street", "postcode", "region")))
_COPIED = (("email", "email"), ("phone", "phone"), ("web", "website"))


def with_party(party: Any) -> list[Any]:
    """What a new party's own fields say, as rows; since when is not known."""
    stamp = {
        "created_at": party.created_at, "updated_at": party.updated_at, "created_by": party.created_by,
        "updated_by": party.updated_by,
    }  # fmt: skip
    found, make = [], _blank(ContactPoint).make
    for kind, name in _COPIED:
        value = getattr(party, name)
        if value:
            point = {"party_id": party.id, "kind": kind, "value": value, "value_key": values.key_of(kind, value)}
            found.append(make({**stamp, **point, "is_primary": True}))
    if any(_said(party)):
        found.append(_blank(Address).make({**stamp, **_address(party)}))
    if party.roles:
        make = _blank(PartyRole).make
        found += [make({**stamp, "party_id": party.id, "role": role}) for role in party.roles.split()]
    if party.company_id:
        place = {"from_party_id": party.id, "to_party_id": party.company_id, "title": party.title, "kind": "works_at"}
        found.append(_blank(PartyLink).make({**stamp, **place, "is_primary": True}))
    return found


def _address(party: Any) -> dict[str, Any]:
    return {
        "party_id": party.id, "kind": "home" if party.kind == "person" else "visiting", "is_primary": True,
        "street": party.address_street, "postcode": party.address_postcode, "city": party.address_city,
        "region": party.address_region, "country": party.address_country,
    }  # fmt: skip
