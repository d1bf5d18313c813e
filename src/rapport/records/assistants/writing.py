"""The tools that write. Each is one operation, told with its id, so that it can be taken back as a whole."""

from typing import Annotated, Any

import orjson
from django.utils.translation import gettext_lazy as _

from rapport.platform.actor import current
from rapport.records import batch, read, revert
from rapport.records.assistants.tool import ID, RECORD, TEXT, Key, Kind, Meta, Tool, answer, key_of, kind_of
from rapport.records.entity import Entity

Values = Annotated[
    dict[str, Any],
    Meta(
        description="Fields by name, as “describe” says what they take. A relation is an id, or a name where only one "
        "record has it; moments are 2026-11-21T09:30:00Z, dates 2026-11-21, amounts texts such as “1250.00”."
    ),
]
Version = Annotated[int, Meta(ge=0, description="The version you have read: refused when it changed since.")] | None
Once = Annotated[
    str, Meta(max_length=200, description="A text of your own: a call repeated with it is done once, for a day.")
]
WRITTEN = answer(
    {"id": ID, "url": TEXT, "record": RECORD, "operation": {"type": "string", "description": "What “undo” takes."}}
)


class Writing(Tool):
    """A tool that writes."""

    once: Once = ""


def written(entity: Entity, step: dict[str, Any]) -> dict[str, Any]:
    """Carry out one write; the record as it is now stored, and the operation."""
    done = batch.alone(entity, step)
    key = str(done.outcomes[0].id)
    record = {} if step["op"] == "delete" else orjson.loads(read.written(entity, key))
    return {"id": key, "url": entity.url(key), "record": record, "operation": str(done.operation)}


class Create(Writing, kw_only=True):
    """Make a new record. What happened with somebody (a call, a meeting, a note) is logged this way too: as a record
    of the kind whose “on_timeline_of” names whom it is about.
    """

    name = "create"
    title = _("Create a record")
    gives = WRITTEN
    needs = ("add",)
    entity: Kind
    values: Values

    def work(self) -> dict[str, Any]:
        """The new record."""
        return written(kind_of(self.entity), {"op": "create", "data": self.values})


class Change(Writing, kw_only=True):
    """Set fields of a record; those not named stay. An empty value is null."""

    name = "change"
    title = _("Change a record")
    gives = WRITTEN
    needs = ("change",)
    destroys = True
    repeatable = True
    entity: Kind
    id: Key
    values: Values
    version: Version = None

    def work(self) -> dict[str, Any]:
        """The record as it is now."""
        step = {"op": "change", "id": key_of(self.id), "data": self.values, "version": self.version}
        return written(kind_of(self.entity), step)


class Perform(Writing, kw_only=True):
    """Carry out a verb on a record: move a deal, close a task, share, restore from the bin. “describe” names the verbs
    of a kind and what they take.
    """

    name = "perform"
    title = _("Carry out an action")
    gives = WRITTEN
    needs = ("change", "delete")
    destroys = True
    entity: Kind
    id: Key
    verb: Annotated[str, Meta(min_length=1, max_length=80)]
    args: Annotated[dict[str, Any], Meta(description="Arguments by name.")] = {}
    version: Version = None

    def work(self) -> dict[str, Any]:
        """The record as it is now."""
        entity, key = kind_of(self.entity), key_of(self.id)
        if self.verb == "restore":
            return written(entity, {"op": "restore", "id": key})
        step = {"op": "action", "id": key, "verb": self.verb, "args": self.args, "version": self.version}
        return written(entity, step)


class Remove(Writing, kw_only=True):
    """Put a record into the bin, with what is part of it. It can be restored."""

    name = "remove"
    title = _("Put into the bin")
    gives = answer({"id": ID, "operation": TEXT})
    needs = ("delete",)
    destroys = True
    repeatable = True
    entity: Kind
    id: Key
    version: Version = None

    def work(self) -> dict[str, Any]:
        """What undo takes."""
        step = {"op": "delete", "id": key_of(self.id), "version": self.version}
        done = written(kind_of(self.entity), step)
        return {"id": done["id"], "operation": done["operation"]}


class Undo(Writing, kw_only=True):
    """Take an operation back: a creation is binned, a change undone where nobody has changed the field since.
    One's own of the last day; an administrator any.
    """

    name = "undo"
    title = _("Undo")
    gives = answer({"reverted": {"type": "integer"}, "kept_changed": {"type": "integer"}, "failed": {"type": "array"}})
    needs = ("add", "change", "delete")
    destroys = True
    repeatable = True
    operation: Key

    def work(self) -> dict[str, Any]:
        """How many records were taken back, and how many not."""
        operation, actor = key_of(self.operation), current()
        revert.may_revert(operation, actor.id, "admin" in actor.roles)
        found = revert.revert(operation)
        failed = [{"id": key, "reason": reason} for key, reason in found.failed[:20]]
        return {"reverted": len(found.reverted), "kept_changed": len(found.kept_changed), "failed": failed}


TOOLS: tuple[type[Tool], ...] = (Create, Change, Perform, Remove, Undo)
