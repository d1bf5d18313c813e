"""What an empty installation starts with: the organisation, permission roles, a pipeline."""

from rapport.platform import db
from rapport.platform.actor import VERBS, as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import Grant, Organisation, Role
from rapport.records import registry, write

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
    """Seed an empty database; False when it has been done."""
    with db.transaction():
        if Organisation.objects.filter(id=1).exists():
            return False
        Organisation.objects.create(id=1)
        _roles()
        snapshot.forget()
        with as_system("seeds of an empty installation"):
            _pipeline()
    snapshot.forget()
    return True


def _roles() -> None:
    for key, (name, level) in ROLES.items():
        role = Role.objects.create(key=key, name=name)
        grants = [Grant(role=role, entity="*", verb=verb, level="all") for verb in VERBS] if key == "admin" else []
        for entity in registry:
            for word in entity.grants.get(key, "").split():
                verb, _colon, own_level = word.partition(":")
                grants.append(Grant(role=role, entity=entity.key, verb=verb, level=own_level or level))
        Grant.objects.bulk_create(grants)


def _pipeline() -> None:
    pipeline = write.create(registry.get("pipeline"), {"name": "Sales"})
    for position, (name, kind, probability, stuck) in enumerate(STAGES):
        values = {
            "pipeline": pipeline.id, "name": name, "kind": kind, "probability": probability,
            "position": position, "stuck_days": stuck,
        }  # fmt: skip
        write.create(registry.get("stage"), values)
