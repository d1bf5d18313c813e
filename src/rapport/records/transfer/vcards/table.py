"""A file of vCards as a table, so that it is mapped, checked and imported like any other file."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from rapport.platform.identity.organisation import organisation
from rapport.records import kinds
from rapport.records.errors import Bad
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.sources.encodings import encoding_of
from rapport.records.transfer.sources.source import Line
from rapport.records.transfer.vcards.lines import Card, Property, cards, split, unescape

ADDRESS = ("Street", "City", "Region", "Postcode", "Country")
HEADER = (
    "Kind", "Name", "Given name", "Family name", "Works at", "Job title", "Email", "Phone", "Website", *ADDRESS,
    "Language", "Birthday", "External id", "Description",
)  # fmt: skip
LEFT_OUT = {"PHOTO": "pictures", "LOGO": "pictures", "SOUND": "sounds", "KEY": "keys"}
# What is not told as an own fact: how a card is made, and what only restates another line.
_SILENT = {
    "VERSION", "PRODID", "REV", "KIND", "N", "FN", "UID", "SORT-STRING", "PROFILE", "CLASS", "MAILER", "SOURCE", "NAME",
    "LABEL", "CLIENTPIDMAP", "X-ABUID", "X-ABSHOWAS", "X-ABADR", "X-ABLABEL", "AGENT", "XML", "TZ", "GEO", *LEFT_OUT,
}  # fmt: skip
_NO_TYPES = {"pref", "voice", "internet", "x400", "postal", "parcel", "dom", "intl"}
_STRUCTURED = {"ADR", "ORG", "NICKNAME", "CATEGORIES"}
LONGEST_LANGUAGE = 12
_WORDS = {
    "TEL": "phone", "EMAIL": "e-mail", "URL": "website", "ADR": "address", "NICKNAME": "nickname", "IMPP": "chat",
    "ANNIVERSARY": "anniversary", "BDAY": "birthday", "ORG": "organisation", "TITLE": "title", "ROLE": "role",
    "CATEGORIES": "categories", "RELATED": "related", "LANG": "language",
}  # fmt: skip


class Cards:
    """A vCard file as a source of rows: one card, one row."""

    delimiter = ","
    sheets: tuple[str, ...] = ()
    makes: tuple[str, ...] = ("Works at",)

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self.path = path
        self.encoding = encoding_of(path, encoding)
        self._size = max(1, path.stat().st_size)
        self._at = 0
        self.header, self.doubled = list(HEADER), set[str]()
        self.about = f"vCard, {self.encoding}"
        self.notes = _notes(path)
        self._place = kinds.Place(country=organisation().country)

    def lines(self) -> Iterator[Line]:
        """One row per card."""
        some = False
        for card, at in cards(self.path, self.encoding):
            some, self._at = True, at
            yield Line(card.number, row_of(card, self._place), card.problem)
        if not some:
            raise Unusable(f"{self.path} holds no cards.")

    def progress(self) -> float:
        """How much of the file has been read."""
        return min(1.0, self._at / self._size)


def _notes(path: Path) -> list[str]:
    """What will not be taken over."""
    found: Counter[str] = Counter()
    with path.open("rb") as file:
        for line in file:
            name = (
                line[:40].upper().partition(b":")[0].partition(b";")[0].rpartition(b".")[2].decode("ascii", "replace")
            )
            if name in LEFT_OUT:
                found[LEFT_OUT[name]] += 1
    return [f"{count:,} {what} of cards are left out" for what, count in found.items()]


def row_of(card: Card, place: kinds.Place) -> list[str]:
    """The cells of a card; what has no column of its own is told in the description."""
    taken: list[Property] = []

    def best(name: str, fits: Callable[[Property], bool] = lambda found: True) -> str:
        found = next((each for each in card.all(name) if fits(each)), None)
        if found is None:
            return ""
        taken.append(found)
        return _value(found)

    organisation = _organisation(card, taken)
    given, family = _names(card)
    name = card.first("FN") or " ".join(filter(None, (given, family)))
    firm = is_firm(card, bool(name))
    address = _address(card, taken)
    cells = {
        "Kind": "organisation" if firm else "person", "Name": (organisation or name) if firm else name,
        "Given name": "" if firm else given, "Family name": "" if firm else family,
        "Works at": "" if firm else organisation, "Job title": best("TITLE"),
        "Email": best("EMAIL", lambda found: _fits(kinds.EmailKind(), found, place)),
        "Phone": best("TEL", lambda found: _is_called(found, place)),
        "Website": best("URL", lambda found: _fits(kinds.UrlKind(), found, place)),
        **dict(zip(ADDRESS, address, strict=True)),
        "Language": best("LANG", lambda found: len(found.text) <= LONGEST_LANGUAGE),
        "Birthday": _day(best("BDAY")), "External id": card.first("UID"),
    }  # fmt: skip
    cells["Description"] = _description(card, taken)
    return [cells[column] for column in HEADER]


def _value(found: Property) -> str:
    return found.text.removeprefix("tel:") if found.name == "TEL" else found.text


def _fits(kind: kinds.Kind, found: Property, place: kinds.Place) -> bool:
    """Whether the field would take it; what it would not is told in the description."""
    try:
        kind.parse(_value(found), place)
    except Bad:
        return False
    return True


def _is_called(found: Property, place: kinds.Place) -> bool:
    return not {"fax", "pager", "modem"} & set(found.types) and _fits(kinds.PhoneKind(), found, place)


def is_firm(card: Card, named: bool) -> bool:
    """Whether a card is of an organisation: it says so, or has no person's name."""
    kind = card.first("KIND").lower() or card.first("X-ADDRESSBOOKSERVER-KIND").lower()
    shown = card.first("X-ABSHOWAS").upper()
    parts = next((each.parts() for each in card.all("N")), [])
    if kind in ("org", "organization") or shown == "COMPANY":
        return True
    only = card.first("FN") == _first_part(card) or not named
    return bool(not kind and not any(parts) and _first_part(card) and only)


def _first_part(card: Card) -> str:
    return next((each.parts()[0] for each in card.all("ORG")), "")


def _organisation(card: Card, taken: list[Property]) -> str:
    found = next(iter(card.all("ORG")), None)
    if found is None:
        return ""
    name, *units = found.parts()
    if not any(units):
        taken.append(found)
    return name


def _names(card: Card) -> tuple[str, str]:
    parts = next((each.parts() for each in card.all("N")), [])
    family, given, middle = [*parts, "", "", ""][:3]
    return " ".join(filter(None, (given, " ".join(middle.replace(",", " ").split())))).strip(), family


def _address(card: Card, taken: list[Property]) -> list[str]:
    found = next(iter(card.all("ADR")), None)
    if found is None:
        return [""] * len(ADDRESS)
    taken.append(found)
    box, extended, street, *rest = [*found.parts(), *[""] * 7][:7]
    lines = [each.replace("\n", ", ") for each in (street, extended, box) if each]
    return [", ".join(lines), *rest]


def _day(text: str) -> str:
    """``19220310`` as a date; anything else as it stands."""
    digits = text.replace("-", "")[:8]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdecimal() else text


def _description(card: Card, taken: list[Property]) -> str:
    """The notes of a card, then each further fact on a line of its own."""
    labels = {each.group: each.text.strip("_$!<>") for each in card.properties if each.name == "X-ABLABEL"}
    told = [each.text for each in card.all("NOTE")]
    for each in card.properties:
        if each in taken or each.name in _SILENT or each.name == "NOTE" or not each.text:
            continue
        if each.name.startswith("X-") and each.name not in (
            "X-SKYPE",
            "X-JABBER",
            "X-AIM",
            "X-ICQ",
            "X-MSN",
            "X-YAHOO",
        ):
            continue
        label = labels.get(each.group) or ", ".join(word for word in each.types if word not in _NO_TYPES)
        word = _WORDS.get(each.name, each.name.removeprefix("X-").lower()).capitalize()
        parts = split(each.value, ";") if each.name in _STRUCTURED else [each.value]
        value = ", ".join(filter(None, (unescape(part).strip() for part in parts))).removeprefix("tel:")
        told.append(f"{word}{f' ({label})' if label else ''}: {value}".replace("\n", ", "))
    return "\n".join(dict.fromkeys(told))
