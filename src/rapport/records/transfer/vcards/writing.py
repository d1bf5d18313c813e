"""Records as vCard 4.0 (RFC 6350): names, organisation, title, numbers, addresses, note."""

from collections.abc import Iterator
from typing import Any

import orjson

from rapport.records.entity import Entity, Field
from rapport.records.transfer.problems import Unusable

NEEDED = ("kind", "name", "email", "phone")
FIELDS = (
    *NEEDED, "given_name", "family_name", "company", "title", "website", "language", "roles", "description",
    "address.street", "address.city", "address.region", "address.postcode", "address.country", "external_id",
    "updated_at",
)  # fmt: skip
LONGEST_LINE = 75


def card_fields(entity: Entity) -> list[Field]:
    """What a card is made of; raises Unusable for an entity that has no name, e-mail and phone."""
    if not set(NEEDED) <= set(entity.fields):
        raise Unusable(f"{entity.plural.capitalize()} cannot be written as vCards. Export to .csv, .xlsx or .ndjson.")
    return [entity.fields[name] for name in ("id", *FIELDS) if name in entity.fields]


def written(found: Iterator[bytes]) -> Iterator[str]:
    """Each record as the text of a card."""
    for row in found:
        lines = [_folded(line) for line in _lines(orjson.loads(row))]
        yield "\r\n".join(["BEGIN:VCARD", "VERSION:4.0", *lines, "END:VCARD", ""])


def _lines(record: dict[str, Any]) -> Iterator[str]:
    firm = record.get("kind") == "organisation"
    yield f"KIND:{'org' if firm else 'individual'}"
    yield f"FN:{_safe(record['name'])}"
    if not firm:
        yield f"N:{_safe(record.get('family_name'))};{_safe(record.get('given_name'))};;;"
    company = record.get("company")
    organisation = record["name"] if firm else company and (company["title"] or "")
    plain = {
        "ORG": organisation, "TITLE": record.get("title"), "EMAIL": record.get("email"),
        "NOTE": record.get("description"), "LANG": record.get("language"),
    }  # fmt: skip
    for name, value in plain.items():
        if value:
            yield f"{name}:{_safe(value)}"
    if record.get("phone"):
        yield f"TEL;VALUE=uri:tel:{str(record['phone']).replace(' ', '')}"
    if record.get("website"):
        yield f"URL:{record['website']}"
    address = record.get("address") or {}
    parts = [address.get(name) for name in ("street", "city", "region", "postcode", "country")]
    if any(parts):
        yield f"ADR:;;{';'.join(_safe(part) for part in parts)}"
    if record.get("roles"):
        yield f"CATEGORIES:{','.join(_safe(role) for role in record['roles'])}"
    yield f"UID:{_safe(record.get('external_id') or record['id'])}"
    yield f"REV:{str(record['updated_at']).replace('-', '').replace(':', '')}"


def _safe(value: Any) -> str:
    text = str(value or "").replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> str:
    """At most 75 bytes a line; no letter is torn."""
    if len(line.encode()) <= LONGEST_LINE:
        return line
    parts, held, room = [], "", LONGEST_LINE
    for letter in line:
        if len((held + letter).encode()) > room:
            parts.append(held)
            held, room = "", LONGEST_LINE - 1
        held += letter
    return "\r\n ".join([*parts, held])
