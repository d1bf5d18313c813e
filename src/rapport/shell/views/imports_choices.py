"""The choices of the mapping screen, made from the registry and the file; and back from the form into a map."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from rapport.platform.actor import current
from rapport.platform.text import fold
from rapport.records import kinds, read, registry
from rapport.records.entity import Entity, Field
from rapport.records.errors import Bad, Problem
from rapport.records.intake import QUEUE
from rapport.records.models import ImportRun
from rapport.records.read import Query
from rapport.records.transfer.mapping.parts import part_named, targets_of, words_of
from rapport.records.transfer.runs import new_fields, proposal
from rapport.records.transfer.runs.sample import VALUES, Sample, sample_of
from rapport.records.transfer.runs.spelling import DATES, is_dated, is_number
from rapport.shell import queues
from rapport.shell.views import forms

MOST_OPTIONS = 60
NAMES_IT = ("given_name", "family_name", "email")  # what a party takes its name from where it has none
MOST_VALUES = 20


def fields(entity: Entity) -> list[tuple[str, str]]:
    """What a column may fill, by label."""
    found = [(known.name, label(known)) for known in entity.fields.values() if not known.read_only]
    return [*sorted(found, key=lambda pair: fold(pair[1])), ("id", _("Rapport’s own id"))]


def part_targets(entity: Entity, chosen: Iterable[str] = ()) -> dict[str, list[tuple[str, str]]]:
    """What a column may fill in parts of the record, by what these are called; ``chosen`` say more than is offered."""
    found = {part.key: dict(targets_of(part)) for part in entity.parts}
    for name in chosen:
        part = part_named(entity, name)
        if part and name not in found[part.key]:
            found[part.key][name] = words_of(part, name)
    return {str(part.label_plural): list(found[part.key].items()) for part in entity.parts}


def label(known: Field) -> str:
    """A field as the screen calls it."""
    return known.heading


def columns(run: ImportRun, entity: Entity, sample: Sample) -> Iterator[dict[str, Any]]:
    """A row of the screen per column of the file."""
    for at, column in enumerate(sample.header):
        name = proposal.field_of(run, column)
        target = run.mapping["columns"].get(proposal.named(run, column))
        held = target if isinstance(target, dict) else {}
        known = entity.fields.get(name)
        made = proposal.made_of(run, column)
        yield {
            "news": new_fields.choices(sample.values[at]) if new_fields.offered(entity) else [],
            "new": f"{new_fields.PREFIX}{made}" if made else "",
            "at": at, "name": column, "samples": sample.shown(at), "field": name,
            "makes": bool(known) and proposal.may_create(entity, name), "create": bool(held.get("create")),
            "makes_label": _makes(entity, name),
            "values": _values(entity, known, sample.values[at], held) if known else None,
        }  # fmt: skip


def _makes(entity: Entity, name: str) -> str:
    named = proposal.made_for(entity, name) if name in entity.fields else ""
    return str(registry.get(named).label_plural).lower() if named else ""


def _values(entity: Entity, known: Field, values: list[str], held: dict[str, Any]) -> dict[str, Any] | None:
    """Values that are none of the field's choices, each with what it shall become."""
    options = _options(entity, known)
    if not options:
        return None
    given = held.get("values", {})
    unknown = [value for value in values if value in given or not _is_known(known, value, options)]
    if not unknown:
        return None
    rows = [(values.index(value), value, given.get(value, "")) for value in unknown[:MOST_VALUES]]
    return {"options": options, "rows": rows, "more": len(values) > VALUES or len(unknown) > MOST_VALUES}


def _options(entity: Entity, known: Field) -> list[tuple[str, str]]:
    """The choices of a field, when they are few; where owners stand, queues are among them."""
    if isinstance(known.kind, kinds.ChoiceKind):
        return [(value, str(words)) for value, words in known.kind.choices]
    target = registry.get(known.relation) if known.relation else None
    if target is None or not target.configuration or not current().may(target.key, "view"):
        return []
    found = read.page(Query(target, fields=(target.title,), sort=("created_at",), limit=MOST_OPTIONS)).items()
    places = [(each["id"], each["title"]) for each in queues.options(entity)] if known.name == "owner" else []
    return [*((title, title) for title in dict.fromkeys(str(row[target.title]) for row in found)), *places]


def _is_known(known: Field, value: str, options: list[tuple[str, str]]) -> bool:
    if known.relation:
        return "@" in value or fold(value.removeprefix(QUEUE)) in {fold(title) for _value, title in options}
    try:
        known.kind.parse(value, kinds.Place())
    except Bad:
        return False
    return True


def defaults(run: ImportRun, entity: Entity) -> list[dict[str, Any]]:
    """What every new record gets: fields it needs, choices and owners that no column fills."""
    filled = {proposal.field_of(run, column) for column in run.sample["header"]}
    held = run.mapping.get("defaults", {})
    found = []
    for known in entity.fields.values():
        if known.read_only or known.name in filled or not _is_offered(entity, known, filled):
            continue
        options = _options(entity, known)
        found.append(
            {
                "name": f"default-{known.name}", "label": label(known), "kind": "choice" if options else "text",
                "options": options, "value": held.get(known.name, ""), "required": known.required and not options,
            }
        )  # fmt: skip
    if any(isinstance(entity.fields[name].kind, kinds.MoneyKind) for name in filled if name in entity.fields):
        options = forms.currencies()
        found.append(
            {"name": "currency", "label": _("Currency of amounts"), "kind": "choice", "options": options,
             "value": run.mapping.get("currency") or "", "required": False}
        )  # fmt: skip
    return found


def _is_offered(entity: Entity, known: Field, filled: set[str]) -> bool:
    if known.required and known.name != entity.title:
        return True
    if known.name == entity.title:
        return known.required and not any(name in filled for name in NAMES_IT)
    if isinstance(known.kind, kinds.CurrencyKind):
        return False
    target = registry.get(known.relation) if known.relation else None
    return isinstance(known.kind, kinds.ChoiceKind) or bool(target and target.configuration)


def matches(run: ImportRun, entity: Entity) -> list[dict[str, Any]]:
    """Fields by which rows may be recognised, those that a column fills."""
    filled = {proposal.field_of(run, column) for column in run.sample["header"]}
    chosen = run.options.get("match", [])
    if "id" in filled:
        return [{"name": "id", "label": _("Rapport’s own id"), "chosen": True, "fixed": True}]
    return [
        {"name": name, "label": label(entity.fields[name]), "chosen": name in chosen or name == "external_id",
         "fixed": name == "external_id"}
        for name in entity.match_on
        if name in filled
    ]  # fmt: skip


def spelling(run: ImportRun, entity: Entity) -> dict[str, Any]:
    """How dates and numbers of the file are read, where there are any."""
    found = [kind for kind, _values in proposal.filled(run)]
    return {
        "dates": run.mapping.get("dates") or DATES[0] if any(map(is_dated, found)) else None,
        "decimal": run.mapping.get("decimal", ".") if any(map(is_number, found)) else None, "orders": DATES,
    }  # fmt: skip


def mapping_of(run: ImportRun, entity: Entity, post: QueryDict) -> dict[str, Any]:
    """The form as a map."""
    sample = sample_of(run)
    made: dict[str, Any] = {"columns": {}, "decimal": "," if post.get("decimal") == "," else "."}
    for at, column in enumerate(sample.header):
        made["columns"][proposal.named(run, column)] = _target(entity, sample, at, post)
    given = {name.removeprefix("default-"): str(post[name]).strip() for name in post if name.startswith("default-")}
    made["defaults"] = {name: text for name, text in given.items() if text and name in entity.fields}
    words = [word.strip() for word in post.get("blanks", "").split(",")]
    made["blanks"] = list(dict.fromkeys(filter(None, words)))[: proposal.MOST_BLANKS]
    made["dates"] = post.get("dates") if post.get("dates") in DATES else None
    if post.get("currency"):
        made["currency"] = post["currency"]
    return made


def _target(entity: Entity, sample: Sample, at: int, post: QueryDict) -> Any:
    name = post.get(f"field-{at}", "")
    if name == "id":
        return name
    if name.startswith(new_fields.PREFIX) and new_fields.offered(entity):
        return new_fields.target(sample.header[at], name)
    if part_named(entity, name):
        return name
    if name not in entity.fields or entity.fields[name].read_only:
        return None
    values = {
        value: post[f"value-{at}-{place}"]
        for place, value in enumerate(sample.values[at])
        if post.get(f"value-{at}-{place}")
    }
    create = bool(post.get(f"create-{at}")) and proposal.may_create(entity, name)
    if not values and not create:
        return name
    return {"field": name, **({"values": values} if values else {}), **({"create": True} if create else {})}


def match_of(run: ImportRun, post: QueryDict) -> list[str]:
    """The fields to recognise rows by, as far as a column fills them."""
    filled = {proposal.field_of(run, column) for column in run.sample["header"]}
    if "id" in filled:
        return ["id"]
    order = registry.get(run.entity).match_on
    return [name for name in order if name in filled and (name in post.getlist("match") or name == "external_id")]


def in_words(run: ImportRun, entity: Entity, problem: Problem) -> str:
    """Why the file cannot be imported like this, for people who see columns and fields and no map file."""
    filled = [name for column in run.sample["header"] if (name := proposal.field_of(run, column))]
    if not filled:
        return _("No column is mapped yet. Choose a field for at least one column.")
    twice = next((name for name in filled if filled.count(name) > 1), None)
    if twice and twice in entity.fields:
        return _("Two columns fill “%(field)s”. Leave one of them out.") % {"field": label(entity.fields[twice])}
    held = run.mapping.get("defaults", {})
    missing = [label(entity.fields[name]) for name in entity.needed() if name not in filled and name not in held]
    becoming = not any(name in entity.fields for name in filled)  # all that is chosen are fields yet to be made
    if missing and (becoming or "need" in problem.detail):
        words = {"fields": ", ".join(missing)}
        return _("Every record needs: %(fields)s. Choose the column that holds it, or give a value for all.") % words
    return problem.detail
