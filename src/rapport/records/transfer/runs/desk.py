"""What the screens ask of imports: take a file, remember how it is mapped, check it, start, stop, take back."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db, jobs
from rapport.platform.actor import Actor, current
from rapport.platform.clock import now
from rapport.platform.keys import new_key
from rapport.records import read, registry, scope
from rapport.records.entity import Entity
from rapport.records.errors import Conflict, NotFound
from rapport.records.models import ImportRun
from rapport.records.read import Query
from rapport.records.transfer.runs import book, files, proposal, sample

LISTED, SOME = 50, 8
AT_WORK = ("checking", "running", "undoing")
# Smaller files are worked on at once, beside a long import.
SMALL, SMALL_BOOK, FEW = 400_000, 100_000, 2_000


def importable(actor: Actor) -> list[Entity]:
    """What this actor may import: business records first, then configuration."""
    found = [entity for entity in registry if actor.may(entity.key, "add")]
    return sorted(found, key=lambda entity: (entity.configuration, not entity.is_record, str(entity.label_plural)))


def receive(entity: Entity, name: str, size: int, chunks: Iterable[bytes]) -> ImportRun:
    """Take a file and look into it; raises Forbidden, Unusable."""
    actor = current()
    scope.level(entity, actor, "add")
    name = files.plain_name(name)
    files.check_size(name, size)
    run = ImportRun(id=new_key(), entity=entity.key, file=name, size=size, actor=actor.id, status="uploaded")
    try:
        files.keep(run, chunks)
        look_into(run)
        proposal.propose(run)
        run.save(force_insert=True)
    except BaseException:
        files.drop(run.id)
        raise
    return run


def look_into(run: ImportRun) -> None:
    """Read the file's beginning anew (another sheet or encoding was chosen). Does not store."""
    run.sample = sample.take(files.opened(run))
    run.headings = sample.headings(run.sample["header"])


def store(run: ImportRun, **values: Any) -> None:
    """Keep what was chosen, while nothing is at work; raises Conflict."""
    if not book.move(run.id, book.DRAFTS, **values):
        raise Conflict(_("This import is already under way."))
    for name, value in values.items():
        setattr(run, name, value)


def one(key: str) -> ImportRun:
    """A run that the actor may see: his own, or any for an administrator; raises NotFound."""
    run = _visible().filter(id=key).first()
    if run is None:
        raise NotFound(_("There is no import here."))
    return run


def listed(after: str | None = None) -> list[ImportRun]:
    """The newest runs the actor may see, one more than a page holds."""
    found = _visible().defer("sample", "mapping", "checked").order_by("-id")
    return list((found.filter(id__lt=after) if after else found)[: LISTED + 1])


def _visible() -> Any:
    actor = current()
    every = ImportRun.objects.all()
    return every if actor.is_system or "admin" in actor.roles else every.filter(actor=actor.id)


def some(run: ImportRun) -> list[tuple[str, str]]:
    """A few of the records that came in and are still there, as far as the actor may see them: (id, title)."""
    entity = registry.get(run.entity)
    sql = "SELECT record FROM change WHERE operation = %s AND entity = %s AND verb = 'created' ORDER BY id LIMIT %s"
    keys = [row[0] for row in db.rows(sql, (db.key(run.operation), run.entity, SOME))]
    if not keys or not current().may(entity.key, "view"):
        return []
    query = Query(entity, fields=(entity.title,), sort=("created_at",), limit=SOME)
    query.where.append((f"t.id IN ({', '.join(['%s'] * len(keys))})", keys))
    return [(row["id"], str(row[entity.title])) for row in read.page(query).items()]


def check(run: ImportRun) -> None:
    """Let the whole file be checked in the background."""
    _send(run, ("uploaded", "checked"), "checking", "import.check", small=_is_small(run), problem="", checked={})


def start(run: ImportRun) -> None:
    """Let a checked import run in the background."""
    scope.level(registry.get(run.entity), current(), "add")
    _send(run, ("checked",), "running", "import.apply", small=_is_small(run), problem="", at=now())


def undo(run: ImportRun) -> None:
    """Let an import be taken back in the background."""
    few = run.counts.get("created", 0) + run.counts.get("updated", 0) <= FEW
    _send(run, ("done", "stopped", "failed"), "undoing", "import.undo", small=few, problem="")


def go_on(run: ImportRun) -> None:
    """Let an import that failed or was stopped go on behind the last row that is stored."""
    _send(run, ("failed", "stopped"), "running", "import.apply", small=_is_small(run), problem="", finished_at=None)


def cancel(run: ImportRun) -> None:
    """Stop what is at work; what is stored stays."""
    if run.job is None or not jobs.cancel(run.job):
        return
    if (standing := jobs.look(run.job)) and standing.status == "cancelled":  # it had not begun
        back = {"checking": "uploaded", "running": "stopped"}[run.status]
        book.move(run.id, [run.status], status=back, finished_at=now())


def discard(run: ImportRun) -> None:
    """Forget an upload that was not imported."""
    if book.forget(run.id):
        files.drop(run.id)


def _is_small(run: ImportRun) -> bool:
    return run.size <= (SMALL_BOOK if run.file.lower().endswith((".xlsx", ".xls", ".ods")) else SMALL)


def _send(run: ImportRun, known: tuple[str, ...], status: str, name: str, *, small: bool, **values: Any) -> None:
    """Move a run on and write its job, both or neither; a second click finds it moved already."""
    with db.transaction():
        if not book.move(run.id, known, status=status, **values):
            return
        job = jobs.enqueue(f"{name}_small" if small else name, {"key": run.id}, key=run.id)
        book.move(run.id, [status], job=job)
