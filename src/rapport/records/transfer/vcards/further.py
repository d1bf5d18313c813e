"""What a card holds beside one number and address of each sort: columns of their own, with names that are guessed."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator

from rapport.records import kinds
from rapport.records.errors import Bad
from rapport.records.transfer.vcards.lines import Card, Property

MOST = 9
ADDRESS = ("street", "city", "region", "postcode", "country")
_SERVICES = {
    "skype": "Skype", "telegram": "Telegram", "tg": "Telegram", "whatsapp": "WhatsApp", "viber": "Viber",
    "linkedin": "LinkedIn", "facebook": "Facebook", "instagram": "Instagram", "twitter": "X", "vk": "VK",
}  # fmt: skip
_PHONES = (("fax", "Fax"), ("cell", "Mobile"), ("iphone", "Mobile"), ("work", "Work phone"), ("home", "Home phone"))
_NUMBERS = {
    "TEL": (_PHONES, "Other phone"),
    "EMAIL": ((("work", "Work email"), ("home", "Home email")), "Other email"),
    "URL": ((("work", "Work website"), ("home", "Home website")), "Other website"),
}
_PLACES = (("home", "Home"), ("postal", "Postal"), ("parcel", "Delivery"))
_FITTING = {"TEL": kinds.PhoneKind(), "EMAIL": kinds.EmailKind(), "URL": kinds.UrlKind()}


def value_of(found: Property) -> str:
    """What a property says, less the scheme of a number."""
    return found.text.removeprefix("tel:") if found.name == "TEL" else found.text


def fits(found: Property, place: kinds.Place) -> bool:
    """Whether a field of its sort would take it."""
    try:
        _FITTING[found.name].parse(value_of(found), place)
    except Bad:
        return False
    return True


def place_of(found: Property) -> list[str]:
    """Street, city, region, postcode and country of an address."""
    box, extended, street, *rest = [*found.parts(), *[""] * 7][:7]
    lines = [each.replace("\n", ", ") for each in (street, extended, box) if each]
    return [", ".join(lines), *rest]


def further(card: Card, taken: list[Property], place: kinds.Place) -> dict[str, str]:
    """Cells by column of what is not ``taken`` yet; what goes into one is taken then."""
    found: dict[str, str] = {}
    many: Counter[str] = Counter()
    for each in card.properties:
        if each in taken or not each.text:
            continue
        column, value = _column(each, place)
        many[column] += 1
        if not column or many[column] > MOST:
            continue
        found[column if many[column] == 1 else f"{column} {many[column]}"] = value
        taken.append(each)
    for each in card.properties:
        kind = _first(_PLACES, each.types, "Visiting")
        if each.name == "ADR" and each not in taken and f"{kind} street" not in found and any(each.parts()):
            found |= {f"{kind} {part}": cell for part, cell in zip(ADDRESS, place_of(each), strict=True)}
            taken.append(each)
    return found


def in_order(columns: Iterable[str]) -> list[str]:
    """Further columns as a table shows them: numbers, addresses of mail, services, places."""
    return sorted(columns, key=lambda column: (_ORDER.index(_base(column)), column))


def _base(column: str) -> str:
    head, _space, number = column.rpartition(" ")
    return head if number.isdecimal() else column


def _column(found: Property, place: kinds.Place) -> tuple[str, str]:
    """The column that a property goes into, and its cell; no column when there is none for it."""
    if found.name in _FITTING and not (found.name == "TEL" and {"pager", "modem"} & set(found.types)):
        words, other = _NUMBERS[found.name]
        return (_first(words, found.types, other), value_of(found)) if fits(found, place) else ("", "")
    if found.name == "IMPP":
        scheme, _colon, rest = found.text.partition(":")
        return (_SERVICES.get(scheme.lower(), ""), rest) if rest else ("", "")
    service = found.name.removeprefix("X-").removesuffix("-USERNAME").lower()
    if found.name.startswith("X-") and service in _SERVICES:
        return _SERVICES[service], found.text
    return "", ""


def _first(words: Iterable[tuple[str, str]], types: Container[str], other: str) -> str:
    return next((column for word, column in words if word in types), other)


def _all() -> Iterator[str]:
    for words, other in _NUMBERS.values():
        yield from (column for _word, column in words)
        yield other
    yield from _SERVICES.values()
    yield from (f"{kind} {part}" for kind in ("Visiting", "Home", "Postal", "Delivery") for part in ADDRESS)


_ORDER = list(dict.fromkeys(_all()))
