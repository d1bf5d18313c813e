"""The words of the organisation's own: what can be called otherwise, and what it is called.

Whoever shows a label reads the entity's, the view's or the field's, as before: these are lazy words that look at the
set-up when they are shown. Fields with words of their own are made anew with each set-up, so that whatever is cached by
them follows. Names on the wire never change.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.functional import lazy
from django.utils.translation import get_language

from rapport.platform.identity import snapshot
from rapport.platform.text import fold
from rapport.records import kinds

if TYPE_CHECKING:
    from rapport.records.entity import Entity
    from rapport.records.field import Field

ONE, MANY = "one", "many"
EVERY_LANGUAGE = ""
Said = Mapping[str, str]  # a word by language
Words = Mapping[str, Said]  # by what it is the word for


@dataclass(frozen=True, slots=True)
class Nameable:
    """Something of an entity that can be called otherwise. ``of``: the field it belongs to; ``declared``: its word."""

    part: str
    declared: Any
    of: str = ""


def pick(said: Said, otherwise: Any) -> str:
    """The word in the language at hand, else the one for all languages, else what it is called without."""
    return said.get(get_language() or "") or said.get(EVERY_LANGUAGE) or str(otherwise)


def _of(key: str) -> Words | None:
    held = snapshot.known()
    found: Words | None = held.parts["own"].words.get(key) if held else None
    return found


def _shown(key: str, part: str, declared: Any, likes: tuple[tuple[str, Any], ...]) -> str:
    words = _of(key)
    if words is None:
        return str(declared)
    said = words.get(part)
    if said is None:  # "Deals" over the board of deals is what deals are called
        plain = str(declared).casefold()
        said = next((words[other] for other, told in likes if other in words and str(told).casefold() == plain), None)
    return pick(said, declared) if said else str(declared)


_lazily = lazy(_shown, str)


def dress(entity: "Entity") -> None:
    """Let the words of a declared entity, its lists, panels and sections follow the set-up."""
    cls, key = type(entity), entity.key
    likes = ((MANY, cls.label_plural), (ONE, cls.label))
    found = {ONE: cls.label, MANY: cls.label_plural}

    def word(part: str, declared: Any, own: bool = True) -> Any:
        if own:
            found[part] = declared
        return _lazily(key, part, declared, likes)

    views = [
        replace(
            view, label=word(f"list.{view.key}", view.label), one=view.one and word(f"one.{view.key}", view.one),
        ) for view in cls.views
    ]  # fmt: skip
    panels = [replace(panel, label=word(f"panel.{panel.on}.{panel.by}", panel.label)) for panel in cls.panels]
    sections = [replace(each, label=word("", each.label, own=False)) for each in cls.card.sections]
    cls.label, cls.label_plural = word(ONE, cls.label), word(MANY, cls.label_plural)
    cls.views, cls.panels, cls.card = views, panels, replace(cls.card, sections=sections)
    cls.called = found


def nameable(entity: "Entity") -> Iterator[Nameable]:
    """All that can be called otherwise, with the words it comes with: itself, its lists and panels, its own fields."""
    for part, declared in entity.called.items():
        yield Nameable(part, declared)
    for known in entity.declared.values():
        if known.name == "id":
            continue
        yield Nameable(f"field.{known.name}", str(known.label).capitalize(), known.name)
        yield Nameable(f"help.{known.name}", known.help, known.name)
        if _has_words(known.kind):
            for value, label in known.kind.choices:  # type: ignore[attr-defined]
                yield Nameable(f"choice.{known.name}.{value}", label, known.name)


def _has_words(kind: kinds.Kind) -> bool:
    """True for a choice whose values and words are declared with it."""
    return type(kind) in (kinds.ChoiceKind, kinds.MultiChoiceKind)


def renamed(known: "Field", words: Words) -> "Field":
    """A declared field under the organisation's words."""
    said, told = words.get(f"field.{known.name}"), words.get(f"help.{known.name}")
    changes: dict[str, Any] = {}
    if said:
        changes |= {"label": _label(said, str(known.label).capitalize()), "written": True}
    if told:
        changes["help"] = _label(told, known.help)
    if _has_words(known.kind):
        labels = {value: words.get(f"choice.{known.name}.{value}") for value, _word in known.kind.choices}  # type: ignore[attr-defined]
        if any(labels.values()):
            changes["kind"] = _relabelled(known.kind, labels)
    return replace(known, **changes) if changes else known


_by_language = lazy(pick, str)


def _label(said: Said, otherwise: Any) -> Any:
    """Plain text where it is the same in every language."""
    return said[EVERY_LANGUAGE] if set(said) == {EVERY_LANGUAGE} else _by_language(said, otherwise)


def _relabelled(kind: Any, labels: Mapping[str, Said | None]) -> kinds.Kind:
    """The same values under other words; files that hold the words of before are still understood."""
    choices = tuple(
        (value, _label(said, declared) if (said := labels[value]) else declared) for value, declared in kind.choices
    )
    made = copy.copy(kind)
    made.relabel(choices, {fold(str(declared)): value for value, declared in kind.choices})
    return made
