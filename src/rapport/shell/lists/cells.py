"""Rows of a list, composed once per shape: the snippets of its columns joined into one flat template.

A snippet is ``cells/<entity>.<field>.jinja``, ``cells/field.<group>.<part>.jinja`` or that of the kind. Its first
comment says how the cell looks:
``width=…`` px, ``class=…``, ``icon=…``, its place in the phone's row ``phone=lead|sub|tail|time`` and further fields
it ``needs=…``. No macro is called per cell: at fifty rows by eight columns a call costs as much as the cell.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from jinja2 import Template, TemplateNotFound
from markupsafe import Markup

from rapport.platform.actor import current
from rapport.platform.identity import snapshot
from rapport.records import boards, kinds, registry, tagging
from rapport.records.entity import Entity, Field, Fields
from rapport.records.kinds.phones import spaced_phone
from rapport.records.related import Related, field_of
from rapport.sales.pipelines import steps
from rapport.shell.outcomes import OUTCOMES
from rapport.ui.engine import engine

_HEAD = re.compile(r"\{#(.*?)#\}\n?", re.DOTALL)
_SET = re.compile(r"\b(\w+)=([\w.,-]+(?: [\w.-]+(?!\w*=))*)")
PLACES = ("lead", "sub", "tail", "time")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a row and how its cell looks."""

    body: str
    width: int = 150
    classes: str = ""
    icon: str = ""
    phone: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """The rows of a list with these columns: what to read, and the template that shows it."""

    template: Template
    fields: tuple[str, ...]
    snippets: tuple[Snippet, ...]
    looked_up: tuple[str, ...]

    def rows(self, rows: Sequence[dict[str, Any]], plural: str) -> Markup:
        """The rows as markup."""
        known = {name: LOOKED_UP[name]() for name in self.looked_up}
        return Markup(self.template.render(rows=rows, base=f"/{plural}/", known=known))  # noqa: S704 - it escapes


class Words(dict[str, str]):
    """Labels of a choice by value; an unknown value speaks for itself."""

    def __missing__(self, value: str) -> str:
        return value


class Stages(dict[str, dict[str, Any]]):
    """Stages by id with what their bead shows; one in the bin has a plain bead."""

    def __missing__(self, key: str) -> dict[str, Any]:
        return {"kind": "lost", "hue": 0}


def _stages() -> Stages:
    return Stages({step.id: {"kind": step.kind, "hue": boards.hue_of(step)} for step in steps().values()})


def _tags() -> dict[str, Any]:
    """Hue of the tags that the reader sees, by name."""
    return {tag.name: {"hue": tag.hue, "own": bool(tag.owner)} for tag in tagging.visible(current())}


# What snippets look up instead of joining it per row: ``known.<name>``.
LOOKED_UP: dict[str, Callable[[], Any]] = {
    "stage": _stages,
    "tags": _tags,
    "outcome": lambda: OUTCOMES,
    "queues": lambda: snapshot.held().queues,
}


@cache
def _file(name: str) -> Snippet | None:
    env = engine().env
    try:
        text = env.loader.get_source(env, f"cells/{name}.jinja")[0]  # type: ignore[union-attr]
    except TemplateNotFound:
        return None
    head = _HEAD.match(text)
    said = dict(_SET.findall(head.group(1))) if head else {}
    needs = tuple(each for each in said.get("needs", "").split(",") if each)
    return Snippet(
        _HEAD.sub("", text, count=1).rstrip("\n"), int(said.get("width", 150)), said.get("class", ""),
        said.get("icon", ""), said.get("phone", ""), needs,
    )  # fmt: skip


def snippet(entity: Entity, known: Field) -> Snippet:
    """The snippet of a field: its own, else that of its kind; seen from another record one that needs nothing else."""
    if isinstance(known, Related):
        found = _snippet(known.entity, known.there)
        return found if not found.needs else _snippet(known.entity, replace(known.there, name=""))
    return _snippet(entity, known)


def _snippet(entity: Entity, known: Field) -> Snippet:
    kind = known.kind
    names = [f"{entity.key}.{known.name}", f"field.{known.name}" if "." in known.name else ""]
    if _may_wait(known):
        names.insert(0, "owner")
    if isinstance(kind, kinds.RelationKind):
        names.append(f"relation.{kind.to}")
    if isinstance(kind, kinds.NumberKind) and kind.unit == "%":
        names.append("percent")
    if isinstance(kind, kinds.AmountKind):
        names.append("money")
    found = (_file(name) for name in (*names, kind.name, "text") if name)
    return next(each for each in found if each is not None)


def _may_wait(known: Field) -> bool:
    """True for an owner's column where there are queues: it names the one that a record waits in."""
    return known.name == "owner" and bool(snapshot.held().queues)


def _face(entity: Entity) -> Snippet:
    """The picture before a title."""
    return _file(f"{entity.key}.face") or _file("face") or Snippet("")


@lru_cache(maxsize=256)
def shape(known_as: Fields, names: tuple[str, ...], language: str, set_up: int) -> Shape:
    """The shape of a list of records with these fields, of which ``names`` are its columns, the title first.

    ``set_up``: the version of what the organisation has set up, on which the words of some choices depend.
    """
    entity = known_as.entity
    fields = [field_of(entity, name) for name in names]
    snippets = [snippet(entity, known) for known in fields]
    face = _face(entity)
    places = _phone(snippets)
    frame, title, cell, link = (_frame(name) for name in ("row", "title", "cell", "related"))
    if isinstance(fields[0].kind, kinds.ChoiceKind):  # named by a word of its own, as an address by its kind
        title = title.replace("[[value]]", "words[0][[[value]]]")
    made = [_filled(title, fields[0], 0).replace("[[face]]", face.body).replace("[[icon]]", entity.icon)]
    for at, (known, each) in enumerate(zip(fields[1:], snippets[1:], strict=True), 1):
        classes = f"at-{places.get(at, 'off')} {each.classes}".strip()
        body = _filled(each.body, known, at)
        if isinstance(known, Related) and _leads(known) and "<a " not in body:
            body = _filled(link.replace("[[body]]", body), known, at)
        made.append(_filled(cell.replace("[[classes]]", classes).replace("[[body]]", body), known, at))
    text = frame.replace("[[cells]]", "\n".join(made))
    words = [
        Words({value: str(label) for value, label in known.kind.choices})
        if isinstance(known.kind, kinds.ChoiceKind) else None
        for known in fields
    ]  # fmt: skip
    template = engine().env.from_string(text, globals={"words": words, "spaced_phone": spaced_phone})
    needed = [each for one in (face, *snippets) for each in one.needs]
    currencies = [known.money_currency for known in fields if known.money_currency]
    holders = [known.holder for known in fields if isinstance(known, Related) and _leads(known)]
    further = [name for name in needed if name in known_as]
    wanted = dict.fromkeys([*names, *further, *currencies, *holders])
    looked_up = tuple(name for name in LOOKED_UP if f"known.{name}" in text)
    return Shape(template, tuple(wanted), tuple(snippets), looked_up)


def _leads(known: Related) -> bool:
    """True for records that have a card one would look at."""
    return known.entity.is_record and not known.entity.configuration


def _frame(name: str) -> str:
    found = _file(name)
    return found.body if found else ""


def _filled(body: str, known: Field, at: int) -> str:
    """The body with this field's own names in it."""
    value = f'row["custom"]["{known.key}"]' if known.mark is not None else f"row.{known.name}"
    currency = f"row.{known.money_currency}" if known.money_currency else "none"
    if isinstance(known, Related):
        value, currency = f'row["{known.name}"]', f'row["{known.money_currency}"]'
        body = body.replace("[[holder]]", f'row["{known.holder}"]').replace("[[plural]]", known.entity.plural)
    if isinstance(known.kind, kinds.AmountKind):
        currency = f'"{known.kind.currency}"'
    elif _may_wait(known):
        value = "(row.owner or (row.team if row.team and row.team.id in known.queues else none))"
    target = registry.get(known.relation).plural if known.relation else ""
    for token, text in (("value", value), ("currency", currency), ("words", f"words[{at}]"), ("target", target)):
        body = body.replace(f"[[{token}]]", text)
    return body


def _phone(snippets: Sequence[Snippet]) -> dict[int, str]:
    """Which columns take the places of the phone's row: each place the column that fits it best, else the first."""
    found: dict[int, str] = {}
    for place in PLACES:
        fits = [
            (each.phone.split(",").index(place), at)
            for at, each in enumerate(snippets)
            if at and at not in found and place in each.phone.split(",")
        ]
        if fits:
            found[min(fits)[1]] = place
    return found
