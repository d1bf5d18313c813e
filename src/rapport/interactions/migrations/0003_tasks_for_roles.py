"""The roles of an installation that was here before tasks may use them, as those of a new one do."""

from typing import Any

from django.db import migrations

ROLES = {
    "manager": {verb: "team" for verb in ("view", "add", "change", "delete", "export")},
    "sales": {"view": "team", "add": "own", "change": "team"},
    "service": {"view": "team", "add": "own", "change": "team"},
    "readonly": {"view": "all"},
}


def grant(apps: Any, editor: Any) -> None:
    """Add what is missing; an empty database has no roles yet and is seeded later."""
    grants = apps.get_model("platform", "Grant").objects
    for role in apps.get_model("platform", "Role").objects.filter(key__in=ROLES):
        for verb, level in ROLES[role.key].items():
            grants.get_or_create(role=role, entity="task", verb=verb, defaults={"level": level})


class Migration(migrations.Migration):
    dependencies = [("interactions", "0002_tasks"), ("platform", "0001_initial")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
