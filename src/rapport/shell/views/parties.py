"""Organisations and people: the form and the card."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.identity.organisation import organisation
from rapport.records import read, registry, scope, write
from rapport.records.api import asked
from rapport.records.errors import Problem
from rapport.records.kinds.texts import spaced_phone
from rapport.records.read import Query
from rapport.sales import queries as sales
from rapport.shell.views import facts, forms, timelines
from rapport.shell.views.frame import context, is_fragment, page, render

NEW = {
    "organisation": (
        "name", "roles", "email", "phone", "website", "industry", "address.street", "address.postcode", "address.city",
        "address.country", "owner", "description",
    ),
    "person": (
        "given_name", "family_name", "company", "title", "email", "phone", "roles", "address.city", "address.country",
        "owner", "description",
    ),
}  # fmt: skip
# The card offers every role; a new party is mostly one of the first.
OFTEN = 4


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A party as the templates take it: the primary address beside the rest."""
    shown = {"phone_shown": spaced_phone(row["phone"])} if row.get("phone") else {}
    return {**row, **(row.get("address") or {}), **shown}


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new organisation or person."""
    entity = registry.get("party")
    scope.level(entity, current(), "add")
    given = request.POST if request.method == "POST" else request.GET
    kind = "person" if given.get("kind") == "person" else "organisation"
    fields = [forms.control(entity.fields[name]) for name in NEW[kind]]
    fields[0]["autofocus"] = True
    roles = next(field for field in fields if field["name"] == "roles")
    roles["options"] = roles["options"][:OFTEN]
    if kind == "person":
        fields[0]["required"] = True
    fields.append({"name": "kind", "kind": "hidden", "label": ""})
    values: dict[str, Any] = {name: request.GET[name] for name in (*NEW[kind], "kind") if name in request.GET}
    values |= {"kind": kind, "owner": current().id}
    if "name" in request.GET and kind == "person":
        given_name, _space, family = request.GET["name"].rpartition(" ")
        values |= {"given_name": given_name or family, "family_name": family if given_name else ""}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        values = forms.posted(request, (*NEW[kind], "kind"), entity)
        try:
            party = write.create(entity, {name: value for name, value in values.items() if value not in ("", [])})
            return forms.done(request, entity.url(party.id))
        except Problem as problem:
            errors = forms.errors_of(problem)
            if kind == "person" and "name" in errors:
                errors["given_name"] = errors.pop("name")
    title = _("New person") if kind == "person" else _("New organisation")
    made = context(request, title, kind=kind, form=forms.form("/parties/new", fields, values, errors))
    block = "form" if is_fragment(request) else None
    return render(request, "shell/party_form.jinja", made, block=block, status=422 if errors else 200)


def card_of(request: HttpRequest, key: str, **more: Any) -> dict[str, Any]:
    entity = registry.get("party")
    record = orjson.loads(read.one(entity, key, expand=True))
    actor = current()
    owner, team = (record[name]["id"] if record[name] else None for name in ("owner", "team"))
    editable = scope.holds(entity, actor, "change", owner, team)
    channel = request.GET.get("channel", "")
    count, base, items = sales.open_deals(key) if actor.may("deal", "view") else (0, 0, [])
    deals = {
        "count": count,
        "sum": sales.money(base),
        "currency": organisation().base_currency,
        "items": items,
    }
    return context(
        request, record["name"], party=_flat(record), sections=facts.sections(entity, record, editable),
        timeline=timelines.timeline(entity, key, channel=channel), open_deals=deals,
        people=_people(key) if record["kind"] == "organisation" else [], **more,
    )  # fmt: skip


def _people(key: str) -> list[dict[str, Any]]:
    """Who works there."""
    query = Query(registry.get("party"), fields=("name", "title"), sort=("name",), limit=12, ordered=True)
    query.where.append(("t.company_id = %s", [db.key(key)]))
    return read.page(query).items()


@page
@require_GET
def card(request: HttpRequest, key: str) -> HttpResponse:
    """Everything about a party on one screen; ?peek=1 the preview beside the list."""
    values = card_of(request, asked.key(key))
    block = "peek" if request.GET.get("peek") else "card"
    return render(request, "shell/party_card.jinja", values, block=block if is_fragment(request) else None)
