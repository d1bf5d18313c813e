"""A party's own e-mail, phone, website and address are copies of its primary points: both are kept in step here.

The points lead: a write to a party's field is carried on to its primary point, and whatever becomes primary is carried
up to the party.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from rapport.parties import values
from rapport.platform import db
from rapport.records.errors import Refused
from rapport.records.layout import Consequence


@dataclass(frozen=True)
class Group:
    """Points of which one is the primary. ``fields``: a party's field by the point's that it copies."""

    table: str
    kinds: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    fresh: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The party's columns."""
        return tuple(name.replace(".", "_") for name in self.fields.values())

    def __hash__(self) -> int:
        return hash((self.table, self.kinds))


@dataclass(frozen=True, slots=True)
class Row:
    """A living point."""

    id: str
    kind: str
    primary: bool
    held: tuple[Any, ...]


EMAIL = Group("contact_point", ("email",), {"value": "email"})
PHONE = Group("contact_point", values.kinds_in("phone"), {"value": "phone"})
WEB = Group("contact_point", ("web",), {"value": "website"})
ADDRESS = Group(
    "address",
    fields={part: f"address.{part}" for part in ("street", "postcode", "city", "region", "country")},
    fresh="visiting",
)
COPIED = (EMAIL, PHONE, WEB, ADDRESS)
Place = tuple[str, Group]
Of = Callable[[str], Group]


@functools.cache
def of_point(kind: str) -> Group:
    """The group of a kind of contact point."""
    return next((group for group in (EMAIL, PHONE, WEB) if kind in group.kinds), Group("contact_point", (kind,)))


def of_address(_kind: str) -> Group:
    """All addresses of a party share one primary."""
    return ADDRESS


def appoint(records: list[Any], of: Of) -> None:
    """New points that leave it open become primary where their group has none."""
    unsure = [each for each in records if each.is_primary is None]
    if not unsure:
        return
    keys = list(dict.fromkeys(each.party_id for each in unsure))
    marks = ", ".join(["%s"] * len(keys))
    sql = f"SELECT party_id, kind FROM {of(unsure[0].kind).table} WHERE party_id IN ({marks}) AND binned_at IS NULL"
    found = db.rows(f"{sql} AND is_primary", [db.key(key) for key in keys])
    taken = {(str(db.unkey(party)), of(kind)) for party, kind in found}
    taken |= {(each.party_id, of(each.kind)) for each in records if each.is_primary}
    for each in unsure:
        place = each.party_id, of(each.kind)
        each.is_primary = place not in taken
        taken.add(place)


def rows_of(party: str, group: Group) -> list[Row]:
    """The living points of a group, oldest first."""
    picked = "".join(f', "{column}"' for column in group.fields)
    among = f" AND kind IN ({', '.join(['%s'] * len(group.kinds))})" if group.kinds else ""
    sql = f"""SELECT id, kind, is_primary{picked} FROM {group.table}
              WHERE party_id = %s{among} AND binned_at IS NULL ORDER BY id"""
    found = db.rows(sql, [db.key(party), *group.kinds])
    return [Row(str(db.unkey(key)), kind, bool(first), tuple(held)) for key, kind, first, *held in found]


def after(point: Any, before: dict[str, Any] | None, of: Of) -> list[Consequence]:
    """What follows from a write to a point: one primary in its group, and the party says what that one says."""
    here: Place = (point.party_id, of(point.kind))
    there: Place = (before["party_id"], of(before["kind"])) if before else here
    led = before if before and before["is_primary"] and not before["binned_at"] else None
    found = _settled(here, point.id, led if there == here else None)
    return found if there == here else [*found, *_settled(there, point.id, led)]


def _settled(place: Place, point: str, led: dict[str, Any] | None) -> list[Consequence]:
    """``led``: what the written point said before, if it was the primary here."""
    party, group = place
    rows, said = rows_of(party, group), _said(party, group)
    first = [row for row in rows if row.primary]
    keep = next((row for row in first if row.id == point), first[0] if first else None)
    if keep is not None:
        others = [Consequence(group.table, {"is_primary": False}, row.id) for row in first if row is not keep]
        return [*others, *_carried_up(party, group, said, keep.held)]
    if led is None or said != tuple(led[column] for column in group.fields):
        return []  # the party gave it up by itself
    heir = next((row for row in rows if row.id != point), None)
    if heir is not None:
        return [Consequence(group.table, {"is_primary": True}, heir.id)]
    return _carried_up(party, group, said, (None,) * len(said))


def _said(party: str, group: Group) -> tuple[Any, ...]:
    """What the party's own fields say."""
    picked = "".join(f', "{column}"' for column in group.columns)
    binned, *said = db.one(f"SELECT binned_at{picked} FROM party WHERE id = %s", (db.key(party),)) or (None,)
    if binned is not None:
        raise Refused(_("Its party is in the bin; take that out first."), field="party")
    return tuple(said)


def _carried_up(party: str, group: Group, said: tuple[Any, ...], held: tuple[Any, ...]) -> list[Consequence]:
    changed = {
        name: new for name, old, new in zip(group.fields.values(), said, held, strict=True) if (old or None) != new
    }
    return [Consequence("party", changed, party)] if changed else []


def carried_down(party: Any, before: dict[str, Any]) -> list[Consequence]:
    """What follows from a write to a party's own e-mail, phone, website or address."""
    found = []
    for group in COPIED:
        if any(before[column] != getattr(party, column) for column in group.columns):
            found += _carried_down(party, group)
    return found


def _carried_down(party: Any, group: Group) -> list[Consequence]:
    wanted = dict(zip(group.fields, (getattr(party, column) for column in group.columns), strict=True))
    rows = rows_of(party.id, group)
    first = next((row for row in rows if row.primary), None)
    if not any(wanted.values()):
        return [Consequence(group.table, None, first.id)] if first else []
    meant = sorted((row for row in rows if _alike(group, row, wanted)), key=lambda row: not row.primary)
    row = meant[0] if meant else first
    if row is None:
        fresh = {"party": party.id, "kind": group.fresh or group.kinds[0], "is_primary": True}
        return [Consequence(group.table, {**fresh, **wanted})]
    changed = {name: new for (name, new), old in zip(wanted.items(), row.held, strict=True) if old != new}
    if not row.primary:
        changed["is_primary"] = True
    return [Consequence(group.table, changed, row.id)] if changed else []


def _alike(group: Group, row: Row, wanted: dict[str, Any]) -> bool:
    """Whether a point is the one that the party names now."""
    if not group.kinds:
        return row.held == tuple(wanted.values())
    return values.key_of(row.kind, row.held[0]) == values.key_of(row.kind, wanted["value"])


def amended(party: str, *groups: Group) -> list[Consequence]:
    """What brings a party into step with its points, whatever became of them."""
    found = []
    for group in groups or COPIED:
        first = [row for row in rows_of(party, group) if row.primary]
        found += [Consequence(group.table, {"is_primary": False}, row.id) for row in first[1:]]
        said = _said(party, group)
        held = first[0].held if first else (None,) * len(said)
        found += _carried_up(party, group, said, held)
    return found


def is_binned(party: str) -> bool:
    """Whether a party lies in the bin: then nothing of it is in force."""
    return db.one("SELECT 1 FROM party WHERE id = %s AND binned_at IS NULL", (db.key(party),)) is None


def differing() -> list[str]:
    """Parties whose own fields differ from their primary points, in words: empty when all is well."""
    found = []
    for group in COPIED:
        among = " AND c.kind IN ({})".format(", ".join(["%s"] * len(group.kinds))) if group.kinds else ""
        first = f"FROM {group.table} c WHERE c.party_id = p.id AND c.is_primary AND c.binned_at IS NULL{among}"
        for own, column in zip(group.columns, group.fields, strict=True):
            differs = "IS NOT" if db.is_sqlite() else "IS DISTINCT FROM"
            sql = f"""SELECT count(*) FROM party p WHERE p.binned_at IS NULL
                      AND p."{own}" {differs} (SELECT c."{column}" {first} ORDER BY c.id LIMIT 1)"""
            wrong = (db.one(sql, group.kinds) or (0,))[0]
            if wrong:
                found.append(f"{wrong} parties have another {own} than their primary {group.table}")
        twice = f"""SELECT count(*) FROM party p WHERE p.binned_at IS NULL AND (SELECT count(*) {first}) > 1"""
        if several := (db.one(twice, group.kinds) or (0,))[0]:
            found.append(f"{several} parties have several primary {group.table}s ({', '.join(group.kinds)})")
    return found
