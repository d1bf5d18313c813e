"""What is done to many rows at once: each deed one operation, so that one undo takes all of it back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.keys import parse_key
from rapport.records import kinds, read, registry, tagging, write
from rapport.records.entity import Entity, Field
from rapport.records.errors import BadQuery, Problem
from rapport.shell.refusals import in_words

MOST = 1000


@dataclass(slots=True)
class Done:
    """What came of it: served, of these changed, left alone with the first reason ``why``."""

    operation: str
    served: int = 0
    changed: int = 0
    left: int = 0
    why: str = ""


def keys_of(given: Sequence[str]) -> list[str]:
    """The ids that were selected; raises BadQuery for none or too many."""
    found = list(dict.fromkeys(key for each in given if (key := parse_key(each))))
    if not found:
        raise BadQuery(_("Select some rows first."))
    if len(found) > MOST:
        raise BadQuery(
            _("At most %(most)s rows at once; %(count)s are selected.") % {"most": MOST, "count": len(found)}
        )
    return found


def holds_several(entity: Entity) -> list[Field]:
    """Fields to which values can be added, and from which they can be taken: tags, roles."""
    several = (known for known in entity.fields.values() if not known.read_only)
    return [known for known in several if "has_any" in known.kind.ops or isinstance(known.kind, kinds.TagsKind)]


def deeds(entity: Entity) -> list[str]:
    """What this reader may do with many: ``assign``, ``bin``, ``add:<field>``, ``remove:<field>``."""
    actor = current()
    found = []
    if actor.may(entity.key, "change"):
        found += ["assign"] if entity.is_record and not entity.configuration else []
        found += [f"{verb}:{known.name}" for known in holds_several(entity) for verb in ("add", "remove")]
    if entity.is_record and actor.may(entity.key, "delete"):
        found.append("bin")
    return found


def carry_out(entity: Entity, deed: str, keys: list[str], values: list[str]) -> Done:
    """One deed on many rows; rows that refuse are left alone and counted."""
    if deed not in deeds(entity):
        raise BadQuery(_("That cannot be done here."))
    edit = _edit(entity, deed, values)
    with write.operation() as operation:
        done = Done(operation.id)
        if deed == "add:tags" and current().may("tag", "add"):
            for name in tagging.unknown(filter(str.strip, values), current()):
                write.create(registry.get("tag"), {"name": name})
        for key in keys:
            try:
                with db.savepoint():
                    before = write.rows.load(entity, key, current()).version
                    record = edit(key)
                    done.changed += record.version != before
                done.served += 1
            except Problem as problem:
                done.left += 1
                done.why = done.why or in_words(problem)
        return done


def _edit(entity: Entity, deed: str, values: list[str]) -> Callable[[str], Any]:
    verb, _colon, name = deed.partition(":")
    if verb == "bin":
        return lambda key: write.put_in_bin(entity, key)
    if verb == "assign":
        owner = parse_key(values[0]) if values and values[0] else None
        if owner is None:
            raise BadQuery(_("Choose who shall have them."))
        return lambda key: write.change(entity, key, {"owner": owner})
    chosen = [value for value in values if value]
    if not chosen:
        raise BadQuery(_("Choose at least one."))
    return lambda key: write.change(entity, key, {name: _changed(entity, key, name, verb, chosen)})


def _changed(entity: Entity, key: str, name: str, verb: str, chosen: list[str]) -> list[str]:
    """The values a record shall hold, those it has already kept in their order."""
    held = orjson.loads(read.one(entity, key, fields=(name,)))[name] or []
    plain = [each["id"] if isinstance(each, dict) else each for each in held]
    if verb == "remove":
        return [each for each in plain if each not in chosen]
    return [*plain, *(each for each in chosen if each not in plain)]


def options(known: Field) -> list[tuple[str, str]]:
    """What can be chosen, for a field with a fixed list."""
    kind = known.kind
    if isinstance(kind, kinds.TagsKind):
        return [(tag.name, tag.name) for tag in tagging.visible(current())]
    return [(value, str(label)) for value, label in kind.choices] if isinstance(kind, kinds.ChoiceKind) else []


def source(known: Field) -> str:
    """Where values are looked up, for a field that refers to records."""
    return registry.get(target).plural if (target := getattr(known.kind, "to", "")) else ""


def words(entity: Entity, deed: str, done: Done) -> str:
    """What is said when it is done."""
    count = {"count": f"{done.served:,}"}
    if deed == "bin":
        text = ngettext("%(count)s moved to the bin", "%(count)s moved to the bin", done.served) % count
    elif deed == "assign":
        text = ngettext("%(count)s assigned", "%(count)s assigned", done.served) % count
    else:
        text = ngettext("%(count)s changed", "%(count)s changed", done.served) % count
    if done.left:
        left = ngettext("%(n)s left alone: %(why)s", "%(n)s left alone: %(why)s", done.left)
        text += ". " + left % {"n": done.left, "why": done.why}
    return text
