"""Forms for new records: fields from the entity, errors at the field, what was typed kept."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rapport.platform.actor import current
from rapport.platform.identity import snapshot
from rapport.platform.identity.organisation import organisation
from rapport.platform.money import CURRENCIES
from rapport.records import kinds, registry, rows, tagging
from rapport.records.entity import Entity, Field
from rapport.records.errors import Problem
from rapport.records.intake import queue_named
from rapport.records.kinds.moments import local_input
from rapport.ui import formats
from rapport.ui.countries import NAMES

# The control of each kind in the templates.
CONTROLS = {
    "text": "text", "long_text": "long", "filter": "long", "email": "email", "phone": "phone", "url": "url",
    "choice": "choice",
    "multi_choice": "checks", "number": "number", "money": "money", "date": "date", "moment": "moment",
    "relation": "relation", "about": "relation", "tags": "tags", "country": "country", "currency": "choice",
    "yes_no": "choice", "decimal": "number", "amount": "number",
}  # fmt: skip
REMEMBERED = 20_000
COMMON_CURRENCIES = (
    "USD",
    "EUR",
    "GBP",
    "CHF",
    "JPY",
    "KZT",
    "UZS",
    "AZN",
    "PHP",
    "RUB",
    "CNY",
    "INR",
    "PLN",
)


def currencies() -> list[tuple[str, str]]:
    """Currency options: the organisation's own, the common ones, then all."""
    first = [organisation().base_currency, *COMMON_CURRENCIES]
    return [(code, code) for code in dict.fromkeys([*first, *sorted(CURRENCIES)])]


@lru_cache(maxsize=32)
def _countries(_language: str | None) -> list[tuple[str, str]]:
    return sorted(((code, formats.country(code)) for code in NAMES), key=lambda each: each[1])


def control(known: Field, owner: Entity | None = None, **more: Any) -> dict[str, Any]:
    """A field as the form component takes it; ``owner``: whose field it is, where that narrows what it offers."""
    # A card asks for some forty. The field is kept beside its control, so that its id is no other's.
    set_up = snapshot.held().mark  # on which objects and currencies there are
    mark = (id(known), owner.key if owner else "", formats.language(), set_up)
    held, found = _fixed.get(mark, (None, {}))
    if held is not known:
        found = _described(known, owner)
        if len(_fixed) >= REMEMBERED:
            _fixed.clear()
        _fixed[mark] = known, found
    if isinstance(known.kind, kinds.TagsKind):
        tags = [(tag.name, tag.name) for tag in tagging.visible(current())]
        return {**found, "options": tags, "create": current().may("tag", "add"), **more}
    return {**found, **more}


_fixed: dict[tuple[Any, ...], tuple[Field, dict[str, Any]]] = {}


def _described(known: Field, owner: Entity | None) -> dict[str, Any]:
    """What does not depend on the reader but for his language."""
    found: dict[str, Any] = {
        "name": known.name, "label": known.heading, "kind": CONTROLS[known.kind.name],
        "required": known.required, "help": known.help,
    }  # fmt: skip
    kind = known.kind
    if isinstance(kind, kinds.ChoiceKind):
        found["options"] = [(value, str(label)) for value, label in kind.choices]
    if isinstance(kind, kinds.MoneyKind):
        found |= {"currencies": currencies(), "currency_name": known.money_currency}
    if isinstance(kind, kinds.YesNoKind):
        found["options"] = [("true", _("Yes")), ("false", _("No"))]
    if isinstance(kind, kinds.CountryKind):
        found["options"] = _countries(get_language())
    if isinstance(kind, kinds.CurrencyKind):
        found["options"] = currencies()
    if known.relation:
        of = f"?of={owner.key}.{known.name}" if owner else ""
        found["relation"] = registry.get(known.relation).plural + of
    elif isinstance(kind, kinds.AboutKind):
        found["relation"] = "about"
    return found


def posted(request: HttpRequest, names: Sequence[str], entity: Entity) -> dict[str, Any]:
    """What the form says, by field name; several values of a multiple choice as a list."""
    found: dict[str, Any] = {}
    for name in names:
        if isinstance(entity.fields[name].kind, kinds.MultiChoiceKind | kinds.TagsKind):
            found[name] = request.POST.getlist(name)
        elif name in request.POST:
            found[name] = typed(entity.fields[name], request.POST[name])
    return found


def typed(known: Field, text: str) -> str:
    """What was typed into a control; a moment without a zone is meant where the person is."""
    text = text.strip()
    if not isinstance(known.kind, kinds.MomentKind) or not text:
        return text
    try:
        return local_input(text, current().time_zone).isoformat()
    except ValueError:
        return text


def called(entity: Entity, record: Any) -> str:
    """What people call a record; one named by a choice by that choice's word."""
    title, kind = entity.title_of(record), entity.fields[entity.title].kind
    return str(kind.label(title)) if isinstance(kind, kinds.ChoiceKind) else title


def errors_of(problem: Problem) -> dict[str, list[str]]:
    """The messages of a Problem by field; those of no field under ''."""
    found: dict[str, list[str]] = {}
    for each in problem.errors:
        found.setdefault(each["field"], []).append(each["message"])
    return found or {"": [problem.detail]}


def form(
    action: str,
    fields: list[dict[str, Any]],
    values: Mapping[str, Any],
    errors: Mapping[str, list[str]] | None = None,
) -> dict[str, Any]:
    """The form component's argument; relations show their title."""
    shown = dict(values)
    for each in fields:
        if each["kind"] == "relation" and isinstance(shown.get(each["name"]), str) and shown[each["name"]]:
            shown[each["name"]] = titled(each["relation"], shown[each["name"]])
    shown.setdefault("currency", organisation().base_currency)
    return {"action": action, "fields": fields, "values": shown, "errors": dict(errors or {})}


def _named(relation: str, value: str) -> tuple[Entity, str]:
    """The entity and id that a control's value means: ``parties?of=…`` and an id, or ``about`` and entity:id."""
    if relation == "about":
        key, _colon, record = value.partition(":")
        return registry.get(key), record
    return registry.at(relation.partition("?")[0]), value


def titled(plural: str, value: str) -> dict[str, str]:
    """A relation's value with its title, as far as the reader may know it."""
    if key := queue_named(value):
        return {"id": value, "title": snapshot.held().queues.get(key, key)}
    try:
        entity, key = _named(plural, value)
        return {"id": value, "title": entity.title_of(rows.load(entity, key, current()))}
    except (Problem, KeyError):
        return {"id": value, "title": value}


def done(request: HttpRequest, url: str) -> HttpResponse:
    """Go to the new record: a redirect that htmx follows too."""
    if "HX-Request" in request.headers:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url)
