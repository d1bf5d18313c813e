"""Where somebody works (``party.company``, ``title``) is his primary link of that kind: both are kept in step here."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from rapport.parties.holding import today
from rapport.platform import db
from rapport.records.errors import Refused
from rapport.records.layout import Consequence


@dataclass(frozen=True, slots=True)
class Place:
    """A place where somebody works now."""

    id: str
    party: str
    company: str
    title: str | None
    primary: bool
    since: dt.date | None


def places(*parties: str) -> list[Place]:
    """Where parties work today, the oldest link first."""
    marks, day = ", ".join(["%s"] * len(parties)), today()
    sql = f"""SELECT id, from_party_id, to_party_id, title, is_primary, started_on FROM party_link
              WHERE from_party_id IN ({marks}) AND kind = 'works_at' AND binned_at IS NULL
              AND (ended_on IS NULL OR ended_on > %s) ORDER BY id"""
    found = db.rows(sql, [*(db.key(party) for party in parties), day.isoformat() if db.is_sqlite() else day])
    return [
        Place(
            str(db.unkey(i)), str(db.unkey(p)), str(db.unkey(c)), title, bool(first),
            dt.date.fromisoformat(since) if isinstance(since, str) else since,
        )
        for i, p, c, title, first, since in found
    ]  # fmt: skip


def _runs(kind: str, ended: dt.date | None) -> bool:
    return kind == "works_at" and (ended is None or ended > today())


def appoint(records: list[Any]) -> None:
    """New places of work that leave it open become primary where there is none."""
    unsure = [each for each in records if each.is_primary is None]
    working = [each for each in unsure if _runs(each.kind, each.ended_on)]
    taken = {each.from_party_id for each in records if each.is_primary}
    if working:
        keys = dict.fromkeys(each.from_party_id for each in working)
        taken |= {place.party for place in places(*keys) if place.primary}
    for each in unsure:
        each.is_primary = each in working and each.from_party_id not in taken
        if each.is_primary:
            taken.add(each.from_party_id)
            each.title = each.title or _title_at_large(each.from_party_id)


def _title_at_large(party: str) -> str | None:
    """The job title of somebody of whom it is not known where he works."""
    row = db.one("SELECT title FROM party WHERE id = %s AND company_id IS NULL", (db.key(party),))
    return row[0] if row else None


def after(link: Any, before: dict[str, Any] | None) -> list[Consequence]:
    """What follows from a write to a link: one primary place of work, and the party names it."""
    led = None
    if before and before["is_primary"] and not before["binned_at"] and _runs(before["kind"], before["ended_on"]):
        led = before
    found: list[Consequence] = []
    for party in dict.fromkeys([link.from_party_id, before["from_party_id"]] if before else [link.from_party_id]):
        if link.kind == "works_at" or (before and before["kind"] == "works_at"):
            found += _settled(party, link.id, led if led and led["from_party_id"] == party else None)
    return found


def _settled(party: str, link: str, led: dict[str, Any] | None) -> list[Consequence]:
    rows = places(party)
    first = [row for row in rows if row.primary]
    keep = next((row for row in first if row.id == link), first[0] if first else None)
    binned, company, title = db.one(
        "SELECT binned_at, company_id, title FROM party WHERE id = %s", (db.key(party),)
    ) or (None, None, None)
    if binned is not None:
        raise Refused(_("Its party is in the bin; take that out first."), field="from_party")
    said = db.unkey(company)
    if keep is not None:
        others = [Consequence("party_link", {"is_primary": False}, row.id) for row in first if row is not keep]
        return [*others, *_named(party, said, title, keep)]
    if led is None or said != led["to_party_id"]:
        return []
    heir = next((row for row in rows if row.id != link), None)
    if heir is not None:
        return [Consequence("party_link", {"is_primary": True}, heir.id)]
    return [Consequence("party", {"company": None, "title": None}, party)]


def _named(party: str, company: str | None, title: str | None, keep: Place) -> list[Consequence]:
    changed: dict[str, Any] = {}
    if company != keep.company:
        changed["company"] = keep.company
    if (title or None) != keep.title:
        changed["title"] = keep.title
    return [Consequence("party", changed, party)] if changed else []


def carried_down(party: Any, before: dict[str, Any]) -> list[Consequence]:
    """What follows from a write to a party's company or title: the old place ends today, the new one begins."""
    moved = before["company_id"] != party.company_id
    if not moved and (before["title"] == party.title or not party.company_id):
        return []
    rows, day = places(party.id), today()
    first = next((row for row in rows if row.primary), None)
    ends = {"ended_on": day, "is_primary": False}
    if not party.company_id:
        return [Consequence("party_link", ends, first.id)] if first else []
    meant = sorted((row for row in rows if row.company == party.company_id), key=lambda row: not row.primary)
    row = meant[0] if meant else None
    if row is None and first is not None and first.since == day:
        row = first  # named the wrong one a moment ago
    found = [Consequence("party_link", ends, first.id)] if first and row is not first else []
    if row is None:
        fresh = {"from_party": party.id, "to_party": party.company_id, "kind": "works_at", "title": party.title}
        return [*found, Consequence("party_link", {**fresh, "is_primary": True, "started_on": day})]
    changed: dict[str, Any] = {"to_party": party.company_id} if row.company != party.company_id else {}
    changed |= {"title": party.title} if row.title != party.title else {}
    changed |= {} if row.primary else {"is_primary": True}
    return [*found, *([Consequence("party_link", changed, row.id)] if changed else [])]


def amended(party: str) -> list[Consequence]:
    """What brings a party into step with its places of work, whatever became of them."""
    first = [row for row in places(party) if row.primary]
    found = [Consequence("party_link", {"is_primary": False}, row.id) for row in first[1:]]
    company, title = db.one("SELECT company_id, title FROM party WHERE id = %s", (db.key(party),)) or (None, None)
    if first:
        return [*found, *_named(party, db.unkey(company), title, first[0])]
    return [Consequence("party", {"company": None}, party)] if company else []


def differing() -> list[str]:
    """How many parties name another place of work than their links, in words: empty when all is well."""
    day = today()
    first = """SELECT {} FROM party_link l WHERE l.from_party_id = p.id AND l.kind = 'works_at' AND l.is_primary
               AND l.binned_at IS NULL AND (l.ended_on IS NULL OR l.ended_on > %s) ORDER BY l.id LIMIT 1"""
    differs = "IS NOT" if db.is_sqlite() else "IS DISTINCT FROM"
    sql = f"""SELECT count(*) FROM party p WHERE p.binned_at IS NULL AND (p.company_id {differs}
              ({first.format("l.to_party_id")}) OR (p.company_id IS NOT NULL AND p.title {differs}
              ({first.format("l.title")})))"""
    param = day.isoformat() if db.is_sqlite() else day
    wrong = (db.one(sql, (param, param)) or (0,))[0]
    return [f"{wrong} parties name another place of work than their links"] if wrong else []
