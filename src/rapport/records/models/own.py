"""Objects that an organisation adds, and the one table of their records."""

import re
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.platform.text import FoldedField, fold
from rapport.records import fields
from rapport.records.entity import registry
from rapport.records.errors import Refused
from rapport.records.models.custom import KEY, key_of
from rapport.records.models.record import Record, external_once

SECTIONS = (
    ("relationships", _("Relationships")), ("sales", _("Sales")), ("marketing", _("Marketing")),
    ("service", _("Service")), ("supply", _("Supply")), ("insight", _("Insight")),
)  # fmt: skip
ICONS = (
    ("box", _("Box")), ("building-2", _("Building")), ("calendar", _("Calendar")), ("car", _("Car")), ("cog", _("Cog")),
    ("file-text", _("Document")), ("flag", _("Flag")), ("globe", _("Globe")), ("graduation-cap", _("Course")),
    ("house", _("House")), ("key-round", _("Key")), ("package", _("Package")), ("receipt", _("Receipt")),
    ("server", _("Machine")), ("star", _("Star")), ("ticket", _("Ticket")), ("truck", _("Truck")),
    ("wrench", _("Tool")),
)  # fmt: skip
SHAPES = {
    "board_by": (("choice",), _("Give a field of this object that is a choice.")),
    "board_total": (("amount", "number", "decimal"), _("Give a field of this object that is an amount or a number.")),
    "calendar_by": (("date", "moment"), _("Give a field of this object that is a date.")),
}
_PLURAL = re.compile(r"[a-z][a-z0-9-]{0,59}")
# Names of the product's own objects, those to come included: nobody's object is to be in the way of an upgrade.
RESERVED = frozenset(
    """account activity advice agreement api appointment article asset automation call campaign case catalogue category
    certificate claim competitor complaint consent contact contract conversation coupon custom-field
    custom-object customer dashboard deal decision delivery discount document email employee entitlement event
    expense field file forecast form gallery goal healthz holding import imports interaction inventory invoice
    journey knowledge lead leave line list loyalty mailbox mailing mcp meeting membership message metrics my-day
    notification notifications occasion offer opportunity order outcome partner payment payout pipeline plan
    point policy price product project purchase quota quote readyz recommendation report request return reward
    role rule sample score search security segment service set-up settings settlement setup shareholder shipment
    shop sign-in sign-out stage static stock subscription supplier survey tag tags target task team teams
    template tender territory theme ticket timesheet token topic touchpoint training user users vendor view
    visit warehouse warranty webhook welcome workflow""".split()
)


class CustomObject(Record):
    """A business object of the organisation's own: ``name`` is what one is called, ``plural_name`` what many are.

    ``key`` names it in the API's schemas and events, ``plural`` in addresses. Its fields are custom fields; of these,
    ``board_by`` is the choice that a board has columns by, ``board_total`` what they add up, ``calendar_by`` the day
    that its calendar goes by, which is the first one unless said otherwise.
    """

    name = fields.Text(_("name"), longest=60, folded="name_key", null=False, default="")
    name_key = FoldedField(of="name")
    plural_name = fields.Text(_("name of many"), longest=60, null=False, default="")
    key = fields.Text(_("key"), longest=60, null=False, default="")
    plural = fields.Text(_("address"), longest=60, null=False, default="")
    title_name = fields.Text(_("what its first field is called"), longest=60)
    icon = fields.Choice(_("icon"), options=ICONS, default="box")
    section = fields.Choice(_("section of the navigation"), options=SECTIONS, default="relationships")
    teaches = fields.Text(_("what belongs here, in a sentence"), longest=300)
    board_by = fields.Text(_("board by this choice"), longest=100)
    board_total = fields.Text(_("columns add up this number"), longest=100)
    calendar_by = fields.Text(_("calendar by this date"), longest=100)
    tags = None  # no tags on objects

    class Meta:
        db_table = "custom_object"
        constraints: ClassVar[list[Any]] = [
            *external_once("custom_object"),
            *(models.UniqueConstraint(fields=[name], name=f"custom_object_{name}") for name in ("key", "plural")),
        ]

    def settle(self, before: dict[str, Any] | None) -> None:
        """An object keeps its key and address: records, links and other programs hang on them."""
        self.plural_name = self.plural_name or self.name
        self.key = self.key or key_of(self.name)
        self.plural = self.plural or key_of(self.plural_name).replace("_", "-")
        if self.plural == self.key:
            self.plural = f"{self.key}-list"
        for name in ("key", "plural"):
            if before is not None and before[name] != getattr(self, name):
                raise Refused(_("This stays as it was made; make another object instead."), field=name)
        self._settle_shapes(before)
        names = {self.key, self.plural, self.plural.removesuffix("s")}
        taken = {name for each in registry.declared for name in (each.key, each.plural)}
        if before is None and names & (RESERVED | taken):
            raise Refused(_("Rapport has an object of this name, or will have one. Choose another."), field="name")
        if not KEY.fullmatch(self.key):
            raise Refused(_("A key is small letters, digits and “_”, and begins with a letter."), field="key")
        if not _PLURAL.fullmatch(self.plural):
            raise Refused(_("An address is small letters, digits and “-”, and begins with a letter."), field="plural")

    def _settle_shapes(self, before: dict[str, Any] | None) -> None:
        """Board and calendar go by own fields, however these were called."""
        for slot, (takes, wanted) in SHAPES.items():
            called = fold(getattr(self, slot) or "")
            if not called or (before is not None and before[slot] == getattr(self, slot)):
                continue
            own = registry.get(self.key).every.own if self.key in registry else ()
            fits = [known for known in own if known.kind.name in takes]
            found = next((each for each in fits if called in (each.name, each.key, fold(str(each.label)))), None)
            if found is None:
                some = ", ".join(str(each.label) for each in fits) or _("none yet")
                raise Refused(_("%(wanted)s There are: %(some)s.") % {"wanted": wanted, "some": some}, field=slot)
            setattr(self, slot, found.name)
        if self.board_total and not self.board_by:
            raise Refused(_("Say first what the board goes by."), field="board_by")


class CustomRecord(Record):
    """A record of an object of the organisation's own; ``object`` is its key. All else are custom fields."""

    object = models.TextField(editable=False)
    name = fields.Text(_("name"), longest=300, folded="name_key", null=False, default="")
    name_key = FoldedField(of="name")

    class Meta:
        db_table = "custom_record"
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["object", *who, *sort, "id"], name="_".join(["own_by", *who, *(sort or ["id"])]),
                condition=models.Q(binned_at__isnull=True),
            )
            for who in ([], ["owner"], ["team"])
            for sort in ([], ["name_key"])
        ]  # fmt: skip
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["object", "external_source", "external_id"],
                condition=models.Q(binned_at__isnull=True, external_id__isnull=False),
                name="custom_record_external",
            )
        ]
