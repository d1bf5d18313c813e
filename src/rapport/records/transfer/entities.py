"""Entities as the command line and files name them."""

from rapport.records.entity import Entity, registry
from rapport.records.transfer.problems import Unusable, nearest


def entity_named(name: str) -> Entity:
    """``parties``, ``party``, ``contact-points``, ``contact_point`` …; raises Unusable naming the known ones."""
    plain = name.strip().lower()
    for entity in registry:
        if plain.replace("_", "-") == entity.plural or plain.replace("-", "_") == entity.key.replace("-", "_"):
            return entity
    names = [entity.plural for entity in registry]
    raise Unusable(f"There is no “{name}”.{nearest(name, names)} Known: {', '.join(sorted(names))}.")
