"""Records as vCards of version 4.0 (RFC 6350), 3.0 or 2.1: all that reading such a card takes in."""

from collections.abc import Iterator, Sequence
from typing import Any

from rapport.records.entity import Entity, Field
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.vcards import words
from rapport.records.transfer.vcards.spelling import VERSIONS, Speller

NEEDED = ("kind", "name", "email", "phone")
FIELDS = (
    *NEEDED, "given_name", "family_name", "company", "title", "website", "language", "roles", "tags", "description",
    "address.street", "address.city", "address.region", "address.postcode", "address.country", "birth_on", "sex",
    "external_id", "updated_at",
)  # fmt: skip
ADDRESS = ("street", "city", "region", "postcode", "country")
_SEXES = {name: letter for letter, name in words.SEXES.items()}
# By the kind of a number: its line, the types of it, and by which label each further type is understood.
_NUMBERS = {
    "email": ("EMAIL", (), {"work": "work", "private": "home"}),
    "phone": ("TEL", ("voice",), {"work": "work", "home": "home"}),
    "mobile": ("TEL", ("cell",), {}), "fax": ("TEL", ("fax",), {}),
    "web": ("URL", (), {"work": "work", "home": "home"}),
}  # fmt: skip
_OWN = {"email": "email", "phone": "phone", "website": "web"}
_PLACES = {"home": "home", "postal": "postal", "delivery": "parcel"}


def card_fields(entity: Entity) -> list[Field]:
    """What a card is made of; raises Unusable for an entity that has no name, e-mail and phone."""
    if not set(NEEDED) <= set(entity.fields):
        raise Unusable(f"{entity.plural.capitalize()} cannot be written as vCards. Export to .csv, .xlsx or .ndjson.")
    return [entity.fields[name] for name in ("id", *FIELDS) if name in entity.fields]


def written(found: Iterator[dict[str, Any]], version: str = VERSIONS[0]) -> Iterator[str]:
    """Each record as the text of a card; ``points`` and ``places`` of a record are its numbers and addresses."""
    for record in found:
        card = Speller(version)
        _who(card, record)
        for point in record["points"] if "points" in record else _own_points(record):
            _number(card, point)
        for place in record["places"] if "places" in record else _own_places(record):
            _address(card, place, firm=record.get("kind") == "organisation")
        _rest(card, record)
        yield card.text()


def _who(card: Speller, record: dict[str, Any]) -> None:
    firm = record.get("kind") == "organisation"
    company = record.get("company")
    if card.version == "4.0":
        card.add("KIND", "org" if firm else "individual")
    elif firm:
        card.add("X-ABShowAs", "COMPANY")
    card.add("FN", record["name"])
    if not firm:
        card.add("N", [record.get("family_name"), record.get("given_name"), "", "", ""])
    elif card.version != "4.0":
        card.add("N", [""] * 5)
    card.add("ORG", [record["name"] if firm else company and company["title"]])
    card.add("TITLE", record.get("title"))


def _rest(card: Speller, record: dict[str, Any]) -> None:
    latest = card.version == "4.0"
    card.add("LANG" if latest else "X-LANG", record.get("language"))
    card.add("BDAY", str(record.get("birth_on") or "").replace("-", "" if latest else "-"))
    card.add("GENDER" if latest else "X-GENDER", _SEXES.get(record.get("sex") or ""))
    roles = record.get("roles") or []
    card.add("CATEGORIES", [*roles, *(record.get("tags") or [])], listed=True)
    card.add(words.SAYS_ROLES, roles, listed=True)
    card.add("NOTE", record.get("description"))
    card.add("UID", record.get("external_id") or f"{words.OF_RAPPORT}{record['id']}")
    card.add("REV", str(record["updated_at"]).replace("-", "").replace(":", ""))


def _own_points(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The numbers that a record itself holds: to somebody who may not take out the others."""
    for name, kind in _OWN.items():
        if record.get(name):
            yield {"kind": kind, "value": record[name]}


def _own_places(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if any((record.get("address") or {}).values()):
        yield record["address"]


def _number(card: Speller, point: dict[str, Any]) -> None:
    kind, value, label = point["kind"], point["value"], point.get("label")
    more = {words.SAYS_PREFERRED: "1"} if point.get("is_preferred") else {}
    if kind in _NUMBERS:
        name, types, understood = _NUMBERS[kind]
        types = (*types, *([understood[label]] if label in understood else _nearest(label)))
        said = "" if label in understood else words.LABELS.get(label or "", "")
        uri = {"VALUE": "uri"} if name == "TEL" and card.version == "4.0" else {}
        value = f"tel:{value}" if uri else value
        card.add(name, value, types, first=bool(point.get("is_primary")) and kind != "fax", label=said,
                 plain=bool(uri) or name == "URL", more=uri | more)  # fmt: skip
        return
    said = words.LABELS.get(label or "", "")
    if kind in words.MESSENGERS and card.version != "2.1":
        card.add("IMPP", f"{kind}:{value}", label=said, more=more)
    elif kind in words.NETWORKS:
        card.add("X-SOCIALPROFILE", value, (kind,), label=said, more=more)
    else:
        card.add(f"{words.OURS if kind in words.ELSE else 'X-'}{kind.upper()}", value, label=said, more=more)


def _nearest(label: str | None) -> Sequence[str]:
    """The type that other programs know for a label of ours."""
    return {"work": ("work",), "home": ("home",), "private": ("home",)}.get(label or "", ())


def _address(card: Speller, place: dict[str, Any], *, firm: bool) -> None:
    kind = place.get("kind") or ("visiting" if firm else "home")
    parts = [place.get(name) for name in ADDRESS]
    card.add("ADR", ["", "", *parts], (_PLACES.get(kind, "work"),), first=bool(place.get("is_primary")),
             label=words.PLACES.get(kind, ""))  # fmt: skip
