"""The addresses at which imports are looked at."""

from django.utils.translation import gettext as _

from rapport.platform.actor import Actor
from rapport.records.api.openapi import parts
from rapport.records.api.openapi.bulk_runs import COUNT, SPOKEN
from rapport.records.api.openapi.parts import EVERYWHERE, named
from rapport.records.api.openapi.paths import Paths
from rapport.records.api.openapi.schemas import MOMENT, TEXT, closed, page_of, ref
from rapport.records.kinds.schemas import ID, Schema

NUMBERS = ("rows", "created", "updated", "skipped", "failed")


def described(_actor: Actor) -> tuple[Paths, dict[str, Schema]]:
    """For everybody: each sees his own."""
    told = {
        "id": ID, "entity": TEXT, "file": TEXT, "status": TEXT, **dict.fromkeys(NUMBERS, COUNT),
        "duplicates": {"type": ["integer", "null"]}, "problem": SPOKEN, "operation": ID, "at": MOMENT,
        "finished_at": {"type": ["string", "null"], "format": "date-time"}, "url": TEXT,
    }  # fmt: skip
    page = parts.answer(_("The newest first."), page_of(ref("ImportRun")))
    one = parts.answer(_("The import as it stands."), ref("ImportRun"))
    run = parts.parameter("run", ID, where="path")
    return {
        "/import-runs": {"get": _operation("import_runs", _("Imports"), [named("after")], page)},
        "/import-runs/{run}": {"get": _operation("import_run", _("An import"), [run], one)},
    }, {"ImportRun": closed(told, list(told))}


def _operation(word: str, told: str, asked: list[Schema], ok: Schema) -> Schema:
    return {
        "operationId": word, "summary": told, "tags": ["imports"], "parameters": asked,
        "responses": {"200": ok, **parts.problems(*EVERYWHERE)},
    }  # fmt: skip
