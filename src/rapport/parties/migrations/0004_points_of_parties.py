"""Parties that were there before have their e-mail, phone, website, address, roles and company as rows too."""

from django.db import migrations

from rapport.parties import filling


def fill(apps, editor):
    filling.fill(editor.connection)


class Migration(migrations.Migration):
    dependencies = [("parties", "0003_contact_roles_links")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
