"""Something for PostgreSQL to weigh: of a handful of rows every index leads to them as fast."""

from django.db import models

from rapport.platform import db

MANY = 3000


def crowd(model: type[models.Model], **changed: str) -> None:
    """Copies one row of ``model`` many times, on PostgreSQL; ``changed`` columns are SQL over its number ``n``."""
    if db.is_sqlite():
        return
    fields = {each.column: f't."{each.column}"' for each in model._meta.concrete_fields}
    own = str(model._meta.pk.column)
    del fields[own]
    if not isinstance(model._meta.pk, models.AutoField):
        fields[own] = "gen_random_uuid()"
    fields |= changed
    names, table = ", ".join(f'"{name}"' for name in fields), model._meta.db_table
    db.execute(
        f"""INSERT INTO {table} ({names}) SELECT {", ".join(fields.values())}
        FROM (SELECT * FROM {table} LIMIT 1) t, generate_series(1, {MANY}) n"""
    )
    db.execute(f"ANALYZE {table}")
