"""Fields that an organisation adds to its records, and the values that lists look at."""

import re
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.platform.identity.organisation import organisation
from rapport.platform.keys import KeyField
from rapport.platform.text import FoldedField, fold
from rapport.records import fields, reckoning
from rapport.records.entity import registry
from rapport.records.errors import Refused
from rapport.records.models.record import Record, external_once
from rapport.records.rollups import declaring

KINDS = (
    ("text", _("Text")), ("long_text", _("Long text")), ("number", _("Whole number")), ("decimal", _("Decimal number")),
    ("amount", _("Amount of money")), ("date", _("Date")), ("moment", _("Date and time")), ("choice", _("Choice")),
    ("multi_choice", _("Several choices")), ("yes_no", _("Yes or no")), ("email", _("E-mail")), ("phone", _("Phone")),
    ("url", _("Web address")), ("country", _("Country")), ("relation", _("Link to a record")),
)  # fmt: skip
FIXED = ("entity", "key", "kind", "target", "currency", "places")
KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_NO_LETTER = re.compile(r"[^a-z0-9]+")


def key_of(name: str) -> str:
    """A key made of a name: ``Page views per visit`` -> ``page_views_per_visit``."""
    plain = _NO_LETTER.sub("_", fold(name)).strip("_")[:60].strip("_")
    return plain if plain[:1].isalpha() else f"f_{plain}".rstrip("_")


class CustomField(Record):
    """A field of the organisation's own on the records of ``entity``, called ``custom.<key>`` on the wire.

    ``options``: what a choice offers, a line each. ``places``: digits after the point. ``low`` and ``high`` bound a
    number. ``shown_if`` and ``shown_values``: it is asked for, and needed, only where another field has such a value.
    ``formula``: it is worked out from other fields of the record. ``rollup``: how it is worked out from the records
    ``rollup_of``, an object and its relation (``deal.party``), namely of their ``rollup_field``, and only of those in
    whose field ``rollup_if`` stands one of ``rollup_values``. ``section``: the heading it stands under on the card.
    ``mark`` is its number in ``custom_value``.
    """

    name = fields.Text(_("name"), longest=100, folded="name_key", null=False, default="")
    name_key = FoldedField(of="name")
    entity = fields.Text(_("object"), longest=60, null=False, default="")
    key = fields.Text(_("key"), longest=60, null=False, default="")
    kind = fields.Choice(_("kind"), options=KINDS, default="text")
    options = fields.LongText(_("options, a line each"))
    target = fields.Text(_("links to"), longest=60)
    places = fields.Number(_("digits after the point"), low=0, high=6)
    low = fields.Number(_("at least"), low=-(10**12), high=10**12)
    high = fields.Number(_("at most"), low=-(10**12), high=10**12)
    unit = fields.Text(_("unit"), longest=20)
    formula = fields.LongText(_("formula"))
    rollup = fields.Choice(_("worked out from related records"), options=declaring.CHOICES, null=True)
    rollup_of = fields.Text(_("of which records"), longest=130)
    rollup_field = fields.Text(_("from their field"), longest=100)
    rollup_if = fields.Text(_("only where their field"), longest=100)
    rollup_values = fields.LongText(_("has one of these values, a line each"))
    currency = fields.Currency(_("currency"))
    required = fields.YesNo(_("always needed"), default=False)
    searched = fields.YesNo(_("found by search"), default=False)
    shown_if = fields.Text(_("asked only if this field"), longest=100)
    shown_values = fields.LongText(_("has one of these values, a line each"))
    section = fields.Text(_("section on the card"), longest=100)
    help = fields.Text(_("explanation"), longest=300)
    position = fields.Number(_("position"), low=0, high=10_000)
    mark = models.BigIntegerField(editable=False)
    tags = None  # no tags on fields

    class Meta:
        db_table = "custom_field"
        constraints: ClassVar[list[Any]] = [
            *external_once("custom_field"),
            models.UniqueConstraint(fields=["entity", "key"], name="custom_field_once"),  # binned ones, too
            models.UniqueConstraint(fields=["mark"], name="custom_field_mark"),
        ]

    def settle(self, before: dict[str, Any] | None) -> None:
        """What a field is once made, it stays: its values would mean something else."""
        self.key = self.key or key_of(self.name)
        if not KEY.fullmatch(self.key):
            raise Refused(_("A key is small letters, digits and “_”, and begins with a letter."), field="key")
        for name in FIXED:
            if before is not None and before[name] != getattr(self, name):
                raise Refused(_("This stays as it was made; make another field instead."), field=name)
        if self.kind in ("choice", "multi_choice"):
            self.options = "\n".join(self.lines()) or None
            if not self.options:
                raise Refused(_("Give the options, a line each."), field="options")
        if self.kind == "relation" and not self.target:
            raise Refused(_("Say which records it links to."), field="target")
        if self.kind == "decimal":
            self.places = 2 if self.places is None else self.places
        self.currency = (self.currency or organisation().base_currency) if self.kind == "amount" else None
        self._settle_rule()
        self._settle_formula()
        declaring.settle(self)
        if self.low is not None and self.high is not None and self.low > self.high:
            raise Refused(_("This is less than the least allowed."), field="high")

    def _settle_rule(self) -> None:
        """The other field by its name, however it was called."""
        if bool(self.shown_if) != bool(self.shown_values):
            raise Refused(_("Give both: the field, and its values."), field="shown_values")
        if not self.shown_if or self.entity not in registry:
            return
        fields, called = registry.get(self.entity).every, fold(self.shown_if)
        found = [each.name for each in fields.values() if called in (each.name, each.key, fold(str(each.label)))]
        if not found or found[0] == f"custom.{self.key}":
            raise Refused(_("There is no other field of this name."), field="shown_if")
        self.shown_if = found[0]

    def _settle_formula(self) -> None:
        text = (self.formula or "").strip()
        self.formula = text or None
        if not text:
            return
        if self.kind not in reckoning.MADE:
            raise Refused(_("Numbers, amounts, dates and “yes or no” can have a formula."), field="formula")
        self.required = False
        if self.entity in registry:
            reckoning.check(text, f"custom.{self.key}", registry.get(self.entity).every)

    def lines(self) -> list[str]:
        """The options, each once."""
        return list(dict.fromkeys(" ".join(line.split()) for line in (self.options or "").splitlines() if line.strip()))

    @classmethod
    def arrive(cls, records: list[Any]) -> None:
        """New fields are numbered on from the last; a number is never given twice."""
        last = cls._default_manager.aggregate(last=models.Max("mark"))["last"] or 0
        for mark, record in enumerate(records, last + 1):
            record.mark = mark


class CustomValue(models.Model):
    """What one record's value of a custom field is compared by, in the column that its kind names; written by
    ``custom`` alone. The value itself stands in the record."""

    pk = models.CompositePrimaryKey("field", "record")
    field = models.BigIntegerField()
    record = KeyField()
    text = FoldedField(of="")
    number = models.BigIntegerField(null=True)
    moment = models.DateTimeField(null=True)
    key = KeyField(null=True)

    class Meta:
        db_table = "custom_value"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["field", slot, "record"], name=f"custom_value_{slot}",
                         condition=models.Q(**{f"{slot}__isnull": False}))
            for slot in ("text", "number", "moment", "key")
        ]  # fmt: skip
