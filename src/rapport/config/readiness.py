"""What keeps the installation from working, for /readyz and ``rapport check``."""

from pathlib import Path

from django.conf import settings

from rapport.config import upgrade
from rapport.parties import holding, primary, working
from rapport.platform import db
from rapport.platform.events import stream
from rapport.platform.jobs.health import queue_health
from rapport.records import registry, totals
from rapport.records.entity import Entity
from rapport.records.kinds import Place, RelationKind

LATE = 300


def built() -> bool:
    """True when the front end has been built."""
    return (Path(settings.STATIC_ROOT) / "ui" / "rapport.js").exists()


def problems() -> list[str]:
    """Reasons why requests would fail; empty when all is well."""
    try:
        waiting = upgrade.pending()
    except db.DatabaseError as error:
        return [f"the database does not answer: {error}"]
    found = [f"migration {name} has not run" for name in waiting]
    if found:
        return found
    late = queue_health().late_seconds
    if late > LATE:
        found.append(f"the oldest waiting job is {late:.0f} s late; no worker keeps up")
    return found


def deep() -> list[str]:
    """Broken invariants: event stream, history, search, timeline and kept totals against the records themselves."""
    found = stream.gaps()
    for entity in registry:
        found += totals.recount(entity)
        found += _history(entity) + _search(entity) + _tags(entity) + _shares(entity)
    found += primary.differing() + holding.differing() + working.differing()
    orphans = db.one(
        """SELECT count(*) FROM interaction i WHERE i.party_id IS NOT NULL AND i.binned_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM timeline_entry e WHERE e.source = i.id)"""
    )
    if orphans and orphans[0]:
        found.append(f"{orphans[0]} interactions are on no timeline")
    return found + _engine()


def _history(entity: Entity) -> list[str]:
    sql = f"""SELECT count(*) FROM "{entity.table}" t WHERE NOT EXISTS
              (SELECT 1 FROM change c WHERE c.record = t.id AND c.verb = 'created')"""
    if entity.part_of:  # what came with the whole has its creation in that of the whole
        sql += f""" AND NOT EXISTS (SELECT 1 FROM change c WHERE c.record = t."{entity.field(entity.part_of).column}"
                AND c.verb = 'created')"""
    missing = (db.one(sql) or (0,))[0]
    return [f"{missing} {entity.plural} have no creation in the history"] if missing else []


def _search(entity: Entity) -> list[str]:
    if not entity.search:
        return []
    sql = f"""SELECT count(*) FROM "{entity.table}" t WHERE t.binned_at IS NULL AND NOT EXISTS
              (SELECT 1 FROM search_entry s WHERE s.record = t.id)"""
    missing = (db.one(sql) or (0,))[0]
    return [f"{missing} {entity.plural} cannot be found by search"] if missing else []


def _tags(entity: Entity) -> list[str]:
    """Every shared tag in a record's column has its row in record_tag, and the other way round."""
    if not entity.has_tags:
        return []
    key = RelationKind("tag").json_sql("x.tag_id", Place(sqlite=db.is_sqlite()))
    rows = f"""FROM record_tag x JOIN tag g ON g.id = x.tag_id JOIN "{entity.table}" t ON t.id = x.record
               WHERE g.owner_id IS NULL"""
    held = f'SELECT coalesce(sum((length(tags) + 1) / 33), 0) FROM "{entity.table}"'
    lost = f"SELECT count(*) {rows} AND (t.tags IS NULL OR t.tags NOT LIKE '%%' || {key} || '%%')"
    row = db.one(f"SELECT ({held}), (SELECT count(*) {rows}), ({lost})") or (0, 0, 0)
    return (
        [] if row[0] == row[1] and not row[2] else [f"tags of {entity.plural}: {row[0]} in records, {row[1]} indexed"]
    )


def _shares(entity: Entity) -> list[str]:
    """Whoever got a record by a share finds it by search."""
    if not entity.search:
        return []
    grantee = RelationKind("user").json_sql("coalesce(s.user_id, s.team_id)", Place(sqlite=db.is_sqlite()))
    sql = f"""SELECT count(*) FROM record_share s JOIN search_entry e ON e.record = s.record
              WHERE s.entity = %s AND e.scope NOT LIKE '%%s' || {grantee} || '%%'"""
    missing = (db.one(sql, (entity.key,)) or (0,))[0]
    return [f"{missing} shared {entity.plural} are not found by whom they are shared with"] if missing else []


def _engine() -> list[str]:
    """The database engine's own verdict on its files."""
    if not db.is_sqlite():
        return []
    rows = [row[0] for row in db.rows("PRAGMA quick_check(5)")]
    broken = [] if rows == ["ok"] else rows
    return broken + [f"a foreign key of {row[0]} points nowhere" for row in db.rows("PRAGMA foreign_key_check")[:5]]
