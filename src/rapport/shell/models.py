from typing import Any, ClassVar

import orjson
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.platform.actor import current
from rapport.platform.keys import KeyField
from rapport.platform.text import FoldedField
from rapport.records import fields, registry
from rapport.records.errors import BadQuery, Refused
from rapport.records.filters import Joins, compile_filter
from rapport.records.intake import place_for
from rapport.records.models import Record, external_once


class ListLayout(models.Model):
    """The columns a user has chosen for a list, as its address writes them."""

    id = models.BigAutoField(primary_key=True)
    user = KeyField()
    place = models.TextField()
    columns = models.TextField()

    class Meta:
        db_table = "list_layout"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["user", "place"], name="list_layout_once"),
        ]


class SavedView(Record):
    """A list as somebody keeps it: filter, order and columns on top of a declared list.

    Without owner everybody's, else its owner's alone. ``filter`` is a tree of the filter language as JSON, ``sort`` and
    ``columns`` as the address of a list writes them.
    """

    name = fields.Text(gettext_lazy("name"), longest=100, folded="name_key", null=False, default="")
    name_key = FoldedField(of="name")
    entity = fields.Text(gettext_lazy("object"), longest=60, null=False, default="")
    base = fields.Text(gettext_lazy("list"), longest=60)
    filter = fields.Filter(gettext_lazy("filter"))
    sort = fields.Text(gettext_lazy("order"), longest=500)
    columns = fields.LongText(gettext_lazy("columns"))
    group_by = fields.Text(gettext_lazy("grouped by"), longest=100)
    tags = None  # no tags on views

    class Meta:
        db_table = "saved_view"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["owner", "id"], name="saved_view_id_own", condition=models.Q(binned_at__isnull=True)),
            models.Index(fields=["entity", "id"], name="saved_view_entity", condition=models.Q(binned_at__isnull=True)),
        ]
        constraints: ClassVar[list[Any]] = external_once("saved_view")

    def settle(self, before: dict[str, Any] | None) -> None:
        """What it names must be there: the object, and the fields of the filter."""
        if self.entity not in registry:
            raise Refused(_("This is needed."), field="entity")
        entity = registry.get(self.entity)
        try:
            tree = orjson.loads(self.filter) if self.filter else None
            compile_filter(tree, Joins(entity, current()), place_for(current()))
        except BadQuery as problem:
            raise Refused(problem.detail, field="filter") from problem


class PinnedView(models.Model):
    """A saved view that a user has pinned to his navigation."""

    id = models.BigAutoField(primary_key=True)
    user = KeyField()
    view = KeyField(db_index=True)

    class Meta:
        db_table = "pinned_view"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["user", "view"], name="pinned_view_once"),
        ]
