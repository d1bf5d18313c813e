"""Tasks are found by their team's token for tasks alone, too."""

from django.db import migrations

SLICE = 2000


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        last = 0
        while True:
            cursor.execute(
                "SELECT id, scope FROM search_entry WHERE entity = 'task' AND id > %s ORDER BY id LIMIT %s", [last, SLICE]
            )
            rows = cursor.fetchall()
            if not rows:
                return
            told = [(f"{scope} {own}", key) for key, scope in rows if (own := _own(scope))]
            cursor.executemany("UPDATE search_entry SET scope = %s WHERE id = %s", told)
            last = rows[-1][0]


def _own(scope):
    return " ".join(f"etask{token}" for token in scope.split() if token.startswith("t"))


class Migration(migrations.Migration):
    dependencies = [("records", "0009_search_word")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
