"""What every write leaves behind (history, timelines, events), for whole slices by one statement each."""

from typing import Any

from bench.load import Loader, SqliteLoader

Slice = tuple[str, str, str, str, int]

_COLUMNS = "subject_entity, subject, at, channel, verb, source_entity, source, actor, owner, team, operation, summary"
_HEARD = {
    "party": (("party", "t.id", ""), ("party", "t.company_id", "")),
    "interaction": (
        ("party", "t.party_id", ""),
        ("party", "p.company_id", "JOIN party p ON p.id = t.party_id"),
    ),
    "deal": (("deal", "t.id", ""), ("party", "t.party_id", "")),
    "task": (("task", "t.id", ""), ("party", "t.party_id", ""), ("deal", "t.about_id", "")),
}


def write(into: Loader, slices: list[Slice]) -> None:
    """History, timelines and events of all slices."""
    sqlite = isinstance(into, SqliteLoader)
    for position, (entity, low, high, operation, count) in enumerate(slices, 1):
        places = (into.key(operation), into.key(low), into.key(high))
        into.sql(
            f"""INSERT INTO change (operation, entity, record, verb, version, at, actor, source, before, after)
                SELECT ?, '{entity}', t.id, 'created', 1, t.created_at, t.created_by, 'import', NULL, NULL
                FROM {entity} t WHERE t.id BETWEEN ? AND ?""",
            places,
        )
        for subject_entity, subject, join in _HEARD[entity]:
            for verb, channel, at, summary, where in _stories(entity, sqlite):
                into.sql(
                    f"""INSERT INTO timeline_entry ({_COLUMNS})
                        SELECT '{subject_entity}', {subject}, {at}, {channel}, '{verb}', '{entity}', t.id, t.created_by,
                               t.owner_id, t.team_id, ?, {summary}
                        FROM {entity} t {join} {"JOIN stage s ON s.id = t.stage_id" if verb == "moved" else ""}
                        WHERE t.id BETWEEN ? AND ? AND {subject} IS NOT NULL{where}""",
                    places,
                )
        _event(into, sqlite, position, entity, operation, high, count)


def _stories(entity: str, sqlite: bool) -> list[tuple[str, str, str, str, str]]:
    """(verb, channel, moment, summary, further condition) of what a creation tells."""
    make = "json_object" if sqlite else "json_build_object"
    plain = "{0}" if sqlite else "json_strip_nulls({0})::text"
    if entity == "interaction":
        parts = ", ".join(f"'{name}', t.{name}" for name in ("subject", "body", "direction", "outcome", "duration_s"))
        return [("logged", "t.channel", "t.at", plain.format(f"{make}({parts})"), "")]
    if entity == "task":
        told = plain.format(f"{make}('subject', t.title, 'status', t.status)")
        return [("done", "'task'", "t.done_at", told, " AND t.status = 'done'")]
    told = plain.format(f"{make}('subject', t.name)")
    found = [("created", f"'{entity}'", "t.created_at", told, "")]
    if entity == "deal":
        moved = plain.format(
            f"{make}('subject', t.name, 'stage', s.name, 'status', t.status, 'outcome', t.lost_reason)"
        )
        found.append(("moved", "'deal'", "t.stage_since", moved, " AND t.status <> 'open'"))
    return found


def _event(into: Loader, sqlite: bool, position: int, entity: str, operation: str, last: str, count: int) -> None:
    place: Any = "(SELECT coalesce(max(position), 0) + 1 FROM event)" if sqlite else "NULL"
    into.sql(
        f"""INSERT INTO event (position, at, actor, operation, name, entity, record, version, count, fields)
            SELECT {place}, t.created_at, t.created_by, ?, '{entity}.created', '{entity}', NULL, NULL, {count}, ''
            FROM {entity} t WHERE t.id = ?""",
        (into.key(operation), into.key(last)),
    )
