"""Deeds over everything that a filter finds: begun, looked at, stopped, gone on with, taken back."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db, jobs
from rapport.platform.actor import current
from rapport.platform.clock import now
from rapport.records import read, registry, scope
from rapport.records.bulk import deeds
from rapport.records.bulk.deeds import Deed
from rapport.records.entity import Entity
from rapport.records.errors import BadQuery, Conflict, NotFound, Problem, Unseen
from rapport.records.models import BulkLeft, BulkRun
from rapport.records.read import Query

LISTED, SLICE = 50, 1000
AT_WORK = ("running", "undoing")


def begin(entity: Entity, deed: Deed, tree: Any, *, binned: bool = False, most: int | None = None) -> BulkRun:
    """Let a deed be done, in the background, to all that the filter ``tree`` finds of what the actor sees.

    ``binned``: of what lies in the bin; ``most``: when it finds more records than that, it stops before the next one.
    Raises Invalid, Forbidden, BadQuery.
    """
    actor = current()
    deeds.check(entity, deed, actor)
    run = BulkRun(entity=entity.key, deed=deed.stored(), tree=tree, binned=binned, most=most, actor=actor.id)
    read.count(query_of(run), most=1)  # a filter that is not understood is refused now
    with db.transaction():
        run.save(force_insert=True)
        run.job = _enqueue("records.bulk", run)
        run.save(update_fields=["job"])
    return run


def query_of(run: BulkRun, last: str | None = None) -> Query:
    """The records of a run behind ``last``, in the order of their ids."""
    entity = registry.get(run.entity)
    query = Query(entity, filter=run.tree, sort=("created_at",), fields=("id",), limit=SLICE, binned=run.binned)
    query.where.append(("t.id <= %s", [db.key(run.until)]))
    if last is not None:
        query.where.append(("t.id > %s", [db.key(last)]))
    return query


def deed_of(run: BulkRun) -> Deed:
    """What was asked."""
    return Deed(**run.deed)


def one(key: str, of: Entity | None = None) -> BulkRun:
    """A run that the actor may see: his own, or any for an administrator; raises NotFound.

    ``of``: only one on records of this kind.
    """
    run = _visible().filter(id=key).first()
    if run is None or run.entity not in registry or (of and run.entity != of.key):
        raise NotFound(_("There is no such work here."))
    return run


def listed(entity: Entity, limit: int = LISTED, after: str | None = None) -> list[BulkRun]:
    """The newest runs on records of this kind that the actor may see, one more than a page holds."""
    found = _visible().filter(entity=entity.key).order_by("-id")
    return list((found.filter(id__lt=after) if after else found)[: limit + 1])


def change(run: BulkRun, act: Callable[[BulkRun], bool]) -> None:
    """Stop it, let it go on, take it back: for who has the right to the deed; raises Forbidden, Conflict."""
    deed, entity = deed_of(run), registry.get(run.entity)
    scope.level(entity, current(), deeds.right_of(entity, deed))
    if not act(run):
        raise Conflict(_("That is not possible now."), state=run.status)


def _visible() -> Any:
    actor = current()
    every = BulkRun.objects.all()
    return every if actor.is_system or "admin" in actor.roles else every.filter(actor=actor.id)


def leave(run: BulkRun, found: Iterable[tuple[str, Problem]]) -> None:
    """Note what was left alone; that a record is not there, without words, as these would name its id."""
    BulkLeft.objects.bulk_create(
        BulkLeft(run=run.id, record=key, reason="" if isinstance(problem, Unseen) else problem.detail[:500])
        for key, problem in found
    )


def left(run: BulkRun, limit: int, after: str | None = None) -> list[tuple[int, str, str]]:
    """(Number, id, reason) of records that were left alone, in the order of the numbers; ``after``: behind this one."""
    found = BulkLeft.objects.filter(run=run.id)
    if after is not None:
        if not (after.isascii() and after.isdigit() and len(after) < 19):
            raise BadQuery(_("The cursor is none of ours; start without “after”."))
        found = found.filter(id__gt=int(after))
    return list(found.order_by("id").values_list("id", "record", "reason")[:limit])


def find(key: str, status: str) -> BulkRun | None:
    """The run, when it stands so."""
    return BulkRun.objects.filter(id=key, status=status).first()


def move(key: str, known: Collection[str], **values: Any) -> bool:
    """Note values of a run that stands in one of ``known``; False when it has moved on meanwhile."""
    return bool(BulkRun.objects.filter(id=key, status__in=known).update(**values))


def cancel(run: BulkRun) -> bool:
    """Stop what is at work; what is stored stays. False when nothing is."""
    if run.status != "running" or run.job is None or not jobs.cancel(run.job):
        return False
    if (standing := jobs.look(run.job)) and standing.status == "cancelled":  # it had not begun
        move(run.id, ["running"], status="stopped", finished_at=now())
    return True


def go_on(run: BulkRun) -> bool:
    """Let what was stopped or failed go on behind the last record that was looked at; False when it was not."""
    return _send(run, ("stopped", "failed"), "running", "records.bulk", finished_at=None)


def undo(run: BulkRun) -> bool:
    """Let it be taken back in the background; False while it is at work, or when it has been."""
    return _send(run, ("done", "stopped", "failed"), "undoing", "records.bulk_undo")


def _send(run: BulkRun, known: tuple[str, ...], status: str, name: str, **values: Any) -> bool:
    """Move a run on and write its job, both or neither; a second click finds it moved already."""
    with db.transaction():
        if not move(run.id, known, status=status, problem="", **values):
            return False
        move(run.id, [status], job=_enqueue(name, run))
        return True


def _enqueue(name: str, run: BulkRun) -> str:
    """Deeds on records of one kind are done in the order they were asked for."""
    return jobs.enqueue(name, {"key": run.id}, key=run.id, line=f"bulk {run.entity}")
