"""What is done to many rows at once: each deed one operation, so that one undo takes all of it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.platform.actor import current
from rapport.platform.identity import snapshot
from rapport.platform.keys import parse_key
from rapport.records import kinds, read, registry, tagging, write
from rapport.records.bulk import deeds
from rapport.records.bulk.deeds import Deed
from rapport.records.entity import Entity, Field
from rapport.records.errors import BadQuery
from rapport.records.intake import queue_named
from rapport.shell.lists.state import State
from rapport.shell.refusals import in_words

MOST = 1000  # rows that are waited for; more are worked on in the background
PLAIN = ("assign", "take", "bin", "restore", "set")


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


def of_list(state: State) -> list[str] | None:
    """The ids of all that a list holds; None when they are more than one waits for."""
    query = state.but(sorts=()).query(("id",))
    query.sort, query.limit, query.expand = ("created_at",), MOST, False
    found = read.page(query)
    return None if found.next else [each["id"] for each in found.items()]


def holds_several(entity: Entity) -> list[Field]:
    """Fields to which values can be added, and from which they can be taken: tags, roles."""
    several = (known for known in entity.fields.values() if not known.read_only)
    return [known for known in several if isinstance(known.kind, kinds.MultiChoiceKind | kinds.TagsKind)]


def settable(entity: Entity) -> list[Field]:
    """Fields that can be given one value on many rows: those that the card shows, but for what names the record."""
    shown = dict.fromkeys(name for section in entity.fields.sections for name in (*section.fields, *entity.form))
    found = (entity.fields[name] for name in shown if name in entity.fields)
    left_out = (entity.title, entity.part_of, "owner", "about", "external_id", "external_source")
    return [
        known for known in found
        if not known.read_only and known.name not in left_out and not isinstance(known.kind, kinds.TagsKind)
    ]  # fmt: skip


def offered(state: State) -> list[str]:
    """What this reader may do with many: ``assign``, ``take``, ``move:<field>``, ``add:<field>``, ``remove:<field>``,
    ``set``, ``bin``; in the bin ``restore``."""
    actor, entity, found = current(), state.entity, []
    if state.binned:
        return ["restore"] if actor.may(entity.key, "delete") else []
    if actor.may(entity.key, "change"):
        found += ["assign"] if entity.is_record and not entity.configuration and not entity.part_of else []
        found += ["take"] if entity.is_queueable and snapshot.held().queues else []
        found += [f"move:{entity.kept_board.by}"] if entity.kept_board else []
        found += [f"{verb}:{known.name}" for known in holds_several(entity) for verb in ("add", "remove")]
        found += ["set"] if settable(entity) else []
    if entity.is_record and actor.may(entity.key, "delete"):
        found.append("bin")
    return found


def asked(entity: Entity, name: str) -> tuple[str, Field | None]:
    """(What to do, the field it concerns): ``set:stage`` -> ("set", stage); raises BadQuery for what there is not."""
    verb, _colon, field = name.partition(":")
    if verb == "assign" and "owner" in entity.fields:
        return verb, entity.fields["owner"]
    if not field and verb in PLAIN:
        return verb, None
    choices = {"set": settable(entity), "add": holds_several(entity), "remove": holds_several(entity)}
    choices["move"] = [entity.fields[entity.kept_board.by]] if entity.kept_board else []
    known = next((each for each in choices.get(verb, ()) if each.name == field), None)
    if known is None:
        raise BadQuery(_("That cannot be done here."))
    return verb, known


def deed_of(entity: Entity, name: str, values: Sequence[str], data: Mapping[str, Any], *, empty: bool = False) -> Deed:
    """The deed as a form asks for it: ``values`` of a choice, or ``data`` of the field's own control."""
    verb, known = asked(entity, name)
    chosen = [value for value in values if value.strip()]
    if known is None:
        return Deed(verb)
    if verb == "assign":
        owner = (chosen[0] if queue_named(chosen[0]) else parse_key(chosen[0])) if chosen else None
        if owner is None:
            raise BadQuery(_("Choose who shall have them."))
        return Deed("change", data={"owner": owner})
    if verb in ("set", "move"):
        given = {each: value for each, value in data.items() if value not in ("", [], None)}
        if known.name not in given and not empty:
            raise BadQuery(_("Give a value, or choose to empty the field."))
        return Deed("change", data={known.name: None} if empty else given)
    if not chosen:
        raise BadQuery(_("Choose at least one."))
    if verb == "add" and known.name == "tags" and current().may("tag", "add"):
        for new in tagging.unknown(chosen, current()):
            write.create(registry.get("tag"), {"name": new})
    return Deed(verb, field=known.name, values=chosen)


def carry_out(entity: Entity, deed: Deed, keys: list[str]) -> Done:
    """One deed on many rows, at once; rows that refuse are left alone and counted."""
    deeds.check(entity, deed, current())
    with write.operation() as operation:
        found = deeds.carry_out(entity, deed, keys, operation)
        why = in_words(found.left[0][1]) if found.left else ""
        return Done(operation.id, len(found.changed) + found.same, len(found.changed), len(found.left), why)


def options(known: Field) -> list[tuple[str, str]]:
    """What can be chosen, for a field with a fixed list."""
    kind = known.kind
    if isinstance(kind, kinds.TagsKind):
        return [(tag.name, tag.name) for tag in tagging.visible(current())]
    return [(value, str(label)) for value, label in kind.choices] if isinstance(kind, kinds.ChoiceKind) else []


def words(name: str, done: Done) -> str:
    """What is said when it is done."""
    count = {"count": f"{done.served:,}"}
    if name == "bin":
        text = ngettext("%(count)s moved to the bin", "%(count)s moved to the bin", done.served) % count
    elif name == "restore":
        text = ngettext("%(count)s taken out of the bin", "%(count)s taken out of the bin", done.served) % count
    elif name == "assign":
        text = ngettext("%(count)s assigned", "%(count)s assigned", done.served) % count
    elif name == "take":
        text = ngettext("%(count)s taken", "%(count)s taken", done.served) % count
    else:
        text = ngettext("%(count)s changed", "%(count)s changed", done.served) % count
    if done.left:
        left = ngettext("%(n)s left alone: %(why)s", "%(n)s left alone: %(why)s", done.left)
        text += ". " + left % {"n": done.left, "why": done.why}
    return text
