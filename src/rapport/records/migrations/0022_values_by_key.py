"""SQLite keeps own values in the order of their key: a filter looks at one tree for each record, not at two."""

from django.db import migrations


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT type, sql FROM sqlite_master WHERE tbl_name = 'custom_value' AND sql IS NOT NULL")
        found = cursor.fetchall()
        table = next(sql for kind, sql in found if kind == "table")
        cursor.execute(table.replace('"custom_value"', '"custom_value_new"', 1) + " WITHOUT ROWID")
        cursor.execute("INSERT INTO custom_value_new SELECT * FROM custom_value ORDER BY field, record")
        cursor.execute("DROP TABLE custom_value")
        cursor.execute("ALTER TABLE custom_value_new RENAME TO custom_value")
        for kind, sql in found:
            if kind == "index":
                cursor.execute(sql)


class Migration(migrations.Migration):
    dependencies = [("records", "0021_layouts")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
