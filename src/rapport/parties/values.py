"""How a way to reach somebody is written and compared, by its kind."""

import re

from rapport.platform.identity.organisation import organisation
from rapport.platform.text import fold
from rapport.records import kinds

GROUPS = {"mobile": "phone"}
_KINDS = {
    "email": kinds.EmailKind(), "phone": kinds.PhoneKind(), "mobile": kinds.PhoneKind(), "fax": kinds.PhoneKind(),
    "web": kinds.UrlKind(),
}  # fmt: skip
_PLAIN = kinds.TextKind(300)
_WEB = re.compile(r"(https?://)?(www\.)?")


def group_of(kind: str) -> str:
    """The kinds of one group share a primary: the party's phone may be a mobile."""
    return GROUPS.get(kind, kind)


def kinds_in(group: str) -> tuple[str, ...]:
    """The kinds of a group."""
    return (group, *(kind for kind, other in GROUPS.items() if other == group))


def normal(kind: str, value: str) -> str:
    """``value`` as it is stored; raises Bad."""
    place = kinds.Place(country=organisation().country)
    return _KINDS.get(kind, _PLAIN).parse(value, place) or ""


def key_of(kind: str, value: str) -> str:
    """What two spellings of the same point have in common."""
    group = group_of(kind)
    if group in ("phone", "fax"):
        return value.partition(";")[0]
    if group == "email":
        return value.lower()
    if group == "web":
        return _WEB.sub("", value.lower(), count=1).rstrip("/")
    return fold(value).lstrip("@")
