"""MAP.json as it stands: columns, defaults, what may be created, how dates and numbers are written."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from rapport.records.custom import PREFIX
from rapport.records.models.custom import KINDS, key_of
from rapport.records.transfer.problems import Unusable, nearest

KEYS = ("columns", "defaults", "create", "dates", "decimal", "currency", "encoding", "blanks")
TARGET_KEYS = ("field", "values", "create", "empty")
OWN_KEYS = ("custom", "kind", "options", "values", "empty")


@dataclass(frozen=True, slots=True)
class Target:
    """What a column fills. ``clear``: an empty cell empties the field of a record that is updated.

    ``own``: the organisation's own field, to be made when it is not there.
    """

    field: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    create: bool = False
    clear: bool = False
    own: "Own | None" = None


@dataclass(frozen=True, slots=True)
class Own:
    """A field to be made of a column: what it is called, its kind, what it offers (else what the column holds)."""

    name: str
    kind: str = "text"
    options: tuple[str, ...] = ()


@dataclass(slots=True)
class Spec:
    """A map. A column may fill several fields; one set to null is left out on purpose. ``blanks``: words that stand
    for an empty cell."""

    columns: dict[str, list[Target]] = dataclasses.field(default_factory=dict)
    defaults: dict[str, str] = dataclasses.field(default_factory=dict)
    create: tuple[str, ...] = ()
    dates: str | None = None
    decimal: str = "."
    currency: str | None = None
    encoding: str | None = None
    blanks: tuple[str, ...] = ()
    guessed: bool = False


def read_spec(path: str | Path) -> Spec:
    """The map in a file; raises Unusable."""
    try:
        data = orjson.loads(Path(path).read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except OSError as error:
        raise Unusable(f"The map {path} cannot be read: {error.strerror}.") from error
    except orjson.JSONDecodeError as error:
        raise Unusable(f"The map {path} is not JSON: {error}.") from error
    return spec_of(data)


def spec_of(data: Any) -> Spec:
    """A map from JSON; raises Unusable naming what is wrong."""
    if not isinstance(data, dict) or not isinstance(data.get("columns"), dict):
        raise Unusable('A map is a JSON object with "columns": {"Column": "field", …}.')
    for key in data:
        if key not in KEYS:
            raise Unusable(f"A map has no “{key}”.{nearest(key, KEYS)} Known: {', '.join(KEYS)}.")
    made = Spec(columns={name: _targets(name, given) for name, given in data["columns"].items()})
    defaults = data.get("defaults") or {}
    create = data.get("create") or []
    if not isinstance(defaults, dict) or not isinstance(create, list):
        raise Unusable('In a map, "defaults" is an object and "create" a list of fields.')
    made.defaults = {name: _text(value) for name, value in defaults.items()}
    made.create = tuple(str(name) for name in create)
    made.dates, made.decimal = data.get("dates"), data.get("decimal") or "."
    if made.decimal not in (".", ","):
        raise Unusable('In a map, "decimal" is "." or ",".')
    blanks = data.get("blanks") or []
    if not isinstance(blanks, list) or not all(isinstance(word, str) for word in blanks):
        raise Unusable('In a map, "blanks" is a list of the words that stand for an empty cell: ["NULL", "N/A"].')
    made.blanks = tuple(blanks)
    made.currency, made.encoding = data.get("currency"), data.get("encoding")
    return made


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    raise Unusable(f"A default is a text, a number, true or false, not {value!r}.")


def _targets(name: str, given: Any) -> list[Target]:
    if given is None:
        return []
    if isinstance(given, list):
        return [target for each in given for target in _targets(name, each)]
    if isinstance(given, str):
        return [Target(given)]
    own = _own(name, given) if isinstance(given, dict) and "custom" in given else None
    if not own and (not isinstance(given, dict) or not isinstance(given.get("field"), str)):
        raise Unusable(f'Column “{name}”: give a field, {{"field": …, "values": {{…}}, "create": true}}, or null.')
    keys = OWN_KEYS if own else TARGET_KEYS
    for key in given:
        if key not in keys:
            raise Unusable(f"Column “{name}”: unknown “{key}”.{nearest(key, keys)} Known: {', '.join(keys)}.")
    if given.get("empty") not in (None, "keep", "clear"):
        raise Unusable(f'Column “{name}”: "empty" is "keep" or "clear".')
    values = given.get("values") or {}
    if not isinstance(values, dict):
        raise Unusable(f'Column “{name}”: "values" is an object: what stands there, what it becomes.')
    field = f"{PREFIX}{key_of(own.name)}" if own else given["field"]
    return [Target(field, values, bool(given.get("create")), given.get("empty") == "clear", own)]


def _own(column: str, given: dict[str, Any]) -> Own:
    """The custom field that a column asks for."""
    name, kind, options = given["custom"], given.get("kind", "text"), given.get("options") or []
    if not isinstance(name, str) or not name.strip():
        raise Unusable(f'Column “{column}”: "custom" is the name of the field.')
    known = [each for each, _label in KINDS if each != "relation"]
    if kind not in known:
        raise Unusable(f"Column “{column}”: no kind “{kind}”.{nearest(str(kind), known)} Known: {', '.join(known)}.")
    if not isinstance(options, list) or not all(isinstance(each, str) for each in options):
        raise Unusable(f'Column “{column}”: "options" is a list of texts.')
    return Own(name.strip(), kind, tuple(options))
