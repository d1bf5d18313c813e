"""Parties: persons and organisations, how to reach them, what they are to us, how they belong together."""

from rapport.parties.choices import KINDS, ROLES
from rapport.parties.models.address import Address
from rapport.parties.models.contact import ContactPoint
from rapport.parties.models.link import PartyLink
from rapport.parties.models.party import Party
from rapport.parties.models.role import PartyRole

__all__ = ["KINDS", "ROLES", "Address", "ContactPoint", "Party", "PartyLink", "PartyRole"]
