"""What can be rolled up: paths to offer, and a custom field looked at before it is stored."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.platform.identity.organisation import organisation
from rapport.platform.text import fold
from rapport.records import kinds
from rapport.records.entity import Entity, Field, registry
from rapport.records.errors import Bad, Refused
from rapport.records.kinds import Place

CHOICES = (
    ("count", gettext_lazy("How many")), ("sum", gettext_lazy("Sum")), ("least", gettext_lazy("Least or earliest")),
    ("greatest", gettext_lazy("Greatest or latest")),
)  # fmt: skip
# The kinds of a roll-up's own field, by the kind of what is rolled up.
MADE = {
    "number": ("number", "decimal"), "decimal": ("decimal",), "amount": ("amount",), "money": ("amount",),
    "date": ("date",), "moment": ("moment",),
}  # fmt: skip
SUMMED = ("number", "decimal", "amount", "money")
ASKED = ("choice", "yes_no")


def paths() -> Iterator[tuple[str, Any]]:
    """(``deal.party``, "Deals › Customer") of every relation by which records can be rolled up."""
    for other in registry:
        if other.takes_fields:
            for known in other.every.values():
                to = known.relation
                whose = known.kind.name == "about" or (to is not None and to in registry and _takes(to))
                if whose and known.name != "id":
                    yield f"{other.key}.{known.name}", f"{other.label_plural} › {known.heading}"


def _takes(key: str) -> bool:
    return registry.get(key).takes_fields


class PathKind(kinds.ChoiceKind):
    """One of :func:`paths`."""

    def __init__(self) -> None:
        self.ranked = False

    def label(self, value: str | None) -> str:
        """In words; a relation that there is no more by its name."""
        return str(dict(paths()).get(value or "", value or ""))

    @property
    def choices(self) -> tuple[tuple[str, Any], ...]:  # type: ignore[override]
        return tuple(paths())

    @property
    def _by_word(self) -> dict[str, str]:  # type: ignore[override]
        return {fold(word): key for key, label in paths() for word in (key, str(label))}


def settle(field: Any) -> None:
    """Bring what a custom field says of its roll-up into one form; raises Refused for what makes no sense."""
    if not field.rollup:
        field.rollup_of = field.rollup_field = field.rollup_if = field.rollup_values = None
        return
    field.required, field.formula = False, None
    if not field.rollup_of:
        raise Refused(_("Say what is rolled up."), field="rollup_of")
    of, _dot, by = field.rollup_of.partition(".")
    if of not in registry or by not in registry.get(of).every:
        raise Refused(_("There are no such records."), field="rollup_of")
    other = registry.get(of)
    known = other.every[by]
    if known.kind.name != "about" and known.relation != field.entity:
        words = {"path": PathKind().label(field.rollup_of)}
        raise Refused(_("“%(path)s” leads to records of another kind.") % words, field="rollup_of")
    _settle_field(field, other)
    _settle_only(field, other)


def _settle_field(field: Any, other: Entity) -> None:
    if field.rollup == "count":
        field.rollup_field = None
        if field.kind != "number":
            raise Refused(_("What is counted is a whole number."), field="kind")
        return
    known = _called(other, field.rollup_field, "rollup_field")
    allowed = MADE.get(known.kind.name, ())
    if not allowed or (field.rollup == "sum" and known.kind.name not in SUMMED):
        raise Refused(_("“%(field)s” cannot be rolled up so.") % {"field": known.heading}, field="rollup_field")
    if _rolled(other, known):
        words = _("“%(field)s” comes from a roll-up itself: roll up what that one is made of.")
        raise Refused(words % {"field": known.heading}, field="rollup_field")
    if field.kind not in allowed:
        kind = str(dict(_kinds())[allowed[0]])
        raise Refused(_("Of “%(field)s”: choose “%(kind)s”.") % {"field": known.heading, "kind": kind}, field="kind")
    currency = known.kind.currency if isinstance(known.kind, kinds.AmountKind) else organisation().base_currency
    if field.kind == "amount" and field.currency != currency:
        raise Refused(_("Its currency is %(currency)s.") % {"currency": currency}, field="currency")
    field.rollup_field = known.name


def _rolled(other: Entity, known: Field) -> bool:
    """Whether a field changes without a write to its record: a roll-up, or a formula that reads one."""
    reads = known.formula.names if known.formula else ()
    return known.rollup is not None or any(
        each is not None and _rolled(other, each) for each in map(other.every.called, reads)
    )


def _kinds() -> tuple[tuple[str, Any], ...]:
    kind: Any = registry.get("custom_field").every["kind"].kind
    return tuple(kind.choices)


def _settle_only(field: Any, other: Entity) -> None:
    if bool(field.rollup_if) != bool(field.rollup_values):
        raise Refused(_("Give both: the field, and its values."), field="rollup_values")
    if not field.rollup_if:
        return
    known = _called(other, field.rollup_if, "rollup_if")
    if known.kind.name not in ASKED:
        raise Refused(_("Choose a field with options, or a yes or no."), field="rollup_if")
    try:
        parsed = [known.kind.parse(line.strip(), Place()) for line in field.rollup_values.splitlines() if line.strip()]
    except Bad as bad:
        raise Refused(str(bad), field="rollup_values") from bad
    field.rollup_if = known.name
    field.rollup_values = "\n".join(dict.fromkeys(_word(each) for each in parsed))


def _word(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _called(other: Entity, name: str | None, at: str) -> Field:
    """The field of this name, key or label."""
    called = fold(name or "")
    found = [each for each in other.every.values() if called in (each.name, each.key, fold(str(each.label)))]
    if not called or not found:
        raise Refused(_("%(entity)s have no field of this name.") % {"entity": other.label_plural}, field=at)
    return found[0]
