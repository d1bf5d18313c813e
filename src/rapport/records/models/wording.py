"""What an organisation calls things in place of the words they come with."""

from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from rapport.platform.text import FoldedField
from rapport.records import fields
from rapport.records.entity import registry
from rapport.records.errors import Refused
from rapport.records.models.record import Record, external_once
from rapport.records.wording import words

FIXED = ("entity", "part", "language")


class Wording(Record):
    """One word: ``name`` is what ``part`` of the object ``entity`` is called, in one language or in all.

    ``part``: ``one`` and ``many`` of the object itself; ``field.<name>`` and ``help.<name>``, its explanation;
    ``choice.<field>.<value>``; ``list.<key>`` and ``one.<key>`` of a named list, ``panel.<on>.<by>`` of a box on cards.
    Of several for the same the newest holds.
    """

    name = fields.Text(_("word"), longest=300, folded="name_key", null=False, default="")
    name_key = FoldedField(of="name")
    entity = fields.Text(_("object"), longest=60, null=False, default="")
    part = fields.Text(_("what is called so"), longest=200, null=False, default="")
    language = fields.Text(_("only in this language"), longest=12)
    tags = None  # no tags on set-up

    class Meta:
        db_table = "wording"
        constraints: ClassVar[list[Any]] = external_once("wording")

    def settle(self, before: dict[str, Any] | None) -> None:
        """It names something there is, and goes on naming it."""
        for name in FIXED:
            if before is not None and before[name] != getattr(self, name):
                raise Refused(_("This stays as it was made; delete it and make another."), field=name)
        if self.language and self.language not in dict(settings.LANGUAGES):
            raise Refused(_("Rapport does not speak this language."), field="language")
        if before is not None or self.entity not in registry:
            return
        known = {each.part for each in words.nameable(registry.get(self.entity))}
        if self.part not in known:
            some = ", ".join(sorted(known)[:12])
            raise Refused(_("There is nothing of this name; for instance: %(some)s.") % {"some": some}, field="part")
