"""Taking the demonstration out: what it brought goes, what people made or changed stays, with what it is about."""

from dataclasses import dataclass, field
from typing import Any

from rapport.config.demo.writing import SOURCE
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot, territories
from rapport.records import registry, revert, rows, write
from rapport.records.entity import Entity
from rapport.records.errors import NotFound, Refused
from rapport.records.models import ImportRun
from rapport.records.operation import operation
from rapport.records.queues import keeping, waiting
from rapport.records.territories import hearing, placing, staffing
from rapport.records.territories.rules import followers

LIMIT = "LIMIT 200"
REASONS = {
    "changed": "changed since by somebody",
    "parties": "own records are about them",
    "users": "users are switched off, never deleted: the history names them",
    "teams": "teams are never deleted; queues are closed where nothing waits",
    "territories": "own records lie in them",
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
    users, teams, parts = _lasting("user"), _lasting("team"), _lasting("territory")
    try:
        outcome = revert.revert(run.operation)
    except NotFound:
        return
    lasting = {*users, *teams, *parts}
    gone = {key for key in outcome.reverted if key not in lasting}
    found.removed += len(gone)
    found.kept["changed"] += [key for key in dict.fromkeys(outcome.kept_changed) if key not in lasting]
    found.kept["users"], found.kept["teams"] = users, teams
    found.failed += outcome.failed
    for queue in keeping.listed():
        if queue["id"] in teams and not queue["closed"] and not waiting.counts([queue["id"]], most=1):
            keeping.close(queue["id"])
    found.kept["territories"] = _without(parts)
    found.removed += len(parts) - len(found.kept["territories"])


def _without(lasting: list[str]) -> list[str]:
    """Give up the territories in which nothing of people's own stays, the lower ones first; those that stay."""
    entity = registry.get("territory")
    for key in lasting:
        write.change(entity, key, {"rule": None})
    snapshot.current()
    for key in lasting:
        sql = f"SELECT id FROM party WHERE territory_id = %s AND binned_at IS NULL AND territory_fixed IS NULL {LIMIT}"
        while keys := [str(db.unkey(row[0])) for row in db.rows(sql, (db.key(key),))]:
            moved = placing.place(keys)
            for each in followers():
                hearing.settle(each, each.every[each.territory].column, keys)
            if not moved:
                break
    stay = []
    for key in sorted(lasting, key=lambda each: -len(territories.held().path(each))):
        try:
            staffing.remove(key)
        except Refused:
            stay.append(key)
    snapshot.current()
    return stay


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
