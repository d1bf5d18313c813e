"""Layouts as an administrator sets them."""

from rapport.platform import db
from rapport.records import write
from rapport.records.entity import Entity, registry
from rapport.records.layouts.plan import Plan, written
from rapport.records.operation import operation


def stored(entity: Entity, role: str = "") -> tuple[str, int] | None:
    """(Id, version) of the layout of an entity, for everybody or for a role."""
    found = _all(entity, role)
    return found[0] if found else None


def _all(entity: Entity, role: str) -> list[tuple[str, int]]:
    sql = """SELECT id, version FROM object_layout
             WHERE entity = %s AND coalesce(role, '') = %s AND binned_at IS NULL ORDER BY id DESC"""
    return [(str(db.unkey(key)), int(version)) for key, version in db.rows(sql, (entity.key, role))]


def roles(entity: Entity) -> tuple[str, ...]:
    """The roles that have a layout of their own."""
    sql = "SELECT role FROM object_layout WHERE entity = %s AND role IS NOT NULL AND binned_at IS NULL ORDER BY role"
    return tuple(role for (role,) in db.rows(sql, (entity.key,)))


def keep(entity: Entity, plan: Plan, role: str = "", version: int | None = None) -> str | None:
    """Lay an entity out so; one that says nothing is deleted. The operation, or None where there was nothing to do.

    Raises Forbidden, Refused for what it cannot name, Stale where somebody changed it since ``version``.
    """
    layouts, tree, known = registry.get("object_layout"), written(plan), _all(entity, role)
    with operation() as done:
        if known and tree:
            key, before = known[0]
            record = write.change(layouts, key, {"plan": tree}, version=version)
            return done.id if record.version != before else None
        for at, (key, before) in enumerate(known):
            write.put_in_bin(layouts, key, version=before if at else version)
        if tree:
            write.create(layouts, {"entity": entity.key, "role": role or None, "plan": tree})
        return done.id if known or tree else None
