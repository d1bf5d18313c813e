"""The tools for deeds on many records. Nothing is done before it has been told how many records it would touch."""

from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _

from rapport.platform.actor import current
from rapport.records import scope
from rapport.records.assistants.tool import OBJECTS, Key, Kind, Meta, Tool, Tree, answer, key_of, kind_of
from rapport.records.assistants.writing import Writing
from rapport.records.bulk import asking, runs, telling

RUN = {"type": "object", "description": "How it stands: “status”, “total”, “changed”, “same”, “left”, “problem”."}
STEPS = {"stop": runs.cancel, "go_on": runs.go_on, "undo": runs.undo}
FEW = 20


class ChangeMany(Writing, kw_only=True):
    """Do one thing to all records that a filter finds, up to a million, in the background.

    Call it first without “expect”: nothing is done, and “count” tells how many records it would touch, “some” names a
    few. Tell your user that number and what would be done to them, and wait for a clear yes. Then call it again with
    “expect” set to exactly that number. It is refused when there are more or fewer by then. “bulk_run” shows how it
    stands, and takes it back.

    “deed” is: edit (values: fields), assign (values: owner), add or remove (values: one list of choices), tag or untag
    (values: tags), bin, restore (of what lies in the bin), or a verb of the kind (values: its arguments).
    """

    name = "change_many"
    title = _("Change many records")
    gives = answer({"count": {"type": "integer"}, "some": OBJECTS, "run": RUN}, "count")
    needs = ("change", "delete")
    destroys = True
    entity: Kind
    deed: Annotated[str, Meta(min_length=1, max_length=80)]
    values: Annotated[dict[str, Any], Meta(description="What it is done with; nothing for bin and restore.")] = {}
    filter: Annotated[Tree, Meta(description="A tree of conditions, as in “find”; {} is all records.")] = None
    q: Annotated[str, Meta(max_length=200, description="Words that must be found besides; 200 records at most.")] = ""
    expect: Annotated[int, Meta(ge=0, description="The “count” that was told, once your user has agreed.")] | None = (
        None
    )

    def work(self) -> dict[str, Any]:
        """How many it would touch; with ``expect``, the run that has begun."""
        entity = kind_of(self.entity)
        scope.level(entity, current())
        body = {"deed": self.deed, "values": self.values, "filter": self.filter, "expect": self.expect}
        asked = asking.understood(entity, {**body, **({"q": self.q} if self.q.strip() else {})})
        if self.expect is None:
            return {"count": asked.count(), "some": asked.some()}
        return {"count": self.expect, "run": telling.told(asking.begin(asked))}


class BulkRun(Tool):
    """Show how a deed on many records stands, and what it left alone with the reasons; “then” stops it, lets it go on,
    or takes all of it back.
    """

    name = "bulk_run"
    title = _("A deed on many records")
    gives = answer({"run": RUN, "left_alone": OBJECTS})
    needs = ("change", "delete")
    destroys = True
    entity: Kind
    id: Key
    then: Annotated[Literal["stop", "go_on", "undo", ""], Meta(description="Leave it out to look only.")] = ""

    def work(self) -> dict[str, Any]:
        """The run as it is now, with the first few that were left alone."""
        entity, key = kind_of(self.entity), key_of(self.id)
        if self.then:
            runs.change(runs.one(key, entity), STEPS[self.then])
        run = runs.one(key, entity)
        return {"run": telling.told(run), "left_alone": telling.left_alone(run, FEW)[0]}


TOOLS: tuple[type[Tool], ...] = (ChangeMany, BulkRun)
