"""What a person can do from anywhere: places to go, things to create, deeds on a record, settings.

Derived from the register and from the grants, so a new entity is in the command palette without a line of its own.
The list depends on language and rights alone: it is made once for each, and browsers keep it.
"""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from markupsafe import Markup

from rapport.platform.actor import VERBS, Actor
from rapport.platform.identity import snapshot
from rapport.records import View, registry
from rapport.records.actions import actions_of
from rapport.records.entity import Entity
from rapport.records.kinds import ChoiceKind
from rapport.shell import nav

Rights = frozenset[tuple[str, str]]
# What the composer of a card can take down: channel, icon, its name on that card, its name elsewhere, other words.
CHANNELS = (
    ("call", "phone", _l("Log call"), _l("Log call with {}"), _l("phone call, called")),
    ("note", "sticky-note", _l("Write note"), _l("Write note on {}"), _l("note, comment")),
    ("email", "mail", _l("Log e-mail"), _l("Log e-mail with {}"), _l("email, mail")),
    ("meeting", "calendar", _l("Log meeting"), _l("Log meeting with {}"), _l("meeting, visit")),
)
THEMES = (
    ("light", "sun", _l("Light theme")),
    ("dark", "moon", _l("Dark theme")),
    ("system", "monitor", _l("Theme of the device")),
    ("contrast", "contrast", _l("High contrast theme")),
)


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette. ``kind`` is its section; what is left empty does not apply.

    ``url``: a page, or with ``dialog`` a form in place; ``title``: its parameter that takes typed text over.
    ``does``: a deed of the browser itself (``theme:dark``). ``on``: the plurals of the entities of which it first needs
    a record, then called ``label`` with the record's title in ``{}`` (before that, ``noun``); ``hash`` is put behind
    the record's address, ``verb`` asks for the choices of that action.
    """

    kind: str
    label: str
    icon: str
    words: str = ""
    key: str = ""
    url: str = ""
    dialog: bool = False
    title: str = ""
    does: str = ""
    on: tuple[str, ...] = ()
    hash: str = ""
    verb: str = ""
    noun: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything offered to somebody: as JSON with its address, the short list of what can be created, keys to go."""

    url: str
    body: bytes
    creates: tuple[Command, ...]
    goes: tuple[tuple[str, str, str], ...]


def offer(actor: Actor) -> Offer:
    """What ``actor`` may do, in the language at hand."""
    rights = frozenset((entity.key, verb) for entity in registry for verb in VERBS if actor.may(entity.key, verb))
    return _offer(get_language() or "en", rights, settings.DEVELOPER, snapshot.held().mark)


@functools.lru_cache(maxsize=256)
def _offer(_language: str, rights: Rights, developer: bool, _set_up: int) -> Offer:
    places, creates = _places(rights), _creates(rights)
    found = [*places, *creates, *_deeds(rights), *_own(rights, developer)]
    told = [{name: value for name, value in asdict(command).items() if value} for command in found]
    body = orjson.dumps({"words": _words(), "commands": told})
    goes = tuple((each.label, each.key, each.url) for each in places if each.key)
    everyday = tuple(each for each in creates if each.words != "configuration")
    return Offer(f"/commands?v={hashlib.sha256(body).hexdigest()[:12]}", body, everyday, goes)


@functools.lru_cache(maxsize=1024)
def leads(path: str) -> bool:
    """True when something answers at this address: what has no screen is not offered."""
    try:
        resolve(path.partition("?")[0].partition("#")[0])
    except Resolver404:
        return False
    return True


def has_card(entity: Entity) -> bool:
    """True when its records have a page."""
    return leads(entity.url("0" * 32))


def _places(rights: Rights) -> list[Command]:
    found = []
    for entity in registry:
        if (entity.key, "view") not in rights or not leads(f"/{entity.plural}"):
            continue
        for at, view in enumerate(entity.lists.values()):
            label = str(view.label) if not at or view.go else f"{entity.label_plural}: {view.label}"
            key = f"g {view.go}" if view.go else ""
            found.append(Command("go", label, view.icon or entity.icon, view.shape, key, nav.address(entity, view)))
    return found


def _creates(rights: Rights) -> list[Command]:
    found = []
    for entity in sorted(registry, key=lambda each: not _everyday(each)):
        if entity.part_of or (entity.key, "add") not in rights or not leads(f"/{entity.plural}/new"):
            continue
        words = "configuration" if entity.configuration else f"{_('create')} {_('add')}"
        named = [view for view in entity.views if view.one] or [View("all", "", one=str(entity.label).lower())]
        for view in reversed({str(view.one): view for view in reversed(named)}.values()):
            query = f"?{urlencode(view.new)}" if view.new else ""
            label = _("New %(what)s") % {"what": view.one}
            where, icon = f"/{entity.plural}/new{query}", view.icon or entity.icon
            found.append(Command("new", label, icon, words, url=where, dialog=True, title=entity.title))
    return sorted(found, key=lambda each: each.words == "configuration")


def _everyday(entity: Entity) -> bool:
    """Whether people make them in their daily work: not the set-up, nor what no role of the trade may add."""
    return not entity.configuration and any({"add", "*"} & set(verbs.split()) for verbs in entity.grants.values())


def _deeds(rights: Rights) -> list[Command]:
    told = tuple(
        entity.plural
        for entity in registry
        if entity.card.composer and (entity.key, "view") in rights and has_card(entity)
    )
    found = []
    if told and ("interaction", "add") in rights:
        found += [
            Command("do", str(elsewhere), icon, str(words), on=told, hash=f"#log-{channel}")
            for channel, icon, _here, elsewhere, words in CHANNELS
        ]
    for entity in registry:
        for name, method in actions_of(entity.model).items():
            known: Any = method
            if (entity.key, known.right) in rights and usable(entity, method) and has_card(entity):
                noun = str(entity.label)
                label = f"{{}}: {known.label}…"
                found.append(Command("do", label, entity.icon, noun, on=(entity.plural,), verb=name, noun=noun))
    return found


def usable(entity: Entity, method: Callable[..., Any]) -> bool:
    """True when an action can be carried out by choosing: it takes nothing, or first a relation or a choice."""
    takes = method.takes  # type: ignore[attr-defined]
    if not takes:
        return True
    known = entity.fields.get(takes[0])
    return known is not None and (known.relation is not None or isinstance(known.kind, ChoiceKind))


def _own(rights: Rights, developer: bool) -> list[Command]:
    """What belongs to nobody's record."""
    words = _("switch theme appearance colours")
    found = [Command("set", str(label), icon, words, does=f"theme:{value}") for value, icon, label in THEMES]
    found += [
        Command("set", _("Undo last change"), "undo-2", _("take back revert"), "z", does="undo"),
        Command("go", _("Imports"), "upload", _("import file table"), url="/imports"),
        Command("go", _("Your account"), "user-round", _("profile password time zone"), url="/account"),
        Command("go", _("Security"), "shield-check", _("second factor passkey sessions"), url="/account/security"),
        Command("go", _("API tokens"), "key-round", _("api key program"), url="/account/tokens"),
        Command("set", _("Keyboard shortcuts"), "keyboard", _("keys help"), "?", does="keys"),
        Command("set", _("Fold navigation"), "panel-left", _("sidebar"), does="fold"),
        Command("set", _("Copy address of this page"), "link", _("link share"), does="copy"),
        Command("set", _("Sign out"), "log-out", _("log out leave"), does="sign-out"),
    ]
    if ("user", "change") in rights:
        words = _("administration sign-ins passwords second factor roles")
        found.append(Command("go", _("Sign-in and security"), "shield", words, url="/security"))
    if {("user", "change"), ("role", "change")} <= rights:
        words = _("administration users permissions rights grants invite view as")
        found.append(Command("go", _("People and roles"), "users", words, url="/access"))
        words = _("history who changed exported signed in proof")
        found.append(Command("go", _("Audit"), "history", words, url="/audit"))
    if developer:
        found.append(Command("go", _("Gallery of components"), "sparkles", "developer", url="/gallery"))
    return found


def _words() -> dict[str, str]:
    """What the palette says itself."""
    return {
        "go": _("Go to"), "new": _("Create"), "do": _("Actions"), "set": _("Settings"), "recent": _("Recent"),
        "often": _("Used last"), "none": _("Nothing found for “{}”."), "record": _("Choose a record…"),
        "value": _("Choose…"), "title": _("Type a name, or choose…"), "titled": _("Create “{}”"),
        "count": _("{} results"), "busy": _("Searching…"), "copied": _("Address copied"),
        "nothing": _("There is nothing to undo."), "type": _("Type to find a record."),
    }  # fmt: skip


def keys_dialog(offered: Offer, places: tuple[tuple[str, str, str], ...]) -> Markup:
    """The sheet of keys, which the script obeys too: the same for all with this language and these places to go."""
    taken = {key for _label, key, _url in places}
    goes = places + tuple(each for each in offered.goes if each[1] not in taken)
    return _sheet(get_language() or "en", goes, snapshot.held().mark)


@functools.lru_cache(maxsize=64)
def _sheet(_language: str, goes: tuple[tuple[str, str, str], ...], _set_up: int) -> Markup:
    return Markup(render_to_string("shell/keys.jinja", {"goes": goes}))  # noqa: S704
