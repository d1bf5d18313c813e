"""What is done to many at once leaves the same in every table as what is done to each by itself."""

import datetime as dt
import re
from typing import Any

import orjson
import pytest

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.clock import now
from rapport.platform.identity.models import User
from rapport.records import registry, revert, write
from rapport.records.bulk import deeds
from rapport.records.bulk.deeds import Deed
from rapport.records.entity import Entity
from rapport.records.errors import Problem
from tests.contract.examples import TAGS, crowd, values_of

RECORDS = [entity.key for entity in registry.declared if entity.is_record and entity.key != "custom_object"]
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(\+00:00|Z)?")
# Numbers that writes are given in their order, and where in the stream of events they stood.
GIVEN = {"position", "operation", "mark", "hears_from", "heard"}


class Undone(Exception): ...


def tables() -> dict[str, list[str]]:
    """Every table of the product with its columns."""
    door = db.connection()
    with door.cursor() as cursor:
        names = [
            name for name in door.introspection.table_names(cursor)
            if not name.startswith(("django_", "search_text", "job", "answered")) and name != "organisation"
        ]  # fmt: skip
        return {
            name: [column.name for column in door.introspection.get_table_description(cursor, name)] for name in names
        }


def state(known: set[str], columns: dict[str, list[str]]) -> dict[str, list[str]]:
    """What all tables hold; ids that there were not before, and moments of writing, are all alike."""

    def plain(value: Any) -> str:
        if isinstance(value, bytes) or hasattr(value, "hex") and not isinstance(value, float):
            key = str(db.unkey(value))
            return key if key in known else "new"
        text = re.sub(r'"hears_from":\d+', "", MOMENT.sub(_moment, str(value)))
        return re.sub(r"\b[0-9a-f]{32}\b", lambda found: found[0] if found[0] in known else "new", text)

    found = {}
    for table, names in columns.items():
        taken = [name for name in names if name not in GIVEN and not (name == "id" and table not in MODELS)]
        listed = ", ".join(f'"{name}"' for name in taken)
        rows = db.rows(f'SELECT {listed} FROM "{table}"') if taken else []
        found[table] = sorted(str([plain(value) for value in row]) for row in rows)
    return found


def _moment(found: re.Match[str]) -> str:
    """Moments of writing, and those reckoned from them, are all alike; the examples' own are whole minutes."""
    at = dt.datetime.fromisoformat(f"{found[1]}T{found[2]}+00:00")
    return "now" if at.second or found[3] or abs(now() - at) < dt.timedelta(hours=1) else found[0]


MODELS = {entity.table for entity in registry.declared}


def ids() -> set[str]:
    return {str(db.unkey(row[0])) for table in MODELS for row in db.rows(f'SELECT id FROM "{table}"')}


def asked_of(entity: Entity) -> list[Deed]:
    """Deeds over every field that can be written, and the rest."""
    found = []
    for known in entity.fields.values():
        if known.read_only or known.name in ("external_id", "external_source", entity.part_of):
            continue
        pool = [value for value in values_of(known) if value not in (None, "", [])]
        found += [Deed("change", data={known.name: value}) for value in pool[:2]]
        if known.kind.name == "multi_choice":
            found += [Deed("add", field=known.name, values=value) for value in pool[:1]]
            found += [Deed("remove", field=known.name, values=value) for value in pool[1:2]]
    if entity.has_tags and not entity.part_of:
        found += [Deed("add", field="tags", values=TAGS[:1]), Deed("remove", field="tags", values=TAGS[1:2])]
    return [*found, Deed("bin")]


def singly(entity: Entity, deed: Deed, key: str) -> None:
    """The same by the single way."""
    if deed.do == "bin":
        write.put_in_bin(entity, key)
        return
    with as_system("tests"):
        actor = write.current()
    edit = deeds._editor(entity, deed, actor)
    write.on_record(entity, key, "changed", "change", lambda record, _actor: edit(record))


@pytest.mark.parametrize("key", RECORDS)
def test_many_at_once_leave_what_each_by_itself_leaves(key: str, organisation: None, seller: User) -> None:
    entity = registry.get(key)
    keys = [record.id for record in crowd(entity, 12)]
    known, columns, changed = ids(), tables(), 0
    for deed in asked_of(entity):
        alone: dict[str, list[str]] = {}
        with pytest.raises(Undone), db.savepoint(), as_system("a test"):  # noqa: PT012
            with write.operation():
                for each in keys:
                    try:
                        with db.savepoint():
                            singly(entity, deed, each)
                    except Problem:
                        pass
            alone = state(known, columns)
            raise Undone
        with pytest.raises(Undone), db.savepoint(), as_system("a test"):  # noqa: PT012
            try:
                with write.operation() as done:
                    outcome = deeds.carry_out(entity, deed, keys, done)
            except Problem:
                outcome = deeds.Outcome()
            changed += len(outcome.changed)
            together = state(known, columns)
            for table, rows in alone.items():
                assert together[table] == rows, (deed, table)
            raise Undone
    assert changed > 12


@pytest.mark.parametrize("key", RECORDS)
def test_undoing_many_gives_back_what_was(key: str, organisation: None, seller: User) -> None:
    entity = registry.get(key)
    keys = [record.id for record in crowd(entity, 12)]
    fields = [name for name in entity.declared if name not in ("version", "updated_at")]

    def held() -> list[Any]:
        names = ", ".join(f'"{entity.declared[n].column}"' for n in fields if entity.declared[n].column)
        marks = ", ".join(["%s"] * len(keys))
        sql = f'SELECT {names}, custom FROM "{entity.table}" WHERE id IN ({marks}) ORDER BY id'
        found = db.rows(sql, [db.key(each) for each in keys])
        return [(*row, orjson.loads(own) if isinstance(own, str) else own) for *row, own in found]

    before = held()
    for deed in asked_of(entity):
        with as_system("a test"):
            try:
                with write.operation() as done:
                    outcome = deeds.carry_out(entity, deed, keys, done)
            except Problem:
                continue
            if outcome.changed:
                found = revert.revert(done.id)
                assert not found.failed
                assert not found.kept_changed
        assert held() == before, deed
