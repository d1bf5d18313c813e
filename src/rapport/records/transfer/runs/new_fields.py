"""Fields of the organisation's own that the mapping screen offers to make of columns."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from rapport.platform.actor import current
from rapport.records import kinds, registry
from rapport.records.entity import Entity
from rapport.records.errors import Bad
from rapport.records.models import ImportRun
from rapport.records.models.custom import KINDS
from rapport.records.transfer.mapping.own import make_fields
from rapport.records.transfer.mapping.spec import spec_of
from rapport.records.transfer.runs import files, spelling
from rapport.records.transfer.runs.sample import LONGEST_VALUE, VALUES

PREFIX = "new:"
FEW = 15
TIME = re.compile(r"(?<!\d)\d?\d:\d\d(:\d\d)?")
YES_NO = {"yes", "no", "true", "false"}
KIND_OF: dict[str, kinds.Kind] = {
    "number": kinds.NumberKind(-(2**53) + 1, 2**53 - 1), "decimal": kinds.DecimalKind(6), "email": kinds.EmailKind(),
    "url": kinds.UrlKind(), "date": kinds.DayKind(), "moment": kinds.MomentKind(), "amount": kinds.AmountKind("USD"),
}  # fmt: skip


def offered(entity: Entity) -> bool:
    """Whether the reader may make fields for these records."""
    return entity.takes_fields and current().may("custom_field", "add")


def choices(values: Sequence[str]) -> list[tuple[str, str]]:
    """Kinds that a column may become, as the select takes them; the likeliest first."""
    best = kind_for(values)
    found = [(each, str(label)) for each, label in KINDS if each != "relation"]
    return [(f"{PREFIX}{each}", label) for each, label in sorted(found, key=lambda pair: pair[0] != best)]


def kind_for(values: Sequence[str]) -> str:
    """The kind that these values of a column look like."""
    texts = [text for text in values if text]
    if not texts:
        return "text"
    plain = kinds.Place(decimal=spelling.decimal_of(texts))
    coded = any(text[:1] == "0" and text.isdigit() and len(text) > 1 for text in texts)  # a number that is none
    tests: list[tuple[str, Callable[[str], bool]]] = [
        ("yes_no", lambda text: text.lower() in YES_NO),
        ("number", lambda text: not coded and _fits("number", text, plain)),
        ("decimal", lambda text: not coded and _fits("decimal", text, plain)),
        ("email", lambda text: "@" in text and _fits("email", text, plain)),
        ("url", lambda text: text.startswith(("http://", "https://", "www."))),
    ]
    for kind, fits in tests:
        if all(map(fits, texts)):
            return kind
    if pattern := spelling.dates_of(texts):
        place = kinds.Place(dates=pattern)
        if all(_fits("date", text, place) for text in texts):
            return "moment" if any(map(_timed, texts)) else "date"
    if any(len(text) >= LONGEST_VALUE for text in texts):
        return "long_text"
    return "choice" if len(texts) <= min(FEW, VALUES) else "text"


def _timed(text: str) -> bool:
    """Whether a date carries a time of day; workbooks give midnight to every day."""
    return (found := TIME.search(text)) is not None and found[0].strip("0:") != ""


def _fits(kind: str, text: str, place: kinds.Place) -> bool:
    try:
        KIND_OF[kind].parse(text, place)
    except Bad:
        return False
    return True


def target(column: str, chosen: str) -> dict[str, Any] | None:
    """What a map says of a column that becomes a new field of the kind ``chosen``."""
    kind = chosen.removeprefix(PREFIX)
    return {"custom": column[:100], "kind": kind} if kind in dict(KINDS) and kind != "relation" else None


def make(run: ImportRun) -> None:
    """Make the fields that a run's mapping asks for; raises Forbidden, Unusable, Invalid."""
    make_fields(registry.get(run.entity), spec_of(run.mapping), lambda: files.opened(run))
