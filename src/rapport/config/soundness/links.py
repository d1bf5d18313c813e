"""What points to a record: by its kind and id, by tags, as a part of it."""

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Model

from rapport.config.soundness.finding import RESTORE, Finding, among
from rapport.platform import db
from rapport.records import registry
from rapport.records.kinds import ChoiceKind, Place, RelationKind

# The proof outlives what it is about, and so does what people were told.
OUTLIVING = ("change", "event", "notification")


def references_by_kind() -> Iterator[Finding]:
    """Whatever names a record by kind and id (timeline, search, shares, sources, "about") names one that is there."""
    for model in apps.get_models():
        table = model._meta.db_table
        if table in OUTLIVING:
            continue
        for kind, key in pairs(model):
            there = 'SELECT 1 FROM {} r WHERE r.id = x."{}"'
            gone = " OR ".join(
                f"""(x."{kind}" = '{entity.key}' AND NOT EXISTS ({there.format(entity.rows, key)}))"""
                for entity in registry
            )
            own = model._meta.pk.column if model._meta.pk else key
            sql = f'SELECT x."{own}" FROM "{table}" x WHERE x."{key}" IS NOT NULL AND ({gone})'
            yield from among(f"rows of {table} name a record in {key} that is not there", sql)


def pairs(model: type[Model]) -> Iterator[tuple[str, str]]:
    """The columns of a model that name records together: (kind, key)."""
    columns = {field.name: str(field.column) for field in model._meta.concrete_fields}
    for name, column in columns.items():
        if name == "entity" or name.endswith("_entity"):
            stem = name.removesuffix("entity").removesuffix("_") or "record"
            key = columns.get(stem) or columns.get(f"{stem}_id")
            if key:
                yield column, key


def talk_on_timelines() -> Iterator[Finding]:
    """What tells of itself only on the timelines of others (interactions) stands there as long as it is not binned."""
    for entity in registry:
        if entity.tells_itself or not entity.parents or entity.part_of or entity.configuration:
            continue
        parent = entity.field(entity.parents[0]).column
        sql = f"""SELECT t.id FROM {entity.rows} t WHERE t.binned_at IS NULL AND t."{parent}" IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM timeline_entry e WHERE e.source = t.id)"""
        yield from among(f"{entity.plural} are on no timeline", sql)


def own_fields_in_step() -> Iterator[Finding]:
    """Every value of a custom field has its row in custom_value, by which it is found, and each row its value."""
    for entity in registry:
        for known in entity.fields.own if entity.takes_fields else ():
            if not known.kind.slot:
                continue
            row = f"SELECT 1 FROM custom_value c WHERE c.field = {known.mark} AND c.record = t.id"
            value = f"(t.custom ->> '{known.key}')"
            source = f"SELECT t.id FROM {entity.rows} t WHERE"
            if not isinstance(known.kind, ChoiceKind):  # a choice that is offered no more is found no more
                sql = f"{source} {value} IS NOT NULL AND NOT EXISTS ({row})"
                yield from among(f"{entity.plural} are not found by their value of {known.name}", sql)
            sql = f"{source} {value} IS NULL AND EXISTS ({row})"
            yield from among(f"{entity.plural} are found by a value of {known.name} that they have not", sql)


def tags_in_step() -> Iterator[Finding]:
    """Every shared tag in a record's column has its row in record_tag, the other way round, and each row its record."""
    tagged = [entity for entity in registry if entity.has_tags]
    key = RelationKind("tag").json_sql("x.tag_id", Place(sqlite=db.is_sqlite()))
    rows = "FROM record_tag x JOIN tag g ON g.id = x.tag_id WHERE g.owner_id IS NULL AND x.record = t.id"
    for entity in tagged:
        sql = f"""SELECT t.id FROM {entity.rows} t WHERE t.tags IS NOT NULL
                  AND (length(t.tags) + 1) / 33 <> (SELECT count(*) {rows} AND t.tags LIKE '%%' || {key} || '%%')"""
        yield from among(f"{entity.plural} have tags by which they are not found", sql, remedy=_retagged(entity.plural))
        sql = f"""SELECT t.id FROM {entity.rows} t JOIN record_tag x ON x.record = t.id JOIN tag g ON g.id = x.tag_id
                  WHERE g.owner_id IS NULL AND (t.tags IS NULL OR t.tags NOT LIKE '%%' || {key} || '%%')"""
        yield from among(f"{entity.plural} are found by tags they do not have", sql, remedy=_retagged(entity.plural))
    gone = " AND ".join(f"NOT EXISTS (SELECT 1 FROM {each.rows} r WHERE r.id = x.record)" for each in tagged)
    yield from among("tags are on records that are not there", f"SELECT x.record FROM record_tag x WHERE {gone}")


def parts_binned_with_their_whole() -> Iterator[Finding]:
    """No part (contact point, address, role, link) is in force while its whole lies in the bin."""
    for entity in registry:
        if entity.part_of:
            by = entity.field(entity.part_of).column
            sql = f"""SELECT t.id FROM {entity.rows} t JOIN "{entity.whole.table}" w ON w.id = t."{by}"
                      WHERE t.binned_at IS NULL AND w.binned_at IS NOT NULL"""
            remedy = f"put the {entity.part_of} back from the bin and bin it again, or {RESTORE}"
            yield from among(f"{entity.plural} are in force though their whole is in the bin", sql, remedy=remedy)


def _retagged(plural: str) -> str:
    return f"take the tags off these {plural} and put them on again"
