"""Many writes in one request, and what came of each."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from rapport.records import batch
from rapport.records.api import answers, asked
from rapport.records.entity import Entity
from rapport.records.errors import BadQuery, Invalid


def carry_out(request: HttpRequest, entity: Entity) -> HttpResponse:
    """200 when all was done, 207 when with ``atomic=false`` some was not; else the first problem, and nothing done."""
    asked.only(request, "atomic")
    atomic = request.GET.get("atomic", "true")
    if atomic not in ("true", "false"):
        raise BadQuery("“atomic” is true or false.")
    body = asked.body(request)
    steps = body.get("operations")
    if set(body) != {"operations"} or not isinstance(steps, list):
        raise Invalid.at("operations", "Send {“operations”: […]}.", "required")
    done = batch.carry_out(entity, steps, atomic=atomic == "true")
    failed = any(each.problem for each in done.outcomes)
    told = {"operation": done.operation, "results": [_result(each) for each in done.outcomes]}
    return answers.json(told, 207 if failed else 200)


def _result(outcome: batch.Outcome) -> dict[str, Any]:
    if outcome.problem:
        return {"status": outcome.status, "problem": answers.details(outcome.problem)}
    return {"status": outcome.status, "id": outcome.id, "version": outcome.version}
