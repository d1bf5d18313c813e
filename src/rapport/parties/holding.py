"""The roles a party holds (``party.roles``) are those of its role rows that run today: both are kept in step here."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.clock import now
from rapport.records.errors import Refused
from rapport.records.layout import Consequence


@dataclass(frozen=True, slots=True)
class Period:
    """A role from one day to another."""

    id: str
    party: str
    role: str
    start: dt.date | None
    end: dt.date | None

    def runs_on(self, day: dt.date) -> bool:
        """Whether the role is held on ``day``."""
        return (self.start is None or self.start <= day) and (self.end is None or self.end > day)

    def overlaps(self, other: "Period") -> bool:
        """Whether the same role would be held twice on some day."""
        if self.party != other.party or self.role != other.role or self.id == other.id:
            return False
        first, last = dt.date.min, dt.date.max
        return (self.start or first) < (other.end or last) and (other.start or first) < (self.end or last)


def today() -> dt.date:
    """The day by which roles are held."""
    return now().date()


def _day(value: Any) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def periods(*parties: str) -> list[Period]:
    """The role rows of parties, oldest first."""
    marks = ", ".join(["%s"] * len(parties))
    sql = f"""SELECT id, party_id, role, started_on, ended_on FROM party_role
              WHERE party_id IN ({marks}) AND binned_at IS NULL ORDER BY id"""
    found = db.rows(sql, [db.key(party) for party in parties])
    return [Period(str(db.unkey(i)), str(db.unkey(p)), role, _day(a), _day(z)) for i, p, role, a, z in found]


def _period(record: Any) -> Period:
    return Period(record.id, record.party_id, record.role, record.started_on, record.ended_on)


def is_held(record: Any, others: list[Any]) -> bool:
    """Whether one of these role rows, were they of one party, holds the same role at that time."""
    one = _period(record)
    return any(one.overlaps(replace(_period(other), party=one.party)) for other in others)


def refuse_overlaps(records: list[Any]) -> None:
    """Nobody holds the same role twice at a time."""
    known = periods(*dict.fromkeys(each.party_id for each in records))
    for each in records:
        fresh = _period(each)
        if any(fresh.overlaps(other) for other in known):
            raise Refused(_("This role is already held at that time."), field="started_on")
        known.append(fresh)


def after(record: Any, before: dict[str, Any] | None) -> list[Consequence]:
    """What follows from a write to a role row: no overlap, and the party says which roles it holds."""
    known = periods(record.party_id)
    if record.binned_at is None and any(_period(record).overlaps(other) for other in known):
        raise Refused(_("This role is already held at that time."), field="started_on")
    found = _carried_up(record.party_id, known)
    if before and before["party_id"] != record.party_id:
        found += _carried_up(before["party_id"], periods(before["party_id"]))
    return found


def _carried_up(party: str, known: list[Period]) -> list[Consequence]:
    binned, said = db.one("SELECT binned_at, roles FROM party WHERE id = %s", (db.key(party),)) or (None, None)
    if binned is not None:
        raise Refused(_("Its party is in the bin; take that out first."), field="party")
    return _in_step(party, said, known)


def _in_step(party: str, said: str | None, known: list[Period]) -> list[Consequence]:
    old = (said or "").split()
    held = list(dict.fromkeys(each.role for each in known if each.runs_on(today())))
    roles = [role for role in old if role in held] + [role for role in held if role not in old]
    return [Consequence("party", {"roles": roles}, party)] if roles != old else []


def carried_down(party: Any, before: dict[str, Any]) -> list[Consequence]:
    """What follows from a write to a party's roles: rows that begin or end today."""
    if before["roles"] == party.roles:
        return []
    wanted, day = (party.roles or "").split(), today()
    running = [each for each in periods(party.id) if each.runs_on(day)]
    held = {each.role for each in running}
    ended = [Consequence("party_role", {"ended_on": day}, each.id) for each in running if each.role not in wanted]
    begun = [
        Consequence("party_role", {"party": party.id, "role": role, "started_on": day})
        for role in wanted
        if role not in held
    ]
    return [*ended, *begun]


def amended(party: str) -> list[Consequence]:
    """What brings a party's roles into step with its role rows, whatever became of them."""
    return _carried_up(party, periods(party))


def of_the_day() -> list[Consequence]:
    """What a new day changes: roles that began or ended with it."""
    day = today()
    sql = """SELECT DISTINCT r.party_id FROM party_role r JOIN party p ON p.id = r.party_id
             WHERE r.binned_at IS NULL AND p.binned_at IS NULL AND (r.started_on BETWEEN %s AND %s
             OR r.ended_on BETWEEN %s AND %s)"""
    since = day - dt.timedelta(days=7)
    span = (since.isoformat(), day.isoformat()) if db.is_sqlite() else (since, day)
    found: list[Consequence] = []
    for (key,) in db.rows(sql, [*span, *span]):
        found += _carried_up(str(db.unkey(key)), periods(str(db.unkey(key))))
    return found


def differing() -> list[str]:
    """How many parties say other roles than their rows, in words: empty when all is well."""
    wrong = 0
    rows: dict[Any, set[str]] = {}
    day = today()
    running = """SELECT party_id, role FROM party_role WHERE binned_at IS NULL
                 AND (started_on IS NULL OR started_on <= %s) AND (ended_on IS NULL OR ended_on > %s)"""
    param = day.isoformat() if db.is_sqlite() else day
    for key, role in db.stream(running, [param, param]):
        rows.setdefault(db.unkey(key), set()).add(role)
    for key, said in db.stream("SELECT id, roles FROM party WHERE binned_at IS NULL", []):
        wrong += set((said or "").split()) != rows.get(db.unkey(key), set())
    return [f"{wrong} parties have other roles than their role rows"] if wrong else []
