"""A map bound to a file and an entity: every column's way into the record, compiled once and checked as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.platform import money
from rapport.platform.actor import Actor
from rapport.records import intake, kinds, scope
from rapport.records.entity import Entity, Field, registry
from rapport.records.errors import Problem
from rapport.records.transfer.mapping.bound import Bound
from rapport.records.transfer.mapping.parts import PartBound, bind_part, part_named
from rapport.records.transfer.mapping.spec import Spec, Target
from rapport.records.transfer.mapping.template import Template
from rapport.records.transfer.problems import Unusable, nearest
from rapport.records.transfer.sources import Source

Match = tuple[Field, ...]


@dataclass(slots=True)
class Binding:
    """``key_at``: the column with ids, when rows are matched by id; ``unused``: columns that fill nothing."""

    entity: Entity
    place: kinds.Place
    bounds: list[Bound] = field(default_factory=list)
    defaults: list[Bound] = field(default_factory=list)
    parts: list[PartBound] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    key_at: int | None = None
    unused: list[str] = field(default_factory=list)
    by_id: bool = False


def bind(entity: Entity, spec: Spec, source: Source, actor: Actor, match: Sequence[str] = ()) -> Binding:
    """Check a map against the file and the entity; raises Unusable with what to change."""
    place = intake.place_for(actor, dates=spec.dates, decimal=spec.decimal)
    return _Binder(entity, spec, source, actor, place).run(match)


class _Binder:
    def __init__(self, entity: Entity, spec: Spec, source: Source, actor: Actor, place: kinds.Place) -> None:
        self.entity, self.spec, self.source, self.actor = entity, spec, source, actor
        self.made = Binding(entity, place)
        self.used: set[int] = set()
        self.inner = entity.fields.inner

    def run(self, match: Sequence[str]) -> Binding:
        made = self.made
        made.by_id = "id" in match
        for column, targets in self.spec.columns.items():
            at = self._column(column, "The map names")
            self.used.add(at)
            for target in targets:
                self._bind_column(column, at, target)
        if made.by_id and made.key_at is None:
            made.key_at = self._column("id", "To match by id, the file needs")
            self.used.add(made.key_at)
        for name in self.spec.create:
            self._mark_created(name)
        self._bind_defaults()
        self._bind_matches(match)
        self._need_required()
        made.unused = [name for at, name in enumerate(self.source.header) if at not in self.used]
        # A relation within another is found after it.
        made.bounds.sort(key=lambda bound: bound.narrow is not None)
        made.defaults.sort(key=lambda bound: bound.narrow is not None)
        return made

    def _column(self, name: str, why: str) -> int:
        header, plain = self.source.header, name.strip()
        if plain in self.source.doubled:
            places = [at for at, each in enumerate(header, 1) if each == plain or each.startswith(f"{plain}#")]
            raise Unusable(
                f"“{plain}” stands above {len(places)} columns ({', '.join(map(str, places))}); "
                f"write “{plain}#1”, “{plain}#2” … to say which."
            )
        if plain.endswith("#1") and plain[:-2] in self.source.doubled:
            plain = plain[:-2]
        if plain in header:
            return header.index(plain)
        alike = [at for at, each in enumerate(header) if each.casefold() == plain.casefold()]
        if len(alike) == 1:
            return alike[0]
        names = ", ".join(f"“{each}”" for each in header[:60])
        raise Unusable(
            f"{why} the column “{name}”, which the file does not have.{nearest(name, header)} It has: {names}."
        )

    def _field(self, name: str, where: str) -> Field:
        known = self.entity.fields.get(name)
        if known is None:
            valid = ", ".join(sorted(each.name for each in self.entity.fields.values() if not each.read_only))
            hint = nearest(name, self.entity.fields)
            raise Unusable(f"{where}: {self.entity.plural} have no field “{name}”.{hint} Fields: {valid}.")
        if known.read_only:
            raise Unusable(f"{where}: “{name}” is kept by Rapport and cannot be imported.")
        return known

    def _bind_column(self, column: str, at: int, target: Target) -> None:
        if target.field == "id" and self.made.by_id:
            self.made.key_at = at
            return
        if part := part_named(self.entity, target.field):
            found = bind_part(part, target.field, column, at, self.made.place, target.values)
            if any(each.group == found.group and each.bound.field is found.bound.field for each in self.made.parts):
                raise Unusable(
                    f"Two columns fill “{target.field}”; “{column}” is the second. Leave one out of the map."
                )
            self.made.parts.append(found)
            return
        known = self._field(target.field, f"Column “{column}”")
        if any(bound.field.name == known.name for bound in self.made.bounds):
            raise Unusable(f"Two columns fill “{known.name}”; “{column}” is the second. Leave one out of the map.")
        bound = Bound(
            known, self.made.place, at=at, values=target.values, clear=target.clear, narrow=self.inner.get(known.name)
        )
        self.made.bounds.append(bound)
        if target.create:
            self._allow_create(bound)

    def _mark_created(self, name: str) -> None:
        known = self._field(name, "“create”")
        for bound in self.made.bounds:
            if bound.field.name == known.name:
                self._allow_create(bound)

    def _allow_create(self, bound: Bound) -> None:
        name, related = bound.field.name, bound.related
        if related is None:
            raise Unusable(f"“create” names “{name}”, which is no relation.")
        target = registry.get(related)
        within = any(name == inner[0].removesuffix("_id") for inner in self.inner.values())
        if set(target.required) - {target.title} or within:
            raise Unusable(f"“create” names “{name}”: {target.plural} need more than a name; make them beforehand.")
        _may(target, self.actor, "add")
        bound.create = True

    def _bind_defaults(self) -> None:
        defaults = dict(self.spec.defaults)
        held = {bound.field.name for bound in self.made.bounds}
        if "is_active" in self.entity.fields and "is_active" not in held:
            defaults.setdefault("is_active", "false")  # who comes by a file does not sign in
        if self.spec.currency:
            code = self.spec.currency.upper()
            if code not in money.CURRENCIES:
                raise Unusable(f"“{self.spec.currency}” is not a currency code (ISO 4217).")
            if any(bound.is_amount for bound in self.made.bounds):
                defaults.setdefault("currency", code)
        for name, text in defaults.items():
            known = self._field(name, "“defaults”")
            template = Template(text, lambda column: self._column(column, f"The default of “{name}” names"))  # noqa: B023
            self.used.update(template.columns)
            create = name in self.spec.create
            bound = Bound(known, self.made.place, template=template, narrow=self.inner.get(name))
            if create:
                self._allow_create(bound)
            self.made.defaults.append(bound)

    def _bind_matches(self, match: Sequence[str]) -> None:
        filled = {bound.field.name for bound in (*self.made.bounds, *self.made.defaults)}
        if not match and "external_id" in filled:
            match = ["external_id"]
        for given in match:
            if given == "id":
                continue
            fields = tuple(self._field(name, "--match") for name in given.split("+"))
            for known in fields:
                if known.name not in filled:
                    raise Unusable(f"Rows cannot be matched by “{known.name}”: no column fills it.")
                if isinstance(known.kind, kinds.MoneyKind | kinds.AboutKind | kinds.MultiChoiceKind | kinds.TagsKind):
                    raise Unusable(f"Rows cannot be matched by “{known.name}”.")
            self.made.matches.append(fields)

    def _need_required(self) -> None:
        made = self.made
        if not made.bounds and not self.spec.defaults:
            raise Unusable(
                f"No column of the file is known as a field of {self.entity.plural}. "
                "Say with --map which column is what. "
                f"Columns: {', '.join(self.source.header[:60])}. Fields: {', '.join(sorted(self.entity.fields))}."
            )
        filled = {bound.field.name for bound in (*made.bounds, *made.defaults)}
        missing = [name for name in self.entity.needed() if name != self.entity.title and name not in filled]
        if not _has_title(self.entity, [*made.bounds, *made.defaults]):
            missing.append(self.entity.title)
        if missing and not (made.by_id or (made.matches and not self.spec.guessed)):
            raise Unusable(
                f"{self.entity.plural.capitalize()} need "
                f"{', '.join(f'“{name}”' for name in missing)}, which no column fills. "
                f"Name the column with --map. Columns: {', '.join(self.source.header[:60])}."
            )


def _has_title(entity: Entity, bounds: Sequence[Bound]) -> bool:
    """Whether a record filled so can have a title: the model is asked with made-up values."""
    names = {bound.field.name for bound in bounds}
    if entity.title in names:
        return True
    sample: dict[str, Any] = {
        bound.field.attname: "a@example.com" if bound.field.kind.name == "email" else "x"
        for bound in bounds
        if isinstance(bound.field.kind, kinds.TextKind) and bound.field.mark is None
    }
    if any(bound.field.name == "kind" for bound in bounds) and "given_name" in entity.fields:
        sample["kind"] = "person"
    record = entity.model(**sample)
    try:
        record.settle(None) if hasattr(record, "settle") else None
    except Problem:
        return False
    return bool(getattr(record, entity.title, None))


def _may(entity: Entity, actor: Actor, verb: str) -> None:
    try:
        scope.level(entity, actor, verb)
    except Problem as problem:
        raise Unusable(problem.detail) from problem
