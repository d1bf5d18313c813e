"""Who is asked for approval, and whose deed led to that.

Nobody approves what he asked for himself, unless he is the only one.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from rapport.automation.deeds import seeing
from rapport.automation.deeds.work import Work
from rapport.automation.models import Approval, AutomationRun
from rapport.automation.plan.steps import Step
from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.identity import access, people, snapshot
from rapport.platform.identity.models import User
from rapport.records.errors import Refused

MOST, CAUSES = 500, 6


@dataclass(frozen=True, slots=True)
class Asked:
    """Either ``user``, or ``team`` (``is_queue``: its members); ``people``: who hears of it; ``name``: in words."""

    name: str
    people: list[str]
    user: str | None = None
    team: str | None = None
    is_queue: bool = False


def asker(work: Work) -> str | None:
    """Whose deed led to the question; where the clock began it, whom the record belongs to."""
    if work.trial:
        return current().id
    run = AutomationRun.objects.filter(id=work.run).first()
    for _turn in range(CAUSES):
        if run is None or run.cause is None:
            break
        run = AutomationRun.objects.filter(id=run.cause).first()
    place = run.occasion if run else ""
    row = None
    if place.startswith("e") and place[1:].isdecimal():
        row = db.one("SELECT actor FROM event WHERE position = %s", (int(place[1:]),))
    found = db.unkey(row[0]) if row and row[0] else seeing.read(work.entity, work.record, ["owner"])["owner"]
    return found if found and User.objects.filter(id=found, is_active=True).exists() else None


def whom(work: Work, step: Step, asker: str | None) -> Asked:
    """Who is to decide; raises Refused when nobody is there who may."""
    how = step["how"]
    if how == "lead":
        return _lead(work, asker)
    named = step[how] if how != "of" else seeing.read(work.entity, work.record, [step["of"]])[step["of"]]
    if not named:
        raise Refused(_("Nobody is named there who could decide."))
    if how == "user" or (how == "of" and seeing.known_at(work.entity, step["of"]).relation == "user"):
        return _one([named], _("Whoever is asked is gone, or may not decide: give the role the right to approvals."))
    return _team(named, asker)


def _one(users: list[str], otherwise: str) -> Asked:
    """The first of these who may decide."""
    for key in users:
        user = User.objects.filter(id=key, is_active=True).first()
        if user is not None and access.actor_of(user).may("approval", "change"):
            return Asked(user.name, [str(user.id)], user=str(user.id))
    raise Refused(otherwise)


def _team(team: str, asker: str | None) -> Asked:
    """Everybody in it but the asker; who is the only one there decides by himself."""
    others = [key for key in people.meant([team], MOST) if key != asker]
    able = [user for user in User.objects.filter(id__in=others) if access.actor_of(user).may("approval", "change")]
    if not able:
        own = [key for key in people.meant([team], MOST) if key == asker]
        return _one(own, _("There is nobody in the team who may decide."))
    queue = snapshot.held().queues.get(team)
    row = db.one("SELECT name FROM team WHERE id = %s", (db.key(team),))
    name = queue or (row[0] if row else "")
    return Asked(name, sorted(str(user.id) for user in able), team=team, is_queue=queue is not None)


def _lead(work: Work, asker: str | None) -> Asked:
    """The leader of the record's team, or of the next one above whose leader is not the asker himself."""
    seen = seeing.read(work.entity, work.record, ["team", "owner"])
    team = seen["team"]
    if not team and seen["owner"]:
        row = db.one("SELECT team_id FROM user_account WHERE id = %s", (db.key(seen["owner"]),))
        team = db.unkey(row[0]) if row and row[0] else None
    path = snapshot.held().path(team)
    marks = ", ".join(["%s"] * len(path))
    sql = f"SELECT id, leader_id FROM team WHERE id IN ({marks}) AND leader_id IS NOT NULL"
    found = db.rows(sql, [db.key(each) for each in path]) if path else []
    leaders = {str(db.unkey(key)): str(db.unkey(boss)) for key, boss in found}
    bosses = list(dict.fromkeys(leaders[each] for each in path if each in leaders))
    others = [boss for boss in bosses if boss != asker]
    return _one([*others, *bosses], _("The record's team has no leader who could decide, nor has one above it."))


def told(held: Approval) -> str:
    """The answer in words: whose, which, and the remark."""
    words = {
        "approved": _("Approved by %(name)s"), "declined": _("Declined by %(name)s"),
        "expired": _("Not answered in time"), "withdrawn": _("The question was withdrawn"),
    }  # fmt: skip
    if held.binned_at:
        return _("The question was put in the bin.")
    row = db.one("SELECT name FROM user_account WHERE id = %s", (db.key(held.decided_by_id),))
    said = words[held.status] % {"name": row[0] if row else ""}
    return f"{said}: {held.remark}" if held.remark else f"{said}."
