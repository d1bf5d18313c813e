"""What a card holds beside one number and address of each sort: columns of their own, with names that are guessed."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rapport.records import kinds
from rapport.records.errors import Bad
from rapport.records.transfer.vcards import words
from rapport.records.transfer.vcards.lines import Card, Property

MOST = 9
ADDRESS = ("street", "city", "region", "postcode", "country")
_PHONES = (("fax", "Fax"), ("cell", "Mobile"), ("iphone", "Mobile"), ("work", "Work phone"), ("home", "Home phone"))
_NUMBERS = {
    "TEL": (_PHONES, "Other phone"),
    "EMAIL": ((("work", "Work email"), ("home", "Home email")), "Other email"),
    "URL": ((("work", "Work website"), ("home", "Home website")), "Other website"),
}
_BARE = {"TEL": "Phone", "EMAIL": "Email", "URL": "Website"}
_PLACES = (("home", "Home"), ("postal", "Postal"), ("parcel", "Delivery"), ("work", "Visiting"))
_FITTING = {"TEL": kinds.PhoneKind(), "EMAIL": kinds.EmailKind(), "URL": kinds.UrlKind()}
_LABELS = {said.lower(): label for label, said in words.LABELS.items()}
_NAMED_PLACES = {said.lower(): said for said in words.PLACES.values()}
_SAID = {f"{words.OURS}{kind.upper()}": column for kind, column in words.ELSE.items()}


@dataclass(frozen=True, slots=True)
class Taken:
    """What went into the usual columns. ``usual``: the kind of address of which nothing needs to be said."""

    address: Property | None
    numbers: tuple[Property, ...]
    usual: str


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


def labels_of(card: Card) -> dict[str, str]:
    """What a card calls its lines, by their group."""
    return {each.group: each.text.strip("_$!<>") for each in card.properties if each.name == "X-ABLABEL"}


def further(card: Card, own: Taken, taken: list[Property], place: kinds.Place) -> dict[str, str]:
    """Cells by column of what is not ``taken`` yet, and of what is to be said of that which is; what goes into a
    cell is taken then."""
    labels = labels_of(card)
    found = _own(own, labels, place)
    many: Counter[str] = Counter()
    for each in card.properties:
        if each in taken or not each.text:
            continue
        column, value = _column(each, labels, place)
        many[column] += 1
        if not column or many[column] > MOST:
            continue
        found[column if many[column] == 1 else f"{column} {many[column]}"] = value
        taken.append(each)
    for each in card.properties:
        if each.name != "ADR" or each in taken or not any(each.parts()):
            continue
        kind = _kind_of_place(each, labels) or "Visiting"
        many[kind] += 1
        if many[kind] > MOST:
            continue
        mark = f" {many[kind]}" if many[kind] > 1 else ""
        found |= {f"{kind} {part}{mark}": cell for part, cell in zip(ADDRESS, place_of(each), strict=True)}
        taken.append(each)
    return found


def _own(own: Taken, labels: Mapping[str, str], place: kinds.Place) -> dict[str, str]:
    """What is said of the numbers and the address in the usual columns."""
    found = {}
    for each in own.numbers:
        column, value = _column(each, labels, place)
        if column and (column != _NUMBERS[each.name][1]):
            base, _bracket, said = column.removesuffix(")").partition(" (")
            found[f"{base} ({said}, own)" if said else f"{base} (own)"] = value
    kind = _kind_of_place(own.address, labels) if own.address else ""
    if kind and kind != own.usual and own.address:
        cells = zip(ADDRESS, place_of(own.address), strict=True)
        found |= {f"{kind} {part} (own)": cell for part, cell in cells}
    return found


def in_order(columns: Iterable[str]) -> list[str]:
    """Further columns as a table shows them: numbers, addresses of mail, services, places."""
    return sorted(columns, key=lambda column: (_ORDER.index(_base(column)), column))


def _base(column: str) -> str:
    head, _space, number = column.rpartition(" ")
    return (head if number.isdecimal() else column).partition(" (")[0]


def _column(found: Property, labels: Mapping[str, str], place: kinds.Place) -> tuple[str, str]:
    """The column that a property goes into, and its cell; no column when there is none for it."""
    column, value = _service(found)
    label = _LABELS.get(labels.get(found.group, "").lower(), "") if found.group else ""
    if found.name in _FITTING and not (found.name == "TEL" and {"pager", "modem"} & set(found.types)):
        if not fits(found, place):
            return "", ""
        known, other = _NUMBERS[found.name]
        bare = _first(_PHONES[:3], found.types, "Phone") if found.name == "TEL" else _BARE[found.name]
        column, value = bare if label else _first(known, found.types, other), value_of(found)
    if not column:
        return "", ""
    preferred = words.SAYS_PREFERRED.lower() in found.params
    if preferred and column.startswith("Other "):
        column = _BARE[found.name]
    said = ", ".join([*([label] if label else []), *(["preferred"] if preferred else [])])
    return f"{column} ({said})" if said else column, value


def _service(found: Property) -> tuple[str, str]:
    """The column and the cell of an account with a service."""
    if found.name == "IMPP":
        scheme, _colon, rest = found.text.partition(":")
        return (words.SERVICES.get(scheme.lower(), ""), rest) if rest else ("", "")
    if found.name == "X-SOCIALPROFILE":
        return next((words.SERVICES[each] for each in found.types if each in words.SERVICES), ""), found.text
    if found.name in _SAID:
        return _SAID[found.name], found.text
    service = found.name.removeprefix("X-").removesuffix("-USERNAME").lower()
    if found.name.startswith("X-") and service in words.SERVICES:
        return words.SERVICES[service], found.text
    return "", ""


def _kind_of_place(found: Property, labels: Mapping[str, str]) -> str:
    """The kind of an address; empty when the card does not say it."""
    named = _NAMED_PLACES.get(labels.get(found.group, "").lower(), "") if found.group else ""
    return named or _first(_PLACES, found.types, "")


def _first(known: Iterable[tuple[str, str]], types: Container[str], other: str) -> str:
    return next((column for word, column in known if word in types), other)


def _all() -> Iterator[str]:
    yield from ("Roles", "Tags")
    for known, other in _NUMBERS.values():
        yield from (column for _word, column in known)
        yield other
    yield from _BARE.values()
    yield from [*words.SERVICES.values(), *words.ELSE.values()]
    yield from (f"{kind} {part}" for kind in _KINDS for part in ADDRESS)


_KINDS = ("Visiting", "Home", "Postal", "Delivery", "Billing", "Registered")
_ORDER = list(dict.fromkeys(_all()))
