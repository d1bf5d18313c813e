"""What every business object has, and what its writes tell and move."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.platform.identity.models import Stamped
from rapport.platform.keys import KeyField
from rapport.records import fields
from rapport.records.layout import Consequence, Notice


class Record(Stamped):
    """What every business object has. Verbs are methods of the subclass; nothing here writes by itself."""

    owner = fields.Relation("platform.User", _("owner"), entity="user")
    team = fields.Relation("platform.Team", _("team"), entity="team", editable=False)
    binned_at = models.DateTimeField(null=True, editable=False)
    merged_into = KeyField(null=True, editable=False)
    custom = models.JSONField(default=dict, blank=True)
    tags = fields.Tags(_("tags"))

    # Ids of the writer's personal tags that this write sets; None leaves them alone.
    own_tags: ClassVar[Any] = None

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(getattr(self, "name", None) or getattr(self, "title", None) or self.pk)

    def __getattr__(self, name: str) -> Any:
        """The value of an own field by its attribute name, ``custom.<key>``."""
        if name.startswith("custom."):
            return self.custom.get(name[7:])
        raise AttributeError(name)

    def settle(self, before: dict[str, Any] | None) -> None:
        """Put derived fields in order before a write; ``before`` holds the old values, None for a new record.

        Raises Refused when the domain says no. Must not ask the database: bulk writes call it row by row.
        """

    def wait_in(self, queue: str) -> None:
        """Put it in a queue: nobody has it, until somebody takes it."""
        self.owner_id, self.team_id = None, queue

    def children(self, before: dict[str, Any] | None) -> list[models.Model]:
        """Rows of side tables that this write adds (stage history …); each has a field ``operation``."""
        return []

    def corrections(self, before: dict[str, Any]) -> list["Correction"]:
        """Rows told earlier that this write moves (a closing date corrected); undone by the same in reverse."""
        return []

    def stories(self, before: dict[str, Any] | None) -> list["Story"]:
        """What this write tells the timelines: unless said otherwise, that it was made and what became of it."""
        if before is None:
            return [Story("record", "created", {"subject": str(self)}, self.created_at)]
        status = getattr(self, "status", None)
        if status is None or status == before.get("status"):
            return []
        label = str(self._meta.get_field("status").kind.label(status))  # type: ignore[union-attr]
        return [Story("record", "moved", {"subject": str(self), "stage": label, "status": status})]

    def consequences(self, before: dict[str, Any] | None) -> list[Consequence]:
        """Writes to other records that follow from this one, in the same operation; undone with it."""
        return []

    def notices(self, before: dict[str, Any] | None) -> list[Notice]:
        """Who should hear of this write. Mentions and a change of owner are told by the engine."""
        return []

    @classmethod
    def arrive(cls, records: list[Any]) -> None:
        """What new records need to know of others, asked once for all of them just before they are stored."""

    def joins(self, held: list[Any]) -> bool:
        """This part comes to another whole, two of which are merged; ``held``: the parts of its kind there.

        False when one of them says the same: then it stays behind. It may give up what only one of them can be.
        """
        return True

    def repeats(self, other: Any) -> bool:
        """Whether this part tells the same as another of its whole, though it may tell more of it."""
        return False

    def amends(self) -> list[Consequence]:
        """What brings this record and others into step again when an undo could take back only a part."""
        return []


@dataclass(frozen=True, slots=True)
class Correction:
    """Rows of ``model`` that fit ``where`` get ``values``."""

    model: type[models.Model]
    where: dict[str, Any]
    values: dict[str, Any]


class Story:
    """One thing told on timelines: of the record itself and of its parents."""

    __slots__ = ("at", "channel", "summary", "verb")

    def __init__(self, channel: str, verb: str, summary: dict[str, Any], at: Any = None) -> None:
        self.channel, self.verb, self.summary, self.at = channel, verb, summary, at


def record_indexes(table: str, *sorts: str, split: str = "", by: Sequence[str] = ()) -> list[models.Index]:
    """Indexes (sort, id), (owner, sort, id), (team, sort, id) of rows not binned; ``id`` itself is the first sort. And
    one of what lies in the bin.

    ``by``: relations whose targets show these records in a panel.

    ``split``: the choice that nearly every list asks for (persons, open deals) leads them, so that a rare one is not
    looked for among all the others.
    """
    live = models.Q(binned_at__isnull=True)
    indexes = [models.Index(fields=[each, "id"], name=f"{table}_{each}"[:22], condition=live) for each in by]
    binned = models.Q(binned_at__isnull=False)
    indexes.append(models.Index(fields=["id"], name=f"{table}_binned", condition=binned))
    for sort in ("", *sorts):
        column = [split, sort] if split and sort else [sort] if sort else [split] if split else []
        name = f"{table}_{sort or 'id'}"[:22]
        if sort:
            indexes.append(models.Index(fields=[*column, "id"], name=name, condition=live))
        indexes.append(models.Index(fields=["owner", *column, "id"], name=f"{name}_own", condition=live))
        indexes.append(models.Index(fields=["team", *column, "id"], name=f"{name}_team", condition=live))
    return indexes


def territory_indexes(table: str, *sorts: str, split: str = "") -> list[models.Index]:
    """Indexes (territory, sort, id) in the shape of the others. They hold only what lies in a territory: a firm
    without territories writes nothing into them."""
    within = models.Q(territory__isnull=False, binned_at__isnull=True)
    columns = [[split] if split else [], *([split, sort] if split else [sort] for sort in sorts)]
    return [
        models.Index(fields=["territory", *each, "id"], name=f"{table}_{sort}"[:22] + "_place", condition=within)
        for sort, each in zip(("id", *sorts), columns, strict=True)
    ]


def external_once(table: str) -> list[models.UniqueConstraint]:
    """(external_source, external_id) names one record that is not binned."""
    live = models.Q(binned_at__isnull=True, external_id__isnull=False)
    columns = ["external_source", "external_id"]
    return [models.UniqueConstraint(fields=columns, condition=live, name=f"{table}_external")]


def merged_index(table: str) -> models.Index:
    """External ids of records that were merged into others: whoever still names one means the one that stayed."""
    gone = models.Q(merged_into__isnull=False, external_id__isnull=False)
    return models.Index(fields=["external_id"], name=f"{table}_merged", condition=gone)
