"""The facts of a record in sections, and the editor of one of them."""

import datetime as dt
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.platform.actor import current
from rapport.platform.clock import now
from rapport.platform.identity.organisation import organisation
from rapport.records import Section, kinds, read, registry, scope, sourcing, tagging, timeline_read, write
from rapport.records.api import asked
from rapport.records.entity import Entity, Field
from rapport.records.errors import Problem, Stale
from rapport.records.intake import QUEUE
from rapport.records.kinds.phones import spaced_phone
from rapport.records.layout import fits
from rapport.records.layouts.arranging import Arrangement
from rapport.records.queues.taking import waits_in
from rapport.records.territories.rules import RuleKind
from rapport.shell import placing, queues
from rapport.shell.views import derived, forms, origin
from rapport.shell.views.frame import context, is_fragment, page, render, toast
from rapport.ui import formats

# Whom one knows by a picture; other records are named only.
FACED = ("party", "user", "team")
HOUR = 3600


def rights(entity: Entity, record: dict[str, Any]) -> dict[str, bool]:
    """What the reader may do with a record as read with titles: what its card offers, and nothing it refuses."""
    actor = current()
    owner, team = (record[name]["id"] if record.get(name) else None for name in ("owner", "team"))
    by_role = scope.holds(entity, actor, "change", owner, team, record["id"], given=False)
    return {
        "change": by_role or scope.holds(entity, actor, "change", owner, team, record["id"]),
        "delete": entity.is_record and scope.holds(entity, actor, "delete", owner, team, record["id"], given=False),
        "share": by_role and entity.is_shareable,
        "log": actor.may("interaction", "add"),
        **queues.offers(entity, record),
    }


def sections(entity: Entity, record: dict[str, Any], editable: bool) -> list[dict[str, Any]]:
    """The facts of a record for the card, laid out as the reader has it, each with where it comes from.

    The title stands in the head; what is not known is gathered under ``empty``.
    """
    said = sourcing.said_of(entity, record["id"], seen=True)
    found: list[dict[str, Any]] = []
    for label, section in _laid_out(entity.arranged, formats.language()):
        if not fits(section.only, record):
            continue
        fields = [
            origin.of(said.get(name), None) | fact(entity.fields[name], record, editable, entity)
            for name in section.fields
            if name != entity.title and fits(dict(entity.fields[name].only), record) and not placing.idle(entity, name)
        ]
        known, empty = [each for each in fields if not is_empty(each)], [each for each in fields if is_empty(each)]
        if found and found[-1]["label"] == label:  # one heading, asked under several conditions
            found[-1]["fields"] += known
            found[-1]["empty"] += empty
        else:
            found.append({"label": label, "fields": known, "empty": empty})
    return found


@lru_cache(maxsize=512)
def _laid_out(arranged: Arrangement, _language: str) -> tuple[tuple[str, Section], ...]:
    """The sections of a card with their headings; what the record itself is called says the head."""
    own = arranged.entity.label
    return tuple(("" if each.label == own else str(each.label), each) for each in arranged.sections)


def is_empty(shown: dict[str, Any]) -> bool:
    """True for a fact that says nothing: no value, or the choice that means none."""
    return shown["value"] in (None, "", []) or (shown["kind"] == "choice" and shown["value"] == "none")


def title(entity: Entity, record: dict[str, Any], editable: bool) -> dict[str, Any]:
    """The title as the head of the card shows it, editable in its place."""
    found = fact(entity.fields[entity.title], record, editable, entity)
    return found | {"heading": True, "shown": found.get("shown") or found["value"] or str(entity.label)}


def value_of(record: dict[str, Any], name: str) -> Any:
    """A field of a record as read, nested or not."""
    group, dot, part = name.partition(".")
    return (record.get(group) or {}).get(part) if dot else record.get(name)


def fact(known: Field, record: dict[str, Any], editable: bool, owner: Entity | None = None) -> dict[str, Any]:
    """One fact as the cell component takes it."""
    value = value_of(record, known.name)
    found = forms.control(
        known, owner, value=value, editable=editable and not known.read_only, currency=record.get("currency")
    )
    if isinstance(known.kind, kinds.TagsKind):
        found["shown"] = tagging.dressed(value or [], current())
    elif isinstance(known.kind, kinds.MultiChoiceKind):
        found["shown"] = ", ".join(known.kind.label(each) for each in value or [])
    elif isinstance(known.kind, kinds.ChoiceKind):
        found["shown"] = known.kind.label(value)
    elif isinstance(known.kind, kinds.CountryKind):
        found["shown"] = formats.country(value) or None
    elif isinstance(known.kind, kinds.PhoneKind):
        found["shown"] = spaced_phone(value) if value else None
    elif isinstance(known.kind, kinds.NumberKind | kinds.DecimalKind) and known.kind.unit and value is not None:
        found["shown"] = f"{formats.number(value)}\N{NO-BREAK SPACE}{known.kind.unit}"
    elif isinstance(known.kind, kinds.AmountKind):
        found["shown"] = formats.money(value, known.kind.currency) or None
    elif isinstance(known.kind, kinds.YesNoKind) and value is not None:
        found["shown"] = _("Yes") if value else _("No")
    elif isinstance(known.kind, kinds.MomentKind):
        found["shown"] = _moment(value) if value else None
    if known.name in derived.BY_FIELD and value is not None:
        found["shown"] = derived.BY_FIELD[known.name](value, record)
    if isinstance(known.kind, RuleKind) and value:
        found["shown"] = placing.in_words(value)
    if known.relation == "territory" and owner is not None and value:
        found["origin"] = placing.why(owner, record)
    if known.name == "owner" and isinstance(record.get("team"), dict) and waits_in(value, record["team"]["id"]):
        found |= {"value": {**record["team"], "id": f"{QUEUE}{record['team']['id']}"}, "waits": True}
    elif known.relation and isinstance(value, dict):
        found["url"] = registry.get(known.relation).url(value["id"])
        found["faced"] = known.relation in FACED
    return found


def _moment(value: str) -> str:
    """The day and the hour; what has only just been by how long ago."""
    seconds = (now() - dt.datetime.fromisoformat(value)).total_seconds()
    return formats.ago(value) if 0 <= seconds < HOUR else formats.due(value)


@page
@require_http_methods(["GET", "POST"])
def field(request: HttpRequest, plural: str, key: str, name: str) -> HttpResponse:
    """The editor of one field; POST saves it."""
    entity, record_id = registry.at(plural), asked.key(key)
    known = entity.field(name)
    if request.method == "POST":
        return _save(request, entity, record_id, known)
    since = request.GET.get("since", "")
    if since.isdecimal():
        return _told(request, entity, record_id, known, int(since))
    record = orjson.loads(read.one(entity, record_id, expand=True))
    block = "shown" if request.GET.get("show") else "editor"
    if block == "editor" and (known.guarded or not rights(entity, record)["change"]):
        scope.refuse(entity, "change")
    return _editor(request, entity, record, known, block=block)


def _save(request: HttpRequest, entity: Entity, key: str, known: Field) -> HttpResponse:
    many = isinstance(known.kind, kinds.MultiChoiceKind | kinds.TagsKind)
    value: Any = request.POST.getlist("value") if many else forms.typed(known, request.POST.get("value", ""))
    values = {known.name: value}
    if known.money_currency and request.POST.get("currency"):
        values[known.money_currency] = request.POST["currency"]
    if source := request.POST.get("source", "").strip():
        values["sources"] = {known.name: {"source": source, "as_of": request.POST.get("as_of") or None}}
    version = request.POST.get("version", "")
    try:
        record, operation = _write(entity, key, values, int(version) if version.isdecimal() else None)
    except Stale:
        return _clash(request, entity, key, known, value)
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        found = forms.errors_of(problem)
        messages = found.get(known.name) or [message for each in found.values() for message in each]
        record = orjson.loads(read.one(entity, key, expand=True))
        return _editor(request, entity, record, known, status=422, error=messages, typed=value)
    fresh = orjson.loads(read.one(entity, record.id, expand=True))
    told = "sources" in values
    response = _editor(request, entity, fresh, known, block="shown")
    if operation is None:
        return toast(response, _("Source noted"), changed=True) if told else response
    label = known.heading
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


def _told(request: HttpRequest, entity: Entity, key: str, known: Field, since: int) -> HttpResponse:
    """For an open editor: did somebody change this very field since ``version``? 204 when nobody did."""
    if not any(change["version"] > since for change in _changes(entity, key, known)):
        return HttpResponse(status=204)
    record = orjson.loads(read.one(entity, key, expand=True))
    return _editor(request, entity, record, known, block="told", clash=_theirs(entity, key, known, record))


def _changes(entity: Entity, key: str, known: Field) -> list[dict[str, Any]]:
    """The newest changes that touched a field."""
    entries = timeline_read.changes(entity, key).entries
    return [one for one in entries if known.name in (one["after"] or {}) or known.name in (one["before"] or {})]


def _clash(request: HttpRequest, entity: Entity, key: str, known: Field, typed: Any) -> HttpResponse:
    """Somebody changed the same field meanwhile: both values are shown, nothing typed is lost."""
    record = orjson.loads(read.one(entity, key, expand=True))
    clash = _theirs(entity, key, known, record)
    return _editor(request, entity, record, known, status=412, typed=typed, clash=clash)


def _theirs(entity: Entity, key: str, known: Field, record: dict[str, Any]) -> dict[str, Any]:
    """Who changed a field last, and to what."""
    last = next(iter(_changes(entity, key, known)), None)
    theirs = fact(known, record, True)
    by = last["actor"]["title"] if last and last["actor"] else _("Somebody")
    shown = None if known.kind.name == "tags" else theirs.get("shown")
    return {"by": by, "shown": shown, "value": _plain(theirs["value"])}


def _plain(value: Any) -> Any:
    return value["title"] if isinstance(value, dict) else ", ".join(value) if isinstance(value, list) else value


def _editor(
    request: HttpRequest, entity: Entity, record: dict[str, Any], known: Field, *, block: str = "editor",
    status: int = 200, error: list[str] | None = None, typed: Any = None, clash: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    shown = fact(known, record, rights(entity, record)["change"], entity)
    said, set_by = sourcing.said_of(entity, record["id"], seen=True), sourcing.known_of(entity, record["id"])
    shown |= origin.of(said.get(known.name), set_by.get(known.name))
    if block == "shown" and known.name == entity.title and _on_card(request, entity.url(record["id"])):
        shown |= title(entity, record, shown["editable"])
    if typed is not None:
        shown["value"] = forms.titled(shown["relation"], typed) if shown["kind"] == "relation" and typed else typed
    values = context(
        request, shown["label"], entity=entity.plural, id=record["id"], field=shown, version=record["version"],
        error=error, clash=clash, record_title=record.get(entity.title), currency=organisation().base_currency,
    )  # fmt: skip
    return render(request, "shell/field.jinja", values, block=block if is_fragment(request) else None, status=status)


def _on_card(request: HttpRequest, url: str) -> bool:
    """True when the field is edited on its own card, where the title is the heading."""
    return urlsplit(request.headers.get("HX-Current-URL", "")).path == url
