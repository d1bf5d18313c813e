"""To whom a record is given: somebody fixed or named in it, the next of a team, whoever of it has least, or a queue.

The people of a queue are its members.
"""

from django.utils.translation import gettext as _

from rapport.automation.deeds import seeing
from rapport.automation.deeds.work import STOP, Outcome, Work
from rapport.automation.guard import state_of
from rapport.automation.models import AutomationState
from rapport.automation.plan.steps import Step
from rapport.platform import db
from rapport.records import kinds, write
from rapport.records.entity import Entity
from rapport.records.intake import QUEUE

_PEOPLE = """SELECT id FROM user_account WHERE is_active
AND (team_id = %s OR id IN (SELECT user_id FROM team_member WHERE team_id = %s)) ORDER BY name_key, id LIMIT 500"""


def assign(work: Work, step: Step) -> Outcome:
    """Give it to somebody."""
    name, how = step.get("field") or "owner", step["how"]
    if how == "user":
        chosen = step["user"]
    elif how == "queue":
        chosen = f"{QUEUE}{step['queue']}"
    elif how == "of":
        chosen = seeing.read(work.entity, work.record, [step["of"]])[step["of"]]
        if not chosen:
            return Outcome(said=_("Nobody is named there; it stays as it is."))
    else:
        people = [str(db.unkey(row[0])) for row in db.rows(_PEOPLE, [db.key(step["team"])] * 2)]
        if not people:
            return Outcome(STOP, _("There is nobody in the team."))
        chosen = _next(work, people) if how == "turn" else _least(work.entity, name, people)
    write.change(work.entity, work.record, {name: chosen})
    return Outcome()


def _next(work: Work, people: list[str]) -> str:
    """Whoever comes after the one who had the last turn."""
    state_of(work.automation)
    state = AutomationState.objects.select_for_update().get(automation=work.automation)
    last = state.turns.get(str(work.at))
    chosen = people[(people.index(last) + 1) % len(people)] if last in people else people[0]
    state.turns = {**state.turns, str(work.at): chosen}
    state.save(update_fields=["turns"])
    return chosen


def _least(entity: Entity, name: str, people: list[str]) -> str:
    """Whoever has the fewest of these that are open; of several the first by name."""
    column, marks = entity.field(name).column, ", ".join(["%s"] * len(people))
    sql = f"""SELECT t."{column}", count(*) FROM {entity.rows} t
              WHERE t.binned_at IS NULL AND t."{column}" IN ({marks}){_open(entity)} GROUP BY t."{column}" """
    held = {str(db.unkey(key)): int(count) for key, count in db.rows(sql, [db.key(each) for each in people])}
    return min(people, key=lambda each: held.get(each, 0))


def _open(entity: Entity) -> str:
    known = entity.fields.get("status")
    if known and known.mark is None and isinstance(known.kind, kinds.ChoiceKind) and "open" in dict(known.kind.choices):
        return f""" AND t."{known.column}" = 'open'"""
    return ""
