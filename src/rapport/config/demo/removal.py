"""Taking the demonstration out: what it brought goes, what people made or changed stays, with what it is about."""

from dataclasses import dataclass, field
from typing import Any

from rapport.config.demo.writing import SOURCE
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.records import registry, revert, rows, write
from rapport.records.entity import Entity
from rapport.records.errors import NotFound
from rapport.records.models import ImportRun
from rapport.records.operation import operation

REASONS = {
    "changed": "changed since by somebody",
    "parties": "own records are about them",
    "users": "users are switched off, never deleted: the history names them",
    "teams": "teams are never deleted",
}


@dataclass(slots=True)
class Removed:
    """``kept``: ids by the reason of REASONS."""

    removed: int = 0
    kept: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in REASONS})
    failed: list[tuple[str, str]] = field(default_factory=list)

    def counts(self) -> dict[str, Any]:
        """The outcome in one line."""
        return {"removed": self.removed, "failed": len(self.failed)} | {
            f"kept_{name}": len(keys) for name, keys in self.kept.items()
        }


def remove(runs: list[ImportRun]) -> Removed:
    """Take these demonstrations out, as the system."""
    found = Removed()
    with as_system("rapport demo --remove", source=SOURCE):
        for run in runs:
            _take_back(run, found)
            ImportRun.objects.filter(id=run.id).update(status="undone")
        found.kept["parties"] = _bring_back()
    found.removed -= len(found.kept["parties"])
    return found


def titles(keys: list[str]) -> list[str]:
    """What records that stay are and how they are called."""
    found = []
    for key in keys:
        row = db.one("SELECT entity FROM change WHERE record = %s LIMIT 1", (db.key(key),))
        entity = registry.get(row[0]) if row else None
        for record in rows.raw(entity, "id = %s", [db.key(key)], 1) if entity else ():
            found.append(f"{entity.label}: {entity.title_of(record)}")  # type: ignore[union-attr]
    return found


def _take_back(run: ImportRun, found: Removed) -> None:
    """Reverse the operation, slice by slice."""
    users, teams = _lasting("user"), _lasting("team")
    try:
        outcome = revert.revert(run.operation)
    except NotFound:
        return
    lasting = {*users, *teams}
    gone = {key for key in outcome.reverted if key not in lasting}
    found.removed += len(gone)
    found.kept["changed"] += [key for key in dict.fromkeys(outcome.kept_changed) if key not in lasting]
    found.kept["users"], found.kept["teams"] = users, teams
    found.failed += outcome.failed


def _lasting(key: str) -> list[str]:
    sql = f'SELECT id FROM "{registry.get(key).table}" WHERE external_source = %s'
    return [str(db.unkey(row[0])) for row in db.rows(sql, (SOURCE,))]


def _bring_back() -> list[str]:
    """Parties and deals that records of people are about stay with them: nobody's note is left without its customer."""
    back: list[str] = []
    while wanted := [(target, key) for target in ("party", "deal") for key in _missed(registry.get(target))]:
        with operation():
            for target, key in wanted:
                _restore(registry.get(target), key)
        back += [key for _target, key in wanted]
    return back


def _missed(target: Entity) -> list[str]:
    """Binned records of the demonstration that a living record with a history of its own names."""
    found: dict[str, None] = {}
    for entity in registry:
        if not entity.is_record:
            continue
        columns = [(each.raw("t"), "") for each in entity.fields.values() if each.relation == target.key]
        if "about_id" in entity.fields.by_attname or hasattr(entity.model, "about_id"):
            columns.append(("t.about_id", f"AND t.about_entity = '{target.key}'"))
        for column, more in columns:
            sql = f"""SELECT DISTINCT d.id FROM {entity.rows} t JOIN "{target.table}" d ON d.id = {column} {more}
                      WHERE t.binned_at IS NULL AND d.binned_at IS NOT NULL AND d.external_source = %s
                      AND EXISTS (SELECT 1 FROM change c WHERE c.record = t.id)"""
            found |= dict.fromkeys(str(db.unkey(row[0])) for row in db.rows(sql, (SOURCE,)))
    return list(found)


def _restore(entity: Entity, key: str) -> None:
    """The record with its parts; its links to others only where those are here."""
    write.restore(entity, key)
    for part in entity.parts:
        if part.key == "party_link":
            continue
        column = part.field(part.part_of).column
        sql = f'SELECT id FROM "{part.table}" WHERE "{column}" = %s AND binned_at IS NOT NULL AND external_source = %s'
        for (raw,) in db.rows(sql, (db.key(key), SOURCE)):
            write.restore(part, str(db.unkey(raw)))
