"""A deed on many as programs ask for it: which records, what with them, and how many those may be.

``{"deed": "edit", "values": {"owner": "Mary"}, "filter": {…}, "q": "…", "expect": 12345}``. Who does not say how many
records he expects is told how many there are, and nothing is done: a typo in a filter empties no base.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import current
from rapport.records import intake, read, search_read
from rapport.records.actions import actions_of
from rapport.records.bulk import deeds, runs
from rapport.records.bulk.deeds import Deed
from rapport.records.entity import Entity
from rapport.records.errors import BadQuery, Conflict, Invalid
from rapport.records.models import BulkRun
from rapport.records.read import Query

NAMES = ("deed", "values", "filter", "q", "expect", "dry_run")
DEEDS = ("edit", "assign", "add", "remove", "tag", "untag", "bin", "restore")
LISTS = {"add": "add", "tag": "add", "remove": "remove", "untag": "remove"}
FOUND, SHOWN = 200, 5  # a search looks for no more than FOUND


@dataclass(frozen=True, slots=True)
class Expected:
    """How many records a deed may touch."""

    at_least: int
    at_most: int

    def holds(self, count: int) -> bool:
        """Whether so many are as expected."""
        return self.at_least <= count <= self.at_most


@dataclass(frozen=True, slots=True)
class Asked:
    """A deed that is understood and permitted, and what it is asked of; ``binned``: of what lies in the bin."""

    entity: Entity
    deed: Deed
    tree: Any
    expected: Expected | None = None
    binned: bool = False
    dry_run: bool = False

    def query(self, *names: str) -> Query:
        """The records that it would touch."""
        return Query(self.entity, filter=self.tree, sort=("created_at",), fields=names or ("id",), binned=self.binned)

    def count(self) -> int:
        """How many those are."""
        return read.count(self.query())

    def some(self) -> list[dict[str, str]]:
        """The first few of them, by id and title."""
        query = self.query("id", self.entity.title)
        query.limit = SHOWN
        return [{"id": row["id"], "title": str(row[self.entity.title] or "")} for row in read.page(query).items()]


def understood(entity: Entity, body: Mapping[str, Any]) -> Asked:
    """What a request asks; raises Invalid, BadQuery or Forbidden before anything is touched."""
    for name in body:
        if name not in NAMES:
            known = ", ".join(NAMES)
            raise Invalid.at(str(name), _("Unknown; a deed on many takes: %(known)s.") % {"known": known}, "unknown")
    deed = _deed(entity, body.get("deed"), body.get("values"))
    dry_run = body.get("dry_run", False)
    if not isinstance(dry_run, bool):
        raise Invalid.at("dry_run", _("Give true or false."), "type")
    deeds.check(entity, deed, current())
    tree, binned = _records(entity, body), deed.do == "restore"
    asked = Asked(entity, deed, tree, _expected(body.get("expect")), binned, dry_run)
    read.count(asked.query(), most=1)  # a filter that is not understood is refused now
    return asked


def begin(asked: Asked) -> BulkRun:
    """Let it be done in the background when it finds as many records as expected; raises Invalid, Conflict."""
    count = asked.count()
    words = {"count": f"{count:,}", "entity": str(asked.entity.label_plural), "n": count}
    if asked.expected is None:
        text = _("Say how many you expect: this finds %(count)s of %(entity)s. Nothing was done.")
        errors = [{"field": "expect", "code": "required", "message": text % words}]
        raise Invalid(text % words, errors=errors, count=count)
    if not asked.expected.holds(count):
        text = _("This finds %(count)s of %(entity)s, not as many as you expect. Nothing was done.")
        raise Conflict(text % words, count=count)
    return runs.begin(asked.entity, asked.deed, asked.tree, binned=asked.binned, most=asked.expected.at_most)


def _deed(entity: Entity, word: Any, given: Any) -> Deed:
    values = {} if given is None else given
    if not isinstance(word, str) or not word:
        raise Invalid.at("deed", _("Say what to do: %(known)s.") % {"known": _known(entity)}, "required")
    if not isinstance(values, Mapping):
        raise Invalid.at("values", _("Give an object."), "type")
    if word in ("bin", "restore") or (word == "take" and entity.is_queueable):
        if values:
            raise Invalid.at("values", _("“%(deed)s” takes no values.") % {"deed": word}, "unknown")
        return Deed(word)
    if word in ("edit", "assign"):
        return Deed("change", data=_changes(entity, word, values))
    if word in LISTS:
        field, chosen = _several(word, values)
        return Deed(LISTS[word], field=field, values=chosen)
    if word not in actions_of(entity.model):
        words = {"deed": word[:60], "known": _known(entity)}
        raise Invalid.at("deed", _("There is no “%(deed)s” here. Known: %(known)s.") % words, "choice")
    method: Any = actions_of(entity.model)[word]
    if missing := [name for name in method.asks if values.get(name) in (None, "")]:
        raise Invalid.at(missing[0], _("This is needed."), "required")
    return Deed("act", verb=word, args=values)


def _known(entity: Entity) -> str:
    found = [*DEEDS, *(["take"] if entity.is_queueable else []), *actions_of(entity.model)]
    return ", ".join(dict.fromkeys(found))


def _changes(entity: Entity, word: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are set; to assign is to give the owner alone."""
    if word == "assign" and (set(values) != {"owner"} or "owner" not in entity.fields):
        raise Invalid.at("values", _("“assign” takes: owner."), "required")
    if not intake.flatten(values):
        raise Invalid.at("values", _("Choose what to change."), "required")
    return dict(values)


def _several(word: str, values: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The one field to which values are added or from which they are taken, and these."""
    (name, chosen), *rest = values.items() or [("", None)]
    if rest or not isinstance(chosen, list) or not chosen or not all(isinstance(each, str) for each in chosen):
        told = '{"tags": ["VIP"]}'
        raise Invalid.at("values", _("“%(deed)s” takes one list: %(told)s.") % {"deed": word, "told": told}, "required")
    if word in ("tag", "untag") and name != "tags":
        raise Invalid.at("values", _("“%(deed)s” takes: tags.") % {"deed": word}, "unknown")
    return name, chosen


def _records(entity: Entity, body: Mapping[str, Any]) -> Any:
    """The filter; what words find stands in it by ids, as what is found by them may change on the way."""
    sought = body.get("q")
    if sought is not None and not (isinstance(sought, str) and sought.strip()):
        raise Invalid.at("q", _("Give a text."), "type")
    tree = body.get("filter")
    if tree is None and sought is None:
        told = _("Say which records: a filter, or “q”. {} are all.")
        raise Invalid.at("filter", told, "required")
    if tree is not None and not isinstance(tree, Mapping):
        raise Invalid.at("filter", _("Give an object."), "type")
    if sought is None:
        return tree or None
    _sql, found = search_read.condition(entity, sought)
    if len(found) >= FOUND:
        told = _("“q” finds %(most)s records or more, and looks no further. Use a filter.") % {"most": FOUND}
        raise BadQuery(told)
    by_words = {"field": "id", "op": "in", "value": [str(db.unkey(key)) for key in found]}
    return {"and": [tree, by_words]} if tree else by_words


def _expected(given: Any) -> Expected | None:
    """``12345``, or ``{"at_least": 1, "at_most": 500}``."""
    if given is None:
        return None
    if _is_count(given):
        return Expected(given, given)
    if isinstance(given, Mapping) and "at_most" in given and not set(given) - {"at_least", "at_most"}:
        least, most = given.get("at_least", 0), given["at_most"]
        if _is_count(least) and _is_count(most) and least <= most:
            return Expected(least, most)
    told = '{"at_least": 1, "at_most": 500}'
    raise Invalid.at("expect", _("Give a whole number, or %(told)s.") % {"told": told}, "type")


def _is_count(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= 10**12
