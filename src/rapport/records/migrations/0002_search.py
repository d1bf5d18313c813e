"""The full-text side of search_entry: FTS5 kept by triggers on SQLite, tsvectors and GIN on PostgreSQL."""

from django.db import migrations

SQLITE = """
CREATE VIRTUAL TABLE search_text USING fts5(
  text, scope, content='search_entry', content_rowid='id', detail='column', columnsize=0,
  prefix='1 2 3 4', tokenize='unicode61 remove_diacritics 0'
);
CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN
  INSERT INTO search_text(rowid, text, scope) VALUES (new.id, new.text, new.scope);
END;
CREATE TRIGGER search_entry_gone AFTER DELETE ON search_entry BEGIN
  INSERT INTO search_text(search_text, rowid, text, scope) VALUES ('delete', old.id, old.text, old.scope);
END;
CREATE TRIGGER search_entry_changed AFTER UPDATE ON search_entry BEGIN
  INSERT INTO search_text(search_text, rowid, text, scope) VALUES ('delete', old.id, old.text, old.scope);
  INSERT INTO search_text(rowid, text, scope) VALUES (new.id, new.text, new.scope);
END;
"""
# The starts of one to three letters are lexemes of their own ("^an"): a short prefix would else be a union of thousands.
# One index per kind: the words of five million interactions are no burden to a search for a party.
# Scope tokens start with "=", which no word of a text does: what is typed never meets them, nor a name a scope.
POSTGRESQL = r"""
ALTER TABLE search_entry ADD COLUMN vector tsvector GENERATED ALWAYS AS (
  to_tsvector('simple', text) || array_to_tsvector(string_to_array('=' || replace(scope, ' ', ' ='), ' '))
  || array_to_tsvector(string_to_array('^' || replace(regexp_replace(text, '(\S)\S+', '\1', 'g'), ' ', ' ^'), ' '))
  || array_to_tsvector(string_to_array('^' || replace(regexp_replace(text, '(\S{2})\S+', '\1', 'g'), ' ', ' ^'), ' '))
  || array_to_tsvector(string_to_array('^' || replace(regexp_replace(text, '(\S{3})\S+', '\1', 'g'), ' ', ' ^'), ' '))
) STORED;
CREATE INDEX search_entry_party ON search_entry USING gin (vector) WITH (fastupdate = off) WHERE entity = 'party';
CREATE INDEX search_entry_deal ON search_entry USING gin (vector) WITH (fastupdate = off) WHERE entity = 'deal';
CREATE INDEX search_entry_interaction ON search_entry USING gin (vector) WITH (fastupdate = off)
  WHERE entity = 'interaction';
CREATE INDEX search_entry_others ON search_entry USING gin (vector) WITH (fastupdate = off)
  WHERE entity NOT IN ('party', 'deal', 'interaction');
"""


def forwards(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    with schema_editor.connection.cursor() as cursor:
        if vendor == "sqlite":
            for statement in _statements(SQLITE):
                cursor.execute(statement)
        else:
            cursor.execute(POSTGRESQL)


def _statements(script):
    """Triggers hold semicolons of their own: cut where a line starts with CREATE."""
    parts, at = [], []
    for line in script.strip().splitlines():
        if line.startswith("CREATE") and at:
            parts.append("\n".join(at))
            at = []
        at.append(line)
    return [*parts, "\n".join(at)]


def backwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "sqlite":
            cursor.execute("DROP TABLE search_text")
            for name in ("added", "gone", "changed"):
                cursor.execute(f"DROP TRIGGER search_entry_{name}")
        else:
            cursor.execute("ALTER TABLE search_entry DROP COLUMN vector")


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
