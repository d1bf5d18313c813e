from django.db import migrations


def grant(apps, schema_editor):
    """Administrators of existing organisations may delete for ever, as those of new ones may."""
    Role, Grant = apps.get_model("platform", "Role"), apps.get_model("platform", "Grant")
    for role in Role.objects.filter(key="admin"):
        Grant.objects.get_or_create(role=role, entity="*", verb="erase", defaults={"level": "all"})


class Migration(migrations.Migration):
    dependencies = [("platform", "0003_signing_in")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
