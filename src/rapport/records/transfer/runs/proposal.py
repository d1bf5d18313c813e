"""What is proposed for a file before anybody has chosen: as the last file with these columns, else guessed."""

from collections.abc import Mapping
from typing import Any

from rapport.platform.actor import current
from rapport.platform.identity.organisation import organisation
from rapport.platform.keys import parse_key
from rapport.records import kinds, registry
from rapport.records.custom import PREFIX
from rapport.records.entity import Entity
from rapport.records.models import ImportMapping, ImportRun
from rapport.records.models.custom import key_of
from rapport.records.transfer.error_file import COLUMN
from rapport.records.transfer.mapping.guess import guess
from rapport.records.transfer.mapping.parts import part_named
from rapport.records.transfer.runs import new_fields, spelling
from rapport.records.transfer.runs.sample import Sample, sample_of
from rapport.records.transfer.sources.blanks import CERTAIN

MOST_BLANKS = 20
ENDED = ("done", "stopped", "failed", "undone")


def remembered(run: ImportRun) -> ImportRun | None:
    """The last import of a file with the same columns: one's own, else the last of anybody that came to its end."""
    same = ImportRun.objects.filter(entity=run.entity, headings=run.headings).exclude(id=run.id).exclude(mapping={})
    own = same.filter(actor=run.actor, status__in=ENDED).order_by("-id").first()
    return own or same.filter(status="done").order_by("-id").first()


def propose(run: ImportRun) -> None:
    """Fill the run's mapping and options, unstored."""
    if earlier := known_before(run):
        kept = {name: earlier.options[name] for name in ("match", "on_match") if name in earlier.options}
        run.mapping, run.options = fitting(run, earlier.mapping), {**run.options, **kept}
        return
    run.mapping = {"blanks": _blanks(run)}
    entity, sample = registry.get(run.entity), sample_of(run)
    spec = guess(entity, sample.header, sample.doubled, sample.makes)
    columns = {name: targets[0].field for name, targets in spec.columns.items()}
    run.mapping |= {
        "columns": {named(run, name): _target(entity, sample, name, columns.get(name)) for name in sample.header}
    }
    run.mapping |= {"decimal": ".", "defaults": dict(spec.defaults)}
    run.options = {**run.options, "match": _matches(entity, sample, columns), "on_match": "update"}
    spell(run)


def _blanks(run: ImportRun) -> list[str]:
    """Words of the file that stand for an empty cell in any file."""
    held = run.mapping.get("blanks") or []
    found = {text for values in run.sample["values"] for text in values if text.casefold() in CERTAIN}
    return sorted(found.union(held))[:MOST_BLANKS]


def known_before(run: ImportRun) -> ImportRun | ImportMapping | None:
    """What says how a file with these columns is mapped: one's own last import, a kept mapping, another's import."""
    earlier = remembered(run)
    if earlier is None or earlier.actor != run.actor:
        kept = ImportMapping.objects.filter(entity=run.entity, headings=run.headings)
        found: ImportRun | ImportMapping | None = kept.order_by("-at").first() or earlier
    else:
        found = earlier
    names = {named(run, name) for name in _own(run)}
    return found if found is not None and set(found.mapping.get("columns", {})) >= names else None


def fitting(run: ImportRun, mapping: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping as far as it fits the file, and who imports it may set its fields."""
    entity, columns = registry.get(run.entity), mapping.get("columns", {})
    names = [named(run, name) for name in _own(run)]
    defaults = {name: value for name, value in mapping.get("defaults", {}).items() if _settable(entity, name)}
    return {**mapping, "columns": {name: _fitting(entity, columns.get(name)) for name in names}, "defaults": defaults}


def _fitting(entity: Entity, target: Any) -> Any:
    """What a column fills; nothing where the field is withheld from the actor, or is his to read only."""
    if isinstance(target, list):
        return [each for each in (_fitting(entity, one) for one in target) if each is not None] or None
    if isinstance(target, dict) and "custom" in target:
        made = f"{PREFIX}{key_of(target['custom'])}"
        return target if made in entity.fields or current().may("custom_field", "add") else None
    name = target["field"] if isinstance(target, dict) else target
    if name is None or name == "id" or part_named(entity, name):
        return target
    if not _settable(entity, name):
        return None
    if isinstance(target, dict) and target.get("create") and not may_create(entity, name):
        return {part: value for part, value in target.items() if part != "create"}
    return target


def _settable(entity: Entity, name: str) -> bool:
    known = entity.fields.get(name)
    return known is not None and not known.read_only


def _own(run: ImportRun) -> list[str]:
    return [name for name in run.sample["header"] if name != COLUMN]


def named(run: ImportRun, name: str) -> str:
    """A column as a map calls it."""
    return f"{name}#1" if name in run.sample["doubled"] else name


def _target(entity: Entity, sample: Sample, column: str, field: str | None) -> Any:
    if field is None:
        return None
    makes = column in sample.makes and may_create(entity, field)
    return {"field": field, "create": True} if makes else field


def made_for(entity: Entity, name: str) -> str:
    """The object whose records a field names; empty for one that names none."""
    known = entity.fields[name]
    return "tag" if isinstance(known.kind, kinds.TagsKind) else known.relation or ""


def may_create(entity: Entity, name: str) -> bool:
    """Whether records that a column names may be made: they need no more than a name."""
    named = made_for(entity, name)
    if not named or name in entity.fields.inner:
        return False
    target = registry.get(named)
    return not set(target.required) - {target.title} and current().may(target.key, "add")


def _matches(entity: Entity, sample: Sample, columns: dict[str, str]) -> list[str]:
    """By ids where the file has ours, else by the best key it fills; a name alone does not tell two people apart."""
    if "id" in sample.header:
        ids = sample.values[sample.header.index("id")]
        if ids and all(parse_key(text) for text in ids):
            return ["id"]
    filled = {field for name, field in columns.items() if sample.values[sample.header.index(name)]}
    return [name for name in entity.match_on if name in filled and name != entity.title][:1]


def spell(run: ImportRun) -> None:
    """Tell the spelling of dates and numbers from the columns that are mapped."""
    run.mapping["dates"], run.mapping["decimal"] = spelling.spelled(filled(run), organisation().country)


def filled(run: ImportRun) -> list[tuple[kinds.Kind, list[str]]]:
    """The kinds of the fields that columns fill or are to become, each with its column's values."""
    entity, sample = registry.get(run.entity), sample_of(run)
    found = []
    for at, column in enumerate(sample.header):
        known = entity.fields.get(field_of(run, column))
        kind = known.kind if known else new_fields.KIND_OF.get(made_of(run, column))
        if kind is not None:
            found.append((kind, sample.values[at]))
    return found


def field_of(run: ImportRun, column: str) -> str:
    """The field a column fills; empty when it is left out."""
    target = run.mapping["columns"].get(named(run, column))
    target = target[0] if isinstance(target, list) and target else target
    if isinstance(target, dict):
        return f"{PREFIX}{key_of(target['custom'])}" if "custom" in target else str(target["field"])
    return target or ""


def made_of(run: ImportRun, column: str) -> str:
    """The kind of the field that a column is to become; empty when it fills one that is there."""
    target = run.mapping["columns"].get(named(run, column))
    asked = isinstance(target, dict) and "custom" in target
    return str(target["kind"]) if asked and field_of(run, column) not in registry.get(run.entity).fields else ""


def rest(run: ImportRun) -> list[tuple[str, list[str]]]:
    """Columns that hold something, fill nothing and may become fields of one's own, each with its values."""
    if not new_fields.offered(registry.get(run.entity)):
        return []
    sample = sample_of(run)
    held = zip(sample.header, sample.values, strict=True)
    return [(name, values) for name, values in held if values and not field_of(run, name) and name != COLUMN]


def take_rest(run: ImportRun) -> None:
    """Let every such column become a field of the kind that it looks like; unstored."""
    for name, values in rest(run):
        chosen = f"{new_fields.PREFIX}{new_fields.kind_for(values)}"
        run.mapping["columns"][named(run, name)] = new_fields.target(name, chosen)
    spell(run)
