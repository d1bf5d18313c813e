"""The facts of a record in sections, and the editor of one of them."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rapport.platform.actor import current
from rapport.platform.identity.organisation import organisation
from rapport.records import kinds, read, registry, scope, tagging, timeline_read, write
from rapport.records.api import asked
from rapport.records.entity import Entity, Field
from rapport.records.errors import Forbidden, Problem, Stale
from rapport.records.kinds.texts import spaced_phone
from rapport.shell.views import forms
from rapport.shell.views.frame import context, is_fragment, page, render, toast
from rapport.ui import formats

SECTIONS: dict[str, list[tuple[Any, tuple[str, ...]]]] = {
    "party": [
        (gettext_lazy("Contact"), (
            "email", "phone", "website", "address.street", "address.postcode", "address.city", "address.region",
            "address.country", "language",
        )),
        (gettext_lazy("Profile"), (
            "kind", "roles", "company", "title", "given_name", "family_name", "industry", "employees",
            "annual_revenue", "description",
        )),
        (gettext_lazy("Relationship"), ("owner", "tags", "last_contact_at", "external_id")),
    ],
    "deal": [
        (gettext_lazy("Deal"), ("name", "party", "amount", "probability", "owner", "tags")),
        (gettext_lazy("Dates"), ("opened_on", "close_on", "closed_on")),
        (gettext_lazy("Outcome"), ("status", "lost_reason", "external_id")),
    ],
}  # fmt: skip
ONLY = {
    "person": {"company", "title", "given_name", "family_name"},
    "organisation": {"industry", "employees", "annual_revenue"},
}


def rights(entity: Entity, record: dict[str, Any]) -> dict[str, bool]:
    """What the reader may do with a record as read with titles: what its card offers, and nothing it refuses."""
    actor = current()
    owner, team = (record[name]["id"] if record.get(name) else None for name in ("owner", "team"))
    by_role = scope.holds(entity, actor, "change", owner, team)
    return {
        "change": by_role or scope.holds(entity, actor, "change", owner, team, record["id"]),
        "share": by_role and entity.is_shareable,
        "log": actor.may("interaction", "add"),
    }


def sections(entity: Entity, record: dict[str, Any], editable: bool) -> list[dict[str, Any]]:
    """The facts of a record for the card."""
    other = ONLY.get("organisation" if record.get("kind") == "person" else "person", set())
    hidden = other if entity.key == "party" else set()
    return [
        {
            "label": str(label),
            "fields": [fact(entity.fields[name], record, editable) for name in names if name not in hidden],
        }
        for label, names in SECTIONS[entity.key]
    ]


def value_of(record: dict[str, Any], name: str) -> Any:
    """A field of a record as read, nested or not."""
    group, dot, part = name.partition(".")
    return (record.get(group) or {}).get(part) if dot else record.get(name)


def fact(known: Field, record: dict[str, Any], editable: bool) -> dict[str, Any]:
    """One fact as the cell component takes it."""
    value = value_of(record, known.name)
    found = forms.control(
        known, value=value, editable=editable and not known.read_only, currency=record.get("currency")
    )
    if isinstance(known.kind, kinds.TagsKind):
        found["shown"] = tagging.dressed(value or [], current())
    elif isinstance(known.kind, kinds.MultiChoiceKind):
        found["shown"] = ", ".join(known.kind.label(each) for each in value or [])
    elif isinstance(known.kind, kinds.ChoiceKind):
        found["shown"] = known.kind.label(value)
    elif isinstance(known.kind, kinds.PhoneKind):
        found["shown"] = spaced_phone(value) if value else None
    elif known.name == "probability" and value is not None:
        found["shown"] = f"{value} %"
    elif isinstance(known.kind, kinds.MomentKind):
        found["shown"] = formats.ago(value) if value else None
    if known.kind.name == "currency":
        found["options"] = forms.currencies()
    if known.relation and value:
        found["url"] = registry.get(known.relation).url(value["id"]) if known.relation in ("party", "deal") else None
    return found


@page
@require_http_methods(["GET", "POST"])
def field(request: HttpRequest, plural: str, key: str, name: str) -> HttpResponse:
    """The editor of one field; POST saves it."""
    entity, record_id = registry.at(plural), asked.key(key)
    known = entity.field(name)
    if request.method == "POST":
        return _save(request, entity, record_id, known)
    record = orjson.loads(read.one(entity, record_id, expand=True))
    block = "shown" if request.GET.get("show") else "editor"
    if block == "editor" and not rights(entity, record)["change"]:
        scope.refuse(entity, "change")
    return _editor(request, entity, record, known, block=block)


def _save(request: HttpRequest, entity: Entity, key: str, known: Field) -> HttpResponse:
    many = isinstance(known.kind, kinds.MultiChoiceKind | kinds.TagsKind)
    value: Any = request.POST.getlist("value") if many else request.POST.get("value", "")
    values = {known.name: value}
    if known.money_currency and request.POST.get("currency"):
        values[known.money_currency] = request.POST["currency"]
    version = request.POST.get("version", "")
    try:
        record, operation = _write(entity, key, values, int(version) if version.isdecimal() else None)
    except Stale:
        return _clash(request, entity, key, known, value)
    except Forbidden:
        raise
    except Problem as problem:
        found = forms.errors_of(problem)
        messages = found.get(known.name) or [message for each in found.values() for message in each]
        record = orjson.loads(read.one(entity, key, expand=True))
        return _editor(request, entity, record, known, status=422, error=messages, typed=value)
    fresh = orjson.loads(read.one(entity, record.id, expand=True))
    response = _editor(request, entity, fresh, known, block="shown")
    if operation is None:
        return response
    label = str(known.label).capitalize()
    return toast(response, _("%(field)s saved") % {"field": label}, undo=operation, changed=True)


def _write(entity: Entity, key: str, values: dict[str, Any], version: int | None) -> tuple[Any, str | None]:
    """Save, unless somebody changed this very field since ``version``; other fields may have moved on."""
    try:
        return _changed(entity, key, values, version)
    except Stale:
        since = [c for c in timeline_read.changes(entity, key).entries if version is None or c["version"] > version]
        if any(name in (c["after"] or {}) or name in (c["before"] or {}) for c in since for name in values):
            raise
        return _changed(entity, key, values, None)


def _changed(entity: Entity, key: str, values: dict[str, Any], version: int | None) -> tuple[Any, str | None]:
    with write.operation() as done:
        before = write.rows.load(entity, key, current()).version
        if isinstance(values.get("tags"), list):
            for name in tagging.unknown(values["tags"], current()):  # chosen as "Create …"
                write.create(registry.get("tag"), {"name": name})
        record = write.change(entity, key, values, version=version)
        return record, done.id if record.version != before else None


def _clash(request: HttpRequest, entity: Entity, key: str, known: Field, typed: Any) -> HttpResponse:
    """Somebody changed the same field meanwhile: both values are shown, nothing typed is lost."""
    record = orjson.loads(read.one(entity, key, expand=True))
    last = next((c for c in timeline_read.changes(entity, key).entries if known.name in (c["after"] or {})), None)
    theirs = fact(known, record, True)
    by = last["actor"]["title"] if last and last["actor"] else _("Somebody")
    clash = {
        "by": by,
        "shown": None if known.kind.name == "tags" else theirs.get("shown"),
        "value": _plain(theirs["value"]),
    }
    return _editor(request, entity, record, known, status=412, typed=typed, clash=clash)


def _plain(value: Any) -> Any:
    return value["title"] if isinstance(value, dict) else ", ".join(value) if isinstance(value, list) else value


def _editor(
    request: HttpRequest, entity: Entity, record: dict[str, Any], known: Field, *, block: str = "editor",
    status: int = 200, error: list[str] | None = None, typed: Any = None, clash: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    shown = fact(known, record, rights(entity, record)["change"])
    if typed is not None:
        shown["value"] = forms.titled(shown["relation"], typed) if shown["kind"] == "relation" and typed else typed
    values = context(
        request, shown["label"], entity=entity.plural, id=record["id"], field=shown, version=record["version"],
        error=error, clash=clash, record_title=record.get(entity.title), currency=organisation().base_currency,
    )  # fmt: skip
    return render(request, "shell/field.jinja", values, block=block if is_fragment(request) else None, status=status)
