"""Names for the lines of the audit: of people, of what was exported, of the list that it was."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.records import registry
from rapport.records.audit.deeds import Step
from rapport.records.audit.stream import Line
from rapport.records.kinds import ChoiceKind
from rapport.records.models import ExportRun
from rapport.shell.lists import sayings

AUDIT = "audit"  # what an export of the audit itself is of
SLICE = 200


def of(lines: Iterable[Line]) -> dict[str, str]:
    """The names of those who did what was found."""
    return people({line.told.actor for line in lines if line.of != "sign_in" and line.told.actor})


def people(keys: Iterable[str]) -> dict[str, str]:
    """The names of users."""
    wanted, found = sorted(keys), dict[str, str]()
    for at in range(0, len(wanted), SLICE):
        found |= sayings.titles(registry.get("user"), wanted[at : at + SLICE])
    return found


def plural(entity: str) -> str:
    """What records of a kind are called together."""
    if entity == AUDIT:
        return _("lines of the audit")
    return str(registry.get(entity).label_plural).lower() if entity in registry else entity


def title(step: Step) -> str | None:
    """What the record of a step is called, where the reader sees it: its name, or the choice that stands for one."""
    if step.title is None:
        return None
    entity = registry.get(step.entity)
    kind = entity.fields[entity.title].kind if entity.title in entity.fields else None
    return (kind.label(step.title) if isinstance(kind, ChoiceKind) else step.title) or str(entity.label)


def fields(run: ExportRun) -> str:
    """The fields that were taken along, as the reader knows them."""
    if run.entity not in registry:
        return ", ".join(run.fields)
    known = registry.get(run.entity).fields
    return ", ".join(known[name].heading if name in known else name for name in run.fields)


def narrowed(run: ExportRun) -> str:
    """Which records it was of, in words."""
    entity = registry.get(run.entity) if run.entity in registry else None
    words = []
    if entity and (view := run.asked.get("view")):
        words.append(str(entity.lists[view].label) if view in entity.lists else str(view))
    if entity and run.tree:
        text = sayings.sentence(entity, run.tree, sayings.titles_of(entity, run.tree))
        words.append(text[1:-1] if text.startswith("(") else text)
    return " · ".join([*words, *_beside(run.asked)])


def _beside(asked: dict[str, Any]) -> list[str]:
    words = []
    if text := asked.get("q"):
        words.append(_("found by “%(words)s”") % {"words": text})
    if count := asked.get("chosen"):
        words.append(ngettext("%(num)s row ticked", "%(num)s rows ticked", count) % {"num": count})
    if asked.get("binned"):
        words.append(_("in the bin"))
    return words + [str(each) for each in asked.get("said", ())]
