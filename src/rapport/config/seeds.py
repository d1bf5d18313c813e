"""What an empty installation starts with: the organisation, permission roles, a pipeline."""

from rapport.platform import db
from rapport.platform.actor import VERBS, as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import Grant, Organisation, Role
from rapport.records import Entity, history, registry, write
from rapport.records.models import Change
from rapport.records.operation import operation

ROLES = {
    "admin": ("Administrator", "all"),
    "manager": ("Manager", "team"),
    "sales": ("Sales", "own"),
    "service": ("Service", "own"),
    "readonly": ("Read only", "all"),
}
STAGES = (
    ("New", "open", 10, 14), ("Qualified", "open", 30, 21), ("Proposal", "open", 55, 21),
    ("Negotiation", "open", 75, 14), ("Won", "won", 100, None), ("Lost", "lost", 0, None),
)  # fmt: skip


def plant() -> bool:
    """Seed an empty database, or what an upgrade brought; False when all has been done."""
    with db.transaction():
        own, fresh = Organisation.objects.get_or_create(id=1)
        if fresh:
            for key, (name, _level) in ROLES.items():
                Role.objects.create(key=key, name=name)
            Grant.objects.bulk_create(
                Grant(role=Role.objects.get(key="admin"), entity="*", verb=verb, level="all") for verb in VERBS
            )
        new = [entity for entity in registry.declared if entity.key not in own.planted]
        if not new:
            return False
        _grants(new)
        if any(entity.model is Role for entity in new):
            _prove()
        Organisation.objects.filter(id=1).update(planted=[entity.key for entity in registry.declared])
        snapshot.touch()
        if fresh:
            with as_system("seeds of an empty installation"):
                _pipeline()
    snapshot.forget()
    return fresh


def _grants(entities: list[Entity]) -> None:
    """What the seeded roles may do with entities they have not met; roles an administrator removed stay away."""
    roles = {role.key: role for role in Role.objects.filter(key__in=ROLES)}
    Grant.objects.bulk_create(
        Grant(role=role, entity=entity.key, verb=verb, level=own_level or ROLES[key][1])
        for entity in entities
        for key, role in roles.items()
        for word in entity.grants.get(key, "").split()
        for verb, _colon, own_level in [word.partition(":")]
    )


def _prove() -> None:
    """Roles are there before anybody can write them, or from before they had a history: it begins here."""
    with as_system("seeds of the roles"), operation() as done:
        new = [role for role in Role.objects.all() if not Change.objects.filter(record=role.id).exists()]
        told = [(role.id, role.version, {"key": role.key, "name": role.name}) for role in new]
        history.write([history.row(done, "role", key, "created", at, None, named) for key, at, named in told])


def _pipeline() -> None:
    pipeline = write.create(registry.get("pipeline"), {"name": "Sales"})
    for position, (name, kind, probability, stuck) in enumerate(STAGES):
        values = {
            "pipeline": pipeline.id, "name": name, "kind": kind, "probability": probability,
            "position": position, "stuck_days": stuck,
        }  # fmt: skip
        write.create(registry.get("stage"), values)
