"""Deals that ask for their owner's attention: those that stand still, those about to close with nothing planned."""

import datetime as dt
from typing import Any

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.clock import now
from rapport.records import boards, read, registry
from rapport.records.operation import moment_param
from rapport.records.read import Query
from rapport.sales.pipelines import pipelines

SHOWN = ("name", "party", "amount", "currency", "close_on", "owner", "stage", "stage_since", "version")
_RESTING = """SELECT id FROM (SELECT id FROM deal WHERE owner_id = %s AND stage_id = %s AND stage_since <= %s
AND binned_at IS NULL ORDER BY stage_since LIMIT {limit}) s{number}"""
# A scalar subquery is looked up per deal; of NOT EXISTS PostgreSQL may make a join with all open tasks.
_UNPLANNED = """(SELECT 1 FROM task k WHERE k.about_id = t.id AND k.status = 'open' AND k.binned_at IS NULL LIMIT 1)
IS NULL"""


def stuck(limit: int) -> list[dict[str, Any]]:
    """My deals that have rested in an open stage for longer than it allows, the longest first."""
    stages = [s for each in pipelines().values() for s in each.stages if s.kind == "open" and s.stuck_days]
    if not stages:
        return []
    owner, params, runs = db.key(current().id), [], []
    for number, stage in enumerate(stages):  # each run is read from (owner, stage, since)
        runs.append(_RESTING.format(limit=limit, number=number))
        since = now() - dt.timedelta(days=stage.stuck_days or 0)
        params += [owner, db.key(stage.id), moment_param(since)]
    deal = registry.get("deal")
    query = Query(
        deal, sort=("stage_since",), fields=deal.seen(SHOWN), limit=limit, expand=True, ordered=True, few=True
    )
    query.where.append((f"t.id IN ({' UNION ALL '.join(runs)})", params))
    return [boards.dressed(query.entity, deal) for deal in read.page(query).items()]


def closing_unplanned(limit: int) -> list[dict[str, Any]]:
    """My open deals that should close this month and about which nothing is planned."""
    deal = registry.get("deal")
    if "close_on" not in deal.fields:
        return []
    tree = {
        "and": [
            {"field": "status", "op": "eq", "value": "open"},
            {"field": "owner", "op": "eq", "value": "me"},
            {"field": "close_on", "op": "this", "value": "month"},
        ]
    }
    query = Query(deal, tree, ("close_on",), deal.seen(SHOWN), limit=limit, expand=True)
    query.where.append((_UNPLANNED, []))
    return [boards.dressed(query.entity, deal) for deal in read.page(query).items()]
