"""A deed on many as programs read it: how it stands, what came of it, what was left alone and why."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.clock import wire
from rapport.records import intake, read, registry
from rapport.records.bulk import runs
from rapport.records.bulk.deeds import Deed
from rapport.records.entity import Entity
from rapport.records.models import BulkRun
from rapport.records.read import Query
from rapport.records.transfer.guard import guard

SLICE = 500
COUNTS = ("changed", "same", "left")
TAKEN_BACK = ("reverted", "kept_changed", "kept_failed")
WORDS = {"change": "edit"}


def told(run: BulkRun) -> dict[str, Any]:
    """A run, in words that a request for it takes."""
    entity, deed = registry.get(run.entity), runs.deed_of(run)
    known = run.counts
    back = {name: known.get(name, 0) for name in TAKEN_BACK} if run.status in ("undoing", "undone") else {}
    return {
        "id": run.id, "entity": run.entity, "deed": deed.verb or WORDS.get(deed.do, deed.do),
        "values": _values(entity, deed), "filter": run.tree, "status": run.status, "total": run.total,
        **{name: known.get(name, 0) for name in COUNTS}, **back, "problem": run.problem or None,
        "operation": run.operation, "actor": _named(run.actor), "at": wire(run.at),
        "finished_at": wire(run.finished_at), "url": f"/bulk/{run.id}",
    }  # fmt: skip


def _values(entity: Entity, deed: Deed) -> dict[str, Any]:
    """What it was done with, but for fields that are withheld from the reader."""
    if deed.do == "change":
        return {name: value for name, value in intake.flatten(deed.data).items() if name in entity.fields}
    if deed.field:
        return {deed.field: list(deed.values)} if deed.field in entity.fields else {}
    return dict(deed.args)


def _named(user: str | None) -> dict[str, Any] | None:
    """Whose deed it is; everybody learns the name of whom he sees at work."""
    if user is None:
        return None
    row = db.one("SELECT name FROM user_account WHERE id = %s", (db.key(user),))
    return {"id": user, "title": row[0] if row else None}


def left_alone(run: BulkRun, limit: int, after: str | None = None) -> tuple[list[dict[str, Any]], str | None]:
    """A page of what was left alone, each with its title where it is seen, and the cursor of the next."""
    found = runs.left(run, limit + 1, after)
    titles = titles_of(run, [key for _number, key, _reason in found[:limit]])
    items = [
        {"id": key, "title": titles.get(key), "reason": reason or gone()} for _number, key, reason in found[:limit]
    ]
    return items, str(found[limit - 1][0]) if len(found) > limit else None


def lines(run: BulkRun) -> Iterator[str]:
    """The same as a file."""
    entity, after = registry.get(run.entity), None
    yield "\ufeff" + _line(["id", entity.title, "reason"])
    while found := runs.left(run, SLICE, after):
        titles = titles_of(run, [key for _number, key, _reason in found])
        yield "".join(_line([key, guard(titles.get(key, "")), guard(why or gone())]) for _number, key, why in found)
        after = str(found[-1][0])


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def gone() -> str:
    """Why nothing was done to what is not there."""
    return _("It is no longer there, or not yours to see.")


def titles_of(run: BulkRun, keys: list[str]) -> Mapping[str, str]:
    """What records are called that the reader sees."""
    entity = registry.get(run.entity)
    found: dict[str, str] = {}
    for binned in (False, True) if keys and entity.is_record else (False,) if keys else ():
        query = Query(entity, fields=(entity.title,), sort=("created_at",), limit=len(keys), binned=binned)
        query.where.append((f"t.id IN ({', '.join(['%s'] * len(keys))})", [db.key(key) for key in keys]))
        found |= {row["id"]: str(row[entity.title]) for row in read.page(query).items()}
    return found
