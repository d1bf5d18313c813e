"""What belongs to a party: points, addresses, roles and links on its card; its org chart and its map."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.parties import queries
from rapport.platform import db
from rapport.platform.actor import current
from rapport.records import kinds, read, registry, write
from rapport.records.api import asked
from rapport.records.entity import Field
from rapport.records.errors import NotFound
from rapport.records.kinds.phones import spaced_phone
from rapport.records.layout import fits
from rapport.records.operation import operation
from rapport.records.read import Query
from rapport.shell import nav
from rapport.shell.views import facts, ring
from rapport.shell.views.frame import context, is_fragment, page, render, toast

PARTS = {"contact-points": 20, "addresses": 12, "party-roles": 26}
SHOWN_LINKS = 12
PHONES = ("phone", "mobile", "fax")


def of_party(key: str, editable: bool) -> dict[str, Any]:
    """The panels of a party's card."""
    points = registry.get("contact_point").every
    found: dict[str, Any] = {
        "can_add_parts": editable, "point_kinds": _choices(points["kind"]), "point_labels": _choices(points["label"])
    }  # fmt: skip
    for plural, most in PARTS.items():
        entity = registry.at(plural)
        if current().may(entity.key, "view"):
            query = Query(entity, limit=most, sort=("created_at",), expand=True)
            query.where.append(("t.party_id = %s", [db.key(key)]))
            found[entity.key] = [_part(entity, row, editable) for row in read.page(query).items()]
    found["links"] = _links(key)
    return found


def _choices(known: Field) -> list[tuple[str, str]]:
    kind: Any = known.kind
    return [(value, str(label)) for value, label in kind.choices]


@page
@require_GET
def beside(request: HttpRequest, key: str) -> HttpResponse:
    """Contact points, addresses, roles and links, beside the card or as a page."""
    entity, known = registry.get("party"), asked.key(key)
    record = orjson.loads(read.one(entity, known, fields=("name", "kind", "owner", "team"), expand=True))
    editable = facts.rights(entity, record)["change"]
    values = context(request, record["name"], record=record, base=entity.url(known), **of_party(known, editable))
    return render(request, "shell/party_parts.jinja", values, block="parts" if is_fragment(request) else None)


def _part(entity: Any, row: dict[str, Any], editable: bool) -> dict[str, Any]:
    """A part as its panel shows it: every choice in words, the editable ones as cells."""
    shown = {
        name: facts.fact(known, row, editable) for name, known in entity.fields.items() if name in row and name != "id"
    }
    base = entity.url(row["id"])
    value = row.get("value")
    odd = False
    if value and row.get("kind") in (*PHONES, "whatsapp"):
        odd, value = value[:1] == "+" and not kinds.is_assigned(value), spaced_phone(value)
    return {**row, "base": base, "cells": shown, "said": value, "href": _href(row), "odd": odd}


def _href(row: dict[str, Any]) -> str | None:
    """Where a contact point leads when it is clicked."""
    kind, value = row.get("kind"), row.get("value")
    if kind == "email":
        return f"mailto:{value}"
    if kind in PHONES:
        return f"tel:{str(value).partition(';')[0]}"
    if kind == "web":
        return str(value)
    names = {"telegram": "https://t.me/", "whatsapp": "https://wa.me/", "instagram": "https://instagram.com/"}
    return names[kind] + str(value).lstrip("@+").replace(" ", "") if kind in names else None


def _links(key: str) -> list[dict[str, Any]]:
    """Links from this party's point of view; who works here has a panel of its own."""
    found = [link for link in queries.links([key], limit=60) if link.kind != "works_at"]
    seen = queries.named(link.other for link in found)
    shown = [
        {"id": link.id, "words": link.words, "title": link.title, "party": seen[link.other]}
        for link in found
        if link.other in seen
    ]
    return shown[:SHOWN_LINKS]


@page
@require_POST
def add_point(request: HttpRequest, key: str) -> HttpResponse:
    """A contact point written on the card."""
    party = asked.key(key)
    values = {name: request.POST.get(name, "").strip() or None for name in ("kind", "value", "label")}
    with operation() as done:
        write.create(registry.get("contact_point"), {"party": party, **values})
    return _told(request, f"/parties/{party}", _("Added"), done.id)


@page
@require_POST
def make_primary(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """Let a point or an address be the party's own."""
    return _on_part(request, plural, key, lambda entity, part: write.change(entity, part, {"is_primary": True}))


@page
@require_POST
def remove(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """Put a point, an address or a link into the bin."""
    return _on_part(request, plural, key, write.put_in_bin)


def _on_part(request: HttpRequest, plural: str, key: str, deed: Any) -> HttpResponse:
    entity, part = registry.at(plural), asked.key(key)
    if not entity.part_of:
        raise NotFound(f"{entity.plural} are part of nothing.")
    with operation() as done:
        record = deed(entity, part)
    whole = getattr(record, entity.field(entity.part_of).attname)
    words = _("Removed") if record.binned_at else _("Primary now")
    return _told(request, entity.whole.url(whole), words, done.id)


def _told(request: HttpRequest, url: str, words: str, undo: str) -> HttpResponse:
    if not is_fragment(request):
        return HttpResponseRedirect(url)
    return toast(HttpResponse(status=200), words, undo=undo, changed=True)


@page
@require_GET
def org_chart(request: HttpRequest, key: str) -> HttpResponse:
    """The people of an organisation by who leads whom."""
    party = _head(key)
    values = context(
        request,
        _("Org chart of %(name)s") % {"name": party["name"]},
        party=party,
        chart=queries.chart(party["id"]),
        list=_list(party),
    )
    return render(request, "shell/org_chart.jinja", values)


@page
@require_GET
def relation_map(request: HttpRequest, key: str) -> HttpResponse:
    """The parties around one, to two hops."""
    party = _head(key)
    found = queries.around(party["id"])
    title = _("Relations of %(name)s") % {"name": party["name"]}
    values = context(request, title, party=party, around=found, drawn=ring.drawn(found), list=_list(party))
    return render(request, "shell/relation_map.jinja", values)


def _list(party: dict[str, Any]) -> dict[str, str]:
    """The list that a party belongs to, which the navigation marks."""
    entity = registry.get("party")
    view = next(each for each in entity.lists.values() if fits(each.new, party))
    return {"url": nav.address(entity, view)}


def _head(key: str) -> dict[str, Any]:
    fields = ("name", "kind", "owner", "company", "title")
    entity = registry.get("party")
    return dict(orjson.loads(read.one(entity, asked.key(key), fields=entity.seen(fields), expand=True)))
