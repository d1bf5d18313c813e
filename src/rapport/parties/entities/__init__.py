"""Parties and what belongs to them, as the engine knows them."""

from rapport.parties.entities.contact import AddressEntity, ContactPointEntity
from rapport.parties.entities.link import PartyLinkEntity
from rapport.parties.entities.party import PartyEntity
from rapport.parties.entities.role import PartyRoleEntity

__all__ = ["AddressEntity", "ContactPointEntity", "PartyEntity", "PartyLinkEntity", "PartyRoleEntity"]
