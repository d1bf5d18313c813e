"""What the address of the audit asks for, and the form that asks it."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from rapport.platform.actor import current
from rapport.platform.clock import local_midnight
from rapport.platform.keys import parse_key
from rapport.records import registry
from rapport.records.audit.wanted import NOBODY, Wanted
from rapport.records.errors import BadQuery
from rapport.shell.lists import sayings

KINDS = {
    "created": _l("Created"), "changed": _l("Changed"), "binned": _l("Binned and restored"),
    "merged": _l("Merged"), "shared": _l("Shared"), "acted": _l("Other actions"), "undone": _l("Undone"),
    "imported": _l("Imports"), "many": _l("Many at once"), "exported": _l("Exports"), "signed_in": _l("Sign-ins"),
    "rights": _l("People and rights"), "tokens": _l("API tokens"),
}  # fmt: skip
DOORS = {
    "ui": _l("Screens"), "api": _l("API"), "assistant": _l("Assistants"), "import": _l("Imports"),
    "automation": _l("Automations"), "cli": _l("Command line"), "system": _l("Rapport itself"),
}  # fmt: skip
NAMES = ("person", "kind", "entity", "record", "door", "from", "until")


def given(request: HttpRequest) -> dict[str, str]:
    """What the address says, without what is empty."""
    found = {name: request.GET.get(name, "").strip() for name in NAMES}
    return {name: value for name, value in found.items() if value}


def wanted(asked: dict[str, str]) -> Wanted:
    """The question as the engine takes it; raises BadQuery."""
    person, entity, record = asked.get("person", ""), asked.get("entity", ""), asked.get("record", "")
    if person and person != NOBODY and not parse_key(person):
        raise BadQuery(_("There is no such person."))
    if asked.get("kind", "") not in ("", *KINDS) or asked.get("door", "") not in ("", *DOORS):
        raise BadQuery(_("There is no such kind of deed."))
    if entity and entity not in registry:
        raise BadQuery(_("There is no such kind of record."))
    key = parse_key(record.rpartition(":")[2]) if record else ""
    if key is None:
        raise BadQuery(_("There is no such record."))
    since, until = _day(asked.get("from", "")), _day(asked.get("until", ""))
    zone = current().time_zone
    return Wanted(
        person if person == NOBODY else parse_key(person) or "", asked.get("kind", ""), entity, key,
        asked.get("door", ""), local_midnight(since, zone) if since else None,
        local_midnight(until + dt.timedelta(days=1), zone) if until else None,
    )  # fmt: skip


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise BadQuery(_("“%(text)s” is no date.") % {"text": text[:20]}) from error


def form(asked: dict[str, str]) -> list[dict[str, Any]]:
    """The controls that ask: {name, label, control, value}."""
    entities = sorted(((each.key, str(each.label_plural)) for each in registry), key=lambda pair: pair[1].lower())
    return [
        {"name": "person", "label": _("Who"), "kind": "relation", "relation": "users", "value": _person(asked)},
        {"name": "kind", "label": _("What"), "kind": "choice", "options": _words(KINDS), "empty": _("Everything"),
         "value": asked.get("kind")},
        {"name": "entity", "label": _("Kind of record"), "kind": "choice", "options": entities,
         "empty": _("Every kind"), "value": asked.get("entity")},
        {"name": "record", "label": _("Record"), "kind": "relation", "relation": "about", "value": _record(asked)},
        {"name": "door", "label": _("Through"), "kind": "choice", "options": _words(DOORS), "empty": _("Every door"),
         "value": asked.get("door")},
        {"name": "from", "label": _("From"), "kind": "date", "value": asked.get("from")},
        {"name": "until", "label": _("Until"), "kind": "date", "value": asked.get("until")},
    ]  # fmt: skip


def _words(labels: dict[str, Any]) -> list[tuple[str, str]]:
    return [(key, str(label)) for key, label in labels.items()]


def _person(asked: dict[str, str]) -> dict[str, str] | None:
    key = asked.get("person", "")
    if key == NOBODY:
        return {"id": NOBODY, "title": "Rapport"}
    known = parse_key(key)
    return {"id": known, "title": sayings.titles(registry.get("user"), [known]).get(known, "…")} if known else None


def _record(asked: dict[str, str]) -> dict[str, str] | None:
    entity, _colon, key = asked.get("record", "").rpartition(":")
    known = parse_key(key)
    if not known:
        return None
    title = sayings.titles(registry.get(entity), [known]).get(known, known) if entity in registry else known
    return {"id": asked["record"], "title": title}


def url(path: str, asked: dict[str, str], **more: str) -> str:
    """An address of the audit that asks the same."""
    query = urlencode({**asked, **{name: value for name, value in more.items() if value}})
    return f"{path}?{query}" if query else path
