from django.db import migrations, models

FIRST = ["party", "interaction", "deal", "pipeline", "stage", "user", "team"]


def remember(apps, _editor):
    """Installations of the first release have given grants on these."""
    apps.get_model("platform", "Organisation").objects.update(planted=FIRST)


class Migration(migrations.Migration):
    dependencies = [("platform", "0001_initial")]

    operations = [
        migrations.AddField("organisation", "planted", models.JSONField(default=list)),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
