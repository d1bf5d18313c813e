"""Rows recognised as records that exist, or as earlier rows of the same file."""

from dataclasses import dataclass, field
from typing import Any

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.platform.keys import parse_key
from rapport.records import heirs, scope
from rapport.records.entity import Entity, Field
from rapport.records.transfer.mapping.binding import Binding, Match
from rapport.records.transfer.rows.draft import Draft
from rapport.records.transfer.vcards.words import OF_RAPPORT

Sign = tuple[int, tuple[Any, ...]]


@dataclass(slots=True)
class Matcher:
    """Each way of matching is tried in turn; the first that finds something decides.

    ``seen`` holds the signs of new records of the slice at work (of the whole run in a dry run).
    """

    binding: Binding
    actor: Actor
    seen: dict[Sign, str] = field(default_factory=dict)

    @property
    def entity(self) -> Entity:
        return self.binding.entity

    def find(self, drafts: list[Draft]) -> None:
        """Note in each draft which stored record it means; fails those that mean several or an unknown id."""
        if self.binding.key_at is not None:
            self._by_id(drafts)
        for draft in drafts:
            if draft.error is None:
                draft.signs = [self._sign(draft, fields) for fields in self.binding.matches]
        for way, fields in enumerate(self.binding.matches):
            asked: dict[tuple[Any, ...], list[Draft]] = {}
            for draft in drafts:
                if draft.error is None and draft.match is None and draft.signs and (sign := draft.signs[way]):
                    asked.setdefault(sign, []).append(draft)
            stored = self._stored(fields, list(asked)) if asked else {}
            if [known.name for known in fields] == ["external_id"]:
                self._elsewhere({sign: drafts for sign, drafts in asked.items() if sign not in stored})
            for sign, keys in stored.items():
                for draft in asked.get(sign, ()):
                    if len(keys) == 1:
                        draft.match = keys[0]
                    else:
                        names = " and ".join(known.name for known in fields)
                        draft.fail(f"{len(keys)} {self.entity.plural} have this {names} ({_shown(sign)})")

    def among_new(self, draft: Draft) -> str | None:
        """The id of a new record of this file that the row means."""
        for way, sign in enumerate(draft.signs or ()):
            if sign and (found := self.seen.get((way, sign))):
                return found
        return None

    def remember(self, draft: Draft, key: str) -> None:
        """A new record, by which later rows are recognised."""
        for way, sign in enumerate(draft.signs or ()):
            if sign:
                self.seen.setdefault((way, sign), key)

    def _by_id(self, drafts: list[Draft]) -> None:
        wanted: dict[str, list[Draft]] = {}
        for draft in drafts:
            if draft.error is None and draft.key:
                key = parse_key(draft.key)
                if key is None:
                    draft.fail(f"“{draft.key[:60]}” is not an id", "id")
                else:
                    wanted.setdefault(key, []).append(draft)
        if not wanted:
            return
        found = self._select("t.id", [self.entity.field("id")], [db.key(key) for key in wanted])
        for row in found:
            for draft in wanted.pop(str(db.unkey(row[0])), ()):
                draft.match = str(db.unkey(row[0]))
        for key, heir in heirs.of_ids(self.entity, wanted, self.actor).items():
            for draft in wanted.pop(key):
                _inherit(draft, heir)
        for key, left in wanted.items():
            for draft in left:
                draft.fail(f"there is no {str(self.entity.label).lower()} {key}", "id")

    def _elsewhere(self, asked: dict[tuple[Any, ...], list[Draft]]) -> None:
        """Rows whose external id is the own id of a record (a card written here), or was that of a record which was
        merged into another, mean that one."""
        own = {sign: key for sign in asked if (key := parse_key(str(sign[0]).removeprefix(OF_RAPPORT)))}
        living = heirs.living(self.entity, set(own.values()), self.actor)
        found = {sign: key for sign, key in own.items() if key in living}
        found |= {
            sign: heir
            for sign, heir in heirs.of_external_ids(self.entity, [sign[0] for sign in asked], self.actor).items()
            if sign in asked
        }
        for sign, key in found.items():
            for draft in asked[sign]:
                _inherit(draft, key)

    def _sign(self, draft: Draft, fields: Match) -> tuple[Any, ...] | None:
        """What the row says in these fields, as their columns compare it; None when one is empty."""
        found = []
        for known in fields:
            value = draft.values.get(known.attname)
            if value is None:
                value = draft.spare_values.get(known.attname)
            if value is None or value == "":
                return None
            found.append(known.kind.operand(value, self.binding.place) if not known.relation else value)
        if any(known.name == "external_id" for known in fields):
            found.append(draft.values.get("external_source") or draft.spare_values.get("external_source") or "")
        return tuple(found)

    def _stored(self, fields: Match, signs: list[tuple[Any, ...]]) -> dict[tuple[Any, ...], list[str]]:
        columns: list[Field] = [*fields]
        also: tuple[str, list[Any]] = ("", [])
        if any(known.name == "external_id" for known in fields):
            source = self.entity.field("external_source")
            columns.append(source)
            sources = list(dict.fromkeys(sign[-1] for sign in signs))  # the index of external ids begins with them
            also = f' AND t."{source.compare}" IN ({", ".join(["%s"] * len(sources))})', sources
        first = fields[0]
        places = list(dict.fromkeys(sign[0] for sign in signs))
        asked = [db.key(each) for each in places] if first.relation else places
        found: dict[tuple[Any, ...], list[str]] = {}
        for key, *values in self._select(first.compared("t"), columns, asked, also):
            sign = tuple(
                db.unkey(value) if known.relation else value for known, value in zip(columns, values, strict=True)
            )
            found.setdefault(sign, []).append(str(db.unkey(key)))
        return found

    def _select(
        self, by: str, columns: list[Field], places: list[Any], also: tuple[str, list[Any]] = ("", [])
    ) -> list[tuple[Any, ...]]:  # fmt: skip
        where, more = scope.condition(self.entity, self.actor)
        live = " AND t.binned_at IS NULL" if self.entity.is_record else ""
        names = ", ".join(known.compared("t") for known in columns)
        marks = ", ".join(["%s"] * len(places))
        sql = f'SELECT t.id, {names} FROM "{self.entity.table}" t WHERE {by} IN ({marks}){also[0]} AND {where}{live}'
        return db.rows(sql, [*places, *also[1], *more])


def _inherit(draft: Draft, heir: str) -> None:
    """The row means this record, which keeps the external id that it has."""
    draft.match = heir
    for name in ("external_id", "external_source"):
        draft.values.pop(name, None)


def _shown(sign: tuple[Any, ...]) -> str:
    return ", ".join(str(each)[:60] for each in sign if each != "")
