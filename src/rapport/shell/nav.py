"""The navigation: every named list the reader may see, by section, derived from the entities."""

import functools
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from rapport.platform.actor import Actor
from rapport.platform.identity import snapshot
from rapport.records import Entity, View, notifications, registry
from rapport.records.duplicates import merging
from rapport.shell.lists import saved

# In the order of the day; one without a heading joins the reader's own places. An entity without a section is reached
# through others, not from here.
SECTIONS = {
    "work": "",
    "relationships": gettext_lazy("Relationships"),
    "sales": gettext_lazy("Sales"),
    "marketing": gettext_lazy("Marketing"),
    "service": gettext_lazy("Service"),
    "supply": gettext_lazy("Supply"),
    "insight": gettext_lazy("Insight"),
}

# Where the day is, whoever one is; `count` is asked only where the navigation is drawn.
OWN: tuple[dict[str, Any], ...] = (
    {"label": gettext_lazy("My day"), "icon": "sun", "url": "/my-day", "key": "g m", "count": None},
    {
        "label": gettext_lazy("Notifications"), "icon": "bell", "url": "/notifications", "key": "g n",
        "count": notifications.unread,
    },
)  # fmt: skip


def address(entity: Entity, view: View) -> str:
    """The address of a named list; the first needs no name."""
    first = next(iter(entity.lists))
    return f"/{entity.plural}" if view.key == first else f"/{entity.plural}?{urlencode({'view': view.key})}"


def places(actor: Actor) -> Iterator[tuple[str, Entity, View]]:
    """(section, entity, view) of everything the actor may go to: what has a letter, or comes first."""
    for section in SECTIONS:
        for entity in registry:
            if entity.section != section or not actor.may(entity.key, "view"):
                continue
            for at, view in enumerate(entity.lists.values()):
                if view.go or not at:
                    yield section, entity, view


def sections(actor: Actor, language: str, path: str, chosen: str, of: str = "") -> list[dict[str, Any]]:
    """The navigation as the template takes it.

    ``path`` and the view ``chosen`` there mark where the reader is; ``of`` is the list that a card belongs to.
    """
    seen = frozenset(entity.key for entity in registry if actor.may(entity.key, "view"))
    plural, _slash, rest = path.strip("/").partition("/")
    own = [{**item, "current": item["url"] == path} for item in _own(language)]
    found: list[dict[str, Any]] = [{"label": "", "items": own}]
    pairs = _duplicates(actor, path)
    for label, items in _items(seen, language, snapshot.held().mark):
        marked = [{**item, "current": item["url"] == of or _here(item, plural, rest, chosen)} for item in items]
        marked += pairs.pop(label, [])
        if label:
            found.append({"label": label, "items": marked})
        else:
            found[0]["items"] += marked
    return found


def _duplicates(actor: Actor, path: str) -> dict[str, list[dict[str, Any]]]:
    """By section: where pairs of records that may be one are reviewed, for those who may merge them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entity in registry.declared:
        if entity.section and merging.may_merge(entity, actor):
            url = f"/{entity.plural}/duplicates"
            item = {"label": _("Duplicates"), "icon": "copy", "url": url, "key": "", "count": None}
            found.setdefault(str(SECTIONS[entity.section]), []).append({**item, "current": path == url})
    return found


def pinned(actor: Actor, path: str, chosen: str) -> list[dict[str, Any]]:
    """The saved views that the reader has pinned."""
    found = []
    for key, name, entity in saved.pinned(actor):
        path_of = f"/{registry.get(entity).plural}"
        found.append({
            "label": name, "icon": "bookmark", "url": f"{path_of}?view={key}", "key": "", "count": None,
            "current": path == path_of and chosen == key,
        })  # fmt: skip
    return found


@functools.lru_cache(maxsize=32)
def _own(language: str) -> tuple[dict[str, Any], ...]:
    with override(language):
        return tuple({**item, "label": str(item["label"])} for item in OWN)


def _here(item: dict[str, Any], plural: str, rest: str, chosen: str) -> bool:
    if item["plural"] != plural or rest:
        return False
    return item["view"] == chosen if chosen in item["known"] else bool(item["first"])


@functools.lru_cache(maxsize=128)
def _items(seen: frozenset[str], language: str, _set_up: int) -> tuple[tuple[str, tuple[dict[str, Any], ...]], ...]:
    """The same for everybody with these rights and this language as long as the set-up is this one, so made once."""
    actor = Actor(id="", name="", grants={(key, "view"): 3 for key in seen})
    grouped: dict[str, list[dict[str, Any]]] = {}
    with override(language):
        for section, entity, view in places(actor):
            grouped.setdefault(str(SECTIONS[section]), []).append(_item(entity, view))
        return tuple((label, tuple(items)) for label, items in grouped.items())


def _item(entity: Entity, view: View) -> dict[str, Any]:
    known = [each.key for each in entity.lists.values() if each.go or each is next(iter(entity.lists.values()))]
    return {
        "label": str(view.label), "icon": view.icon or entity.icon, "url": address(entity, view),
        "key": f"g {view.go}" if view.go else "", "plural": entity.plural, "view": view.key,
        "first": view.key == known[0], "known": tuple(known),
    }  # fmt: skip
