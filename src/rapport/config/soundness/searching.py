"""Search against the records: everything alive is found, by those who may, and nothing else is."""

from collections.abc import Iterator

from rapport.config.soundness.finding import Finding, among
from rapport.platform import db
from rapport.records import registry
from rapport.records.entity import Entity
from rapport.records.kinds import Place, RelationKind

SAMPLE = 500
AGAIN = "put them into the bin and take them out again: that writes their search entries anew"


def searched() -> list[Entity]:
    """The entities that search finds."""
    return [entity for entity in registry if entity.search]


def records_findable() -> Iterator[Finding]:
    """Every record that is not in the bin has its search entry."""
    for entity in searched():
        sql = f"""SELECT t.id FROM {entity.rows} t WHERE t.binned_at IS NULL
                  AND NOT EXISTS (SELECT 1 FROM search_entry s WHERE s.record = t.id)"""
        yield from among(f"{entity.plural} cannot be found by search", sql, remedy=AGAIN)


def entries_of_living_records() -> Iterator[Finding]:
    """No search entry leads to what lies in the bin, or is of another kind than its record."""
    for entity in searched():
        sql = f"""SELECT s.record FROM search_entry s JOIN {entity.rows} t ON t.id = s.record
                  WHERE s.entity <> '{entity.key}' OR t.binned_at IS NOT NULL"""
        remedy = "take them out of the bin and put them back in"
        yield from among(f"{entity.plural} in the bin are found by search", sql, remedy=remedy)


def found_by_owner_and_team() -> Iterator[Finding]:
    """Owner and team find what is theirs, and who works a territory what lies in it."""
    place = Place(sqlite=db.is_sqlite())
    for entity in searched():
        placed = [("territory_id", "y", "territory")] if entity.territory else []
        for column, mark, who in (("owner_id", "o", "owner"), ("team_id", "t", "team"), *placed):
            token = RelationKind("user").json_sql(f"t.{column}", place)
            sql = f"""SELECT t.id FROM {entity.rows} t JOIN search_entry s ON s.record = t.id
                      WHERE t.{column} IS NOT NULL AND s.scope NOT LIKE '%%{mark}' || {token} || '%%'"""
            remedy = f"give these {entity.plural} to somebody else and back"
            yield from among(f"{entity.plural} are not found by their {who}", sql, remedy=remedy)


def found_by_whom_it_is_shared_with() -> Iterator[Finding]:
    """Whoever got a record by a share finds it by search."""
    grantee = RelationKind("user").json_sql("coalesce(x.user_id, x.team_id)", Place(sqlite=db.is_sqlite()))
    for entity in searched():
        sql = f"""SELECT x.record FROM record_share x JOIN search_entry s ON s.record = x.record
                  WHERE x.entity = '{entity.key}' AND s.scope NOT LIKE '%%s' || {grantee} || '%%'"""
        what = f"shared {entity.plural} are not found by whom they are shared with"
        yield from among(what, sql, remedy="end these shares and share anew")


def words_in_the_index() -> Iterator[Finding]:
    """SQLite: entries all over the table are found in the full-text index by their words (a sample)."""
    if not db.is_sqlite():
        return  # there the index is made of a generated column: the engine keeps it
    low, high = db.one("SELECT min(id), max(id) FROM search_entry") or (None, None)
    if low is None:
        return
    lost = []
    for at in range(low, high + 1, max(1, (high - low) // SAMPLE)):
        row = db.one("SELECT id, record, text FROM search_entry WHERE id >= %s ORDER BY id LIMIT 1", (at,))
        words = row[2].split() if row else []
        if row and words:
            match = f'text : "{words[0]}"'
            if db.one("SELECT 1 FROM search_text WHERE search_text MATCH %s AND rowid = %s", (match, row[0])) is None:
                lost.append(str(db.unkey(row[1])))
    if lost:
        what = f"{len(lost)} of about {SAMPLE} search entries are not in the full-text index"
        yield Finding(what, tuple(lost[:3]), "rebuild it: INSERT INTO search_text(search_text) VALUES ('rebuild')")
