"""Their runs, what can be done with one, and the dry run."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse

from rapport.automation import log, trying
from rapport.records.api import asked
from rapport.records.api.answers import guarded, json
from rapport.records.errors import Unseen

DEEDS = {"retry": log.again, "cancel": log.cancel}


@guarded("GET")
def runs(request: HttpRequest, key: str) -> HttpResponse:
    """The runs of an automation, the newest first."""
    asked.only(request, "limit", "after", "status", "record")
    limit, record = asked.number(request, "limit", 50, 200), request.GET.get("record", "")
    found = log.runs(
        asked.key(key), limit=limit, after=request.GET.get("after"), status=request.GET.get("status", ""),
        record=asked.key(record) if record else "",
    )  # fmt: skip
    return json({"items": found.entries, "next": found.next})


@guarded("GET")
def one(request: HttpRequest, key: str, run: str) -> HttpResponse:
    """One run with what it wrote."""
    asked.only(request)
    found = log.one(asked.key(key), asked.key(run))
    return json({**found, "changes": log.changes(found)})


@guarded("POST")
def deed(request: HttpRequest, key: str, run: str, deed: str) -> HttpResponse:
    """Try a run again, give it up, or undo it."""
    asked.only(request)
    if deed == "undo":
        outcome = log.undo(asked.key(key), asked.key(run))
        return json({
            "reverted": len(outcome.reverted), "kept_changed": len(outcome.kept_changed),
            "failed": [{"id": record, "reason": reason} for record, reason in outcome.failed],
        })  # fmt: skip
    if deed not in DEEDS:
        raise Unseen(f"There is no “{deed}” here: retry, cancel or undo.")
    return json(DEEDS[deed](asked.key(key), asked.key(run)))


@guarded("GET")
def secret(request: HttpRequest, key: str) -> HttpResponse:
    """What its calls are signed with."""
    asked.only(request)
    return json({"secret": log.secret(asked.key(key))})


@guarded("POST")
def try_out(request: HttpRequest, key: str) -> HttpResponse:
    """What it would do to a record (``record``), or to the newest that fit; nothing is written."""
    asked.only(request)
    body = asked.body(request)
    record = asked.key(str(body["record"])) if body.get("record") else ""
    return json({"items": [asdict(each) for each in trying.try_out(log.known(asked.key(key)), record)]})
