"""A file of vCards as a table, so that it is mapped, checked and imported like any other file."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from rapport.platform.clock import now
from rapport.platform.identity.organisation import organisation
from rapport.records import kinds
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.sources.encodings import encoding_of
from rapport.records.transfer.sources.source import Line
from rapport.records.transfer.vcards import words
from rapport.records.transfer.vcards.further import Taken, fits, further, in_order, labels_of, place_of, value_of
from rapport.records.transfer.vcards.lines import Card, Property, cards, split, unescape

ADDRESS = ("Street", "City", "Region", "Postcode", "Country")
HEADER = (
    "Kind", "Name", "Given name", "Family name", "Works at", "Job title", "Email", "Phone", "Website", *ADDRESS,
    "Language", "Birthday", "Sex", "External id", "Description",
)  # fmt: skip
LEFT_OUT = {"PHOTO": "pictures", "LOGO": "pictures", "SOUND": "sounds", "KEY": "keys"}
# What is not told as an own fact: how a card is made, and what only restates another line.
_SILENT = {
    "VERSION", "PRODID", "REV", "KIND", "N", "FN", "UID", "SORT-STRING", "PROFILE", "CLASS", "MAILER", "SOURCE", "NAME",
    "LABEL", "CLIENTPIDMAP", "X-ABUID", "X-ABSHOWAS", "X-ABADR", "X-ABLABEL", "AGENT", "XML", "TZ", "GEO",
    words.SAYS_ROLES, *LEFT_OUT,
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
    makes: tuple[str, ...] = ("Works at", "Tags")

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self.path = path
        self.encoding = encoding_of(path, encoding)
        self._size = max(1, path.stat().st_size)
        self._at = 0
        self.about = f"vCard, {self.encoding}"
        self._place = kinds.Place(country=organisation().country)
        more, self.notes = self._look_through()
        self.header, self.doubled = [*HEADER[:-1], *in_order(more), HEADER[-1]], set[str]()

    def lines(self) -> Iterator[Line]:
        """One row per card."""
        some = False
        for card, at in cards(self.path, self.encoding):
            some, self._at = True, at
            cells = cells_of(card, self._place)
            yield Line(card.number, [cells.get(column, "") for column in self.header], card.problem)
        if not some:
            raise Unusable(f"{self.path} holds no cards.")

    def _look_through(self) -> tuple[set[str], list[str]]:
        """(Columns beside the usual that some card fills, what will not be taken over.)"""
        more: set[str] = set()
        left: Counter[str] = Counter()
        for card, _at in cards(self.path, self.encoding):
            more.update(cells_of(card, self._place))
            left.update(LEFT_OUT[each.name] for each in card.properties if each.name in LEFT_OUT)
        return more - set(HEADER), [f"{count:,} {what} of cards are left out" for what, count in left.items()]

    def progress(self) -> float:
        """How much of the file has been read."""
        return min(1.0, self._at / self._size)


def cells_of(card: Card, place: kinds.Place) -> dict[str, str]:
    """The cells of a card by column; what has no column of its own is told in the description."""
    taken: list[Property] = []

    def best(name: str, suits: Callable[[Property], bool] = lambda found: True) -> str:
        found = next((each for each in card.all(name) if suits(each)), None)
        if found is None:
            return ""
        taken.append(found)
        return value_of(found)

    organisation = _organisation(card, taken)
    given, family = _names(card)
    name = card.first("FN") or " ".join(filter(None, (given, family)))
    firm = is_firm(card, bool(name))
    address = next(iter(card.all("ADR")), None)
    taken += [address] if address else []
    numbers = len(taken)
    cells = {
        "Email": best("EMAIL", lambda found: fits(found, place)),
        "Phone": best("TEL", lambda found: not {"fax", "pager", "modem"} & set(found.types) and fits(found, place)),
        "Website": best("URL", lambda found: fits(found, place)),
    }
    own = Taken(address, tuple(taken[numbers:]), "Visiting" if firm else "Home")
    cells |= {
        "Kind": "organisation" if firm else "person", "Name": (organisation or name) if firm else name,
        "Given name": "" if firm else given, "Family name": "" if firm else family,
        "Works at": "" if firm else organisation, "Job title": best("TITLE"),
        **dict(zip(ADDRESS, place_of(address) if address else [""] * len(ADDRESS), strict=True)),
        "Language": _language(best),
        "Birthday": _day(best("BDAY", lambda found: _is_past(_day(found.text)))),
        "Sex": _sex(best), "External id": card.first("UID"), **_tags(card, taken), **further(card, own, taken, place),
    }  # fmt: skip
    return {**cells, "Description": _description(card, taken)}


def _language(best: Callable[..., str]) -> str:
    def short(found: Property) -> bool:
        return len(found.text) <= LONGEST_LANGUAGE

    return best("LANG", short) or best("X-LANG", short)


def _sex(best: Callable[..., str]) -> str:
    def known(found: Property) -> bool:
        return found.text.upper() in words.SEXES

    return words.SEXES.get((best("GENDER", known) or best("X-GENDER", known)).upper(), "")


def _tags(card: Card, taken: list[Property]) -> dict[str, str]:
    """Its categories, as far as a tag can be called so; which of them are roles the card itself says."""
    roles = [role for each in card.all(words.SAYS_ROLES) for role in _listed(each)]
    tags: list[str] = []
    for each in card.all("CATEGORIES"):
        listed = _listed(each)
        if len(tags) + len(listed) <= words.MOST_TAGS + len(roles) and all(map(_is_tag, listed)):
            tags += listed
            taken.append(each)
    for role in roles:
        if role in tags:
            tags.remove(role)
    found = {"Roles": ", ".join(roles), "Tags": ", ".join(dict.fromkeys(tags))}
    return {column: cell for column, cell in found.items() if cell}


def _listed(found: Property) -> list[str]:
    return [text for each in split(found.value, ",") if (text := " ".join(unescape(each).split()))]


def _is_tag(text: str) -> bool:
    return len(text) <= words.LONGEST_TAG and not set(text) & set(",;|")


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


def _day(text: str) -> str:
    """``19220310`` as a date; anything else as it stands."""
    digits = text.replace("-", "")[:8]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdecimal() else text


def _is_past(text: str) -> bool:
    """A day that somebody can have been born on; what is none (a day without year) is told in the description."""
    try:
        return dt.date.fromisoformat(text) <= now().date()
    except ValueError:
        return False


def _description(card: Card, taken: list[Property]) -> str:
    """The notes of a card, then each further fact on a line of its own."""
    labels = labels_of(card)
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
