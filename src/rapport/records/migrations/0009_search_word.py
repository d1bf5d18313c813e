"""The words of the search index, to be read one after the other: a view into FTS5 that stores nothing."""

from django.db import migrations


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("CREATE VIRTUAL TABLE search_word USING fts5vocab(search_text, instance)")


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE search_word")


class Migration(migrations.Migration):
    dependencies = [("records", "0008_datum_source")]
    operations = [migrations.RunPython(forwards, backwards)]
