"""Organisations and people: the list and the card."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import current
from rapport.records import read, registry, search_read, totals
from rapport.records.kinds.texts import spaced_phone
from rapport.records.read import Query
from rapport.shell.views.frame import context, is_fragment, render, with_query

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
COUNTED = 10_000
FOUND = 200


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A party as the templates take it: the primary address beside the rest."""
    shown = {"phone_shown": spaced_phone(row["phone"])} if row.get("phone") else {}
    return {**row, **(row.get("address") or {}), **shown}


def listed(request: HttpRequest) -> HttpResponse:
    """The list of organisations or of people."""
    asked_for = {request.GET.get("view"), request.GET.get("kind")}
    kind = "person" if asked_for & {"people", "person"} else "organisation"
    view = "people" if kind == "person" else None
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
    me_url, all_url = with_query(request, owner="me", view=view), with_query(request, owner=None, view=view)
    values = context(
        request, _("People") if kind == "person" else _("Organisations"), kind=kind, q=q, sort=sort, owner=owner,
        rows=[_flat(row) for row in found_page.items()], after=query.after,
        next_url=with_query(request, after=found_page.next, view=view) if found_page.next else None,
        sorts={name: with_query(request, sort=name if sort != name else f"-{name}", view=view) for name in SORTS},
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
