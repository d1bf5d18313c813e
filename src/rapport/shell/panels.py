"""Boxes beside the timeline: what entities contribute to the card of another."""

import json
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.identity import snapshot
from rapport.platform.identity.organisation import organisation
from rapport.records import Entity, Panel, boards, custom, read, registry
from rapport.records.layout import ANY, fits, named_in
from rapport.records.read import Query
from rapport.shell.views import facts
from rapport.ui import formats

MANY = 1000  # so many are counted and summed while somebody waits


def of(entity: Entity, record: dict[str, Any]) -> list[dict[str, Any]]:
    """The panels of a record that the reader may see."""
    actor, laid_out = current(), entity.arranged
    found = [
        _panel(ours, panel, record, entity)
        for ours, panel in laid_out.panels(registry.panels_on(entity.key))
        if actor.may(ours.key, "view") and fits(panel.only, record) and _stands(ours, panel)
    ]
    found = [each for each in found if each["count"] or not each["fleeting"]]
    if laid_out.orders_panels:
        return found
    return sorted(found, key=lambda each: not each["count"])  # what holds something comes first


def _stands(ours: Entity, panel: Panel) -> bool:
    """Whether the actor sees what the panel asks by."""
    asks = {panel.by, panel.sort.removeprefix("-"), *named_in(panel.filter)} - {""}
    return all(name.partition(".")[0] in ours.fields or name in ours.fields for name in asks)


def _panel(ours: Entity, panel: Panel, record: dict[str, Any], entity: Entity) -> dict[str, Any]:
    shown = ours.seen(panel.fields)
    names = dict.fromkeys((ours.title, *shown))
    names |= dict.fromkeys(known.money_currency for name in shown if (known := ours.field(name)).money_currency)
    total = panel.total if panel.total in ours.fields else ""
    query = Query(ours, fields=tuple(names), filter=panel.filter, sort=(panel.sort,), limit=panel.limit)
    query.expand = query.ordered = query.few = True
    by = ours.field(panel.by)
    if panel.on == ANY:
        query.where.append(("t.about_id = %s", [db.key(record["id"])]))
    elif by.mark is None:
        query.where.append((f't."{by.column}" = %s', [db.key(record["id"])]))
    else:
        query.among = custom.pointing(by, [record["id"]])
    page = read.page(query)
    rows = page.items()
    count, summed = len(rows), None
    if rows and total:
        count, summed = read.tally(query, total, MANY + 1)
    elif page.next:
        count = read.count(query, most=MANY + 1)
    return {
        **_words(ours, panel, formats.language(), snapshot.held().mark), "icon": panel.icon or ours.icon,
        "count": min(count, MANY), "many": count > MANY,
        "total": None if summed is None or count > MANY else boards.money(summed),
        "currency": organisation().base_currency, "items": [_item(ours, panel, row) for row in rows],
        "new_url": _new_url(ours, panel, record) if panel.on != ANY and current().may(ours.key, "add") else None,
        "fleeting": panel.on == ANY,
        "all_url": _all_url(ours, panel, record, entity) if page.next else None,
    }  # fmt: skip


def _item(ours: Entity, panel: Panel, row: dict[str, Any]) -> dict[str, Any]:
    boards.dressed(ours, row)
    by = ours.board.by if ours.board else None
    shown = [facts.fact(ours.field(name), row, False) for name in ours.seen(panel.fields) if name != by]
    return {
        "id": row["id"], "title": row[ours.title], "url": ours.url(row["id"]), "step": row["step"],
        "icon": "" if ours.key in facts.FACED else ours.icon,
        "fields": [each for each in shown if each["value"] not in (None, "", [])],
    }  # fmt: skip


@lru_cache(maxsize=512)
def _words(ours: Entity, panel: Panel, _language: str, _set_up: int) -> dict[str, str]:
    """What they are called, and what one of them is: "person" where a panel makes people."""
    one = next((view.one for view in ours.lists.values() if view.new and fits(view.new, panel.new)), ours.label)
    return {"label": str(panel.label), "new_label": str(one)}


def _new_url(ours: Entity, panel: Panel, record: dict[str, Any]) -> str:
    return f"/{ours.plural}/new?{urlencode({**panel.new, panel.by: record['id']})}"


def _all_url(ours: Entity, panel: Panel, record: dict[str, Any], entity: Entity) -> str:
    """The list of them all."""
    value = {"entity": entity.key, "id": record["id"]} if panel.on == ANY else record["id"]
    mine = {"field": panel.by, "op": "eq", "value": value}
    tree = {"and": [mine, panel.filter]} if panel.filter else mine
    table = next((view.key for view in ours.lists.values() if view.shape == "table"), "")
    return f"/{ours.plural}?{urlencode({'view': table, 'filter': json.dumps(tree)})}"
