"""Organisations and people: the list and the card."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.identity.organisation import organisation
from rapport.records import read, registry, scope, search_read, totals, write
from rapport.records.api import asked
from rapport.records.errors import Problem
from rapport.records.kinds.texts import spaced_phone
from rapport.records.read import Query
from rapport.sales import queries as sales
from rapport.shell.views import facts, forms, relations, timelines
from rapport.shell.views.frame import context, is_fragment, page, render, with_query

LIST = (
    "kind",
    "name",
    "roles",
    "industry",
    "address",
    "email",
    "phone",
    "title",
    "company",
    "owner",
    "last_contact_at",
    "version",
)
SORTS = ("name", "last_contact_at", "created_at")
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
COUNTED = 10_000
FOUND = 200
# The card offers every role; a new party is mostly one of the first.
OFTEN = 4


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A party as the templates take it: the primary address beside the rest."""
    shown = {"phone_shown": spaced_phone(row["phone"])} if row.get("phone") else {}
    return {**row, **(row.get("address") or {}), **shown}


@page
@require_http_methods(["GET"])
def listed(request: HttpRequest) -> HttpResponse:
    """The list of organisations or of people."""
    kind = "person" if request.GET.get("kind") == "person" else "organisation"
    q, owner, sort = (
        request.GET.get("q", "").strip(),
        request.GET.get("owner", ""),
        request.GET.get("sort", ""),
    )
    sort = sort if sort.removeprefix("-") in SORTS else "name"
    entity = registry.get("party")
    query = Query(entity, fields=LIST, sort=(sort,), after=request.GET.get("after"), expand=True)
    query.where.append(("t.kind = %s", [kind]))
    if owner == "me":
        query.where.append(("t.owner_id = %s", [db.key(current().id)]))
    if q:
        found = [hit.id for hit in search_read.search(q, entities=("party",), limit=FOUND)]
        query.where.append((f"t.id IN ({', '.join(['%s'] * len(found)) or 'NULL'})", [db.key(key) for key in found]))
    found_page = read.page(query)
    count, estimated = (None, False) if query.after else _count(query, kind, plain=not q and not owner)
    mine = {"label": _("Owner"), "op": _("is"), "value": _("me")}
    me_url, all_url = with_query(request, owner="me", kind=kind), with_query(request, owner=None, kind=kind)
    values = context(
        request, _("People") if kind == "person" else _("Organisations"), kind=kind, q=q, sort=sort, owner=owner,
        rows=[_flat(row) for row in found_page.items()], after=query.after,
        next_url=with_query(request, after=found_page.next, kind=kind) if found_page.next else None,
        sorts={name: with_query(request, sort=name if sort != name else f"-{name}", kind=kind) for name in SORTS},
        filters=[{**mine, "remove_url": all_url}] if owner == "me" else [],
        filter_menu=[] if owner == "me" else [{"label": _("Owner is me"), "url": me_url, "icon": "user-round"}],
    )  # fmt: skip
    if count is not None:
        values |= {"count": count, "estimated": estimated}
    return render(request, "shell/party_list.jinja", values, block="rows" if is_fragment(request) else None)


def _count(query: Query, kind: str, plain: bool) -> tuple[int, bool]:
    """How many there are: kept for the plain list, counted up to a limit for a filtered one."""
    if plain:
        column = totals.column_of(kind)
        return sum(held.count for held in totals.kept(query.entity, current()) if held.column == column), False
    counted = read.count(query, most=COUNTED + 1)
    return min(counted, COUNTED), counted > COUNTED


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
        people=_people(key) if record["kind"] == "organisation" else [], **relations.of_party(key, editable), **more,
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
