"""What the clock begins: schedules, and dates of records that come near or have passed.

A date is dealt with once per record and value: where it is moved, it counts anew. What was past already when the
automation was switched on is left alone. While nothing is due nothing is written.
"""

import calendar
import datetime as dt
import time
from typing import Any
from zoneinfo import ZoneInfo

from rapport.automation import guard, sweeping
from rapport.automation.acting import acting_for
from rapport.automation.beginning import IMPORT, begin, written
from rapport.automation.fitting import Condition
from rapport.automation.models import Automation, AutomationState
from rapport.automation.plan.triggers import SILENT
from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.clock import now
from rapport.platform.events.stream import Fact
from rapport.platform.identity.organisation import organisation
from rapport.records import kinds, registry
from rapport.records.entity import Entity, Field
from rapport.records.errors import Problem
from rapport.records.intake import place_for
from rapport.records.listing import Plan, Query
from rapport.records.operation import moment_param

MORNING = "09:00"
EVERY = 60.0  # seconds between two looks at moments
AT_ONCE = 1000
_DUE = """SELECT 1 FROM automation a LEFT JOIN automation_state s ON s.automation_id = a.id
WHERE a.is_active AND a.is_timed AND a.binned_at IS NULL
AND (s.heard IS NULL OR s.heard <> a.hears_from OR s.next_at <= %s) LIMIT 1"""
_LOOKING = """SELECT a.id FROM automation a JOIN automation_state s ON s.automation_id = a.id
WHERE a.is_active AND a.is_timed AND a.binned_at IS NULL AND s.next_at IS NULL"""
_looked: dict[str, float] = {}  # when this process last looked for moments of an automation


def due() -> bool:
    """Whether the clock begins something now. Moments are looked for once a minute."""
    if db.one(_DUE, (moment_param(now()),)):
        return True
    for (raw,) in db.rows(_LOOKING):
        key = str(db.unkey(raw))
        if time.monotonic() - _looked.get(key, -EVERY) >= EVERY:
            _looked[key] = time.monotonic()
            if _reached(Automation.objects.get(id=key)):
                return True
    return False


def _reached(automation: Automation) -> bool:
    state = guard.state_of(automation)
    try:
        with acting_for(automation):
            return bool(_dated(automation, _window(automation, state, now()), most=1))
    except Problem:
        return True  # whoever deals with it says what is wrong


def tick() -> None:
    """Begin what is due by the clock."""
    for automation in Automation.objects.filter(is_active=True, is_timed=True, binned_at=None):
        if automation.entity not in registry:
            continue
        with db.transaction():
            guard.state_of(automation)
            state = AutomationState.objects.select_for_update().get(automation=automation)
            if state.heard != automation.hears_from:
                state.heard, state.since, state.looked_at = automation.hears_from, now(), now()
                state.next_at = following(automation, now())
                state.save()
            elif state.next_at is None or state.next_at <= now():
                _strike(automation, state)


def _strike(automation: Automation, state: AutomationState) -> None:
    moment = now()
    if automation.when["on"] == "schedule":
        sweeping.begin(automation, f"s{state.next_at:%Y%m%dT%H%M}")
        state.next_at = following(automation, moment)
        state.save()
        return
    try:
        with acting_for(automation):
            found = _dated(automation, _window(automation, state, moment))
            _begin(automation, found)
    except Problem as problem:
        guard.switch_off(automation, problem.detail)
        return
    following_at = following(automation, moment)
    if found or following_at is not None:
        state.looked_at = moment if len(found) < AT_ONCE else state.looked_at
        state.next_at = following_at if len(found) < AT_ONCE else moment
        state.save()


def caught(automation: Automation, entity: Entity, facts: list[Fact]) -> None:
    """Records whose date was set so that it is near, or past, already."""
    name = automation.when["field"]
    mine = [
        fact for fact in facts
        if fact.entity == entity.key and fact.record
        and (fact.name == f"{entity.key}.created"
             or (name in fact.fields and fact.name.partition(".")[2] not in SILENT))
    ]  # fmt: skip
    if mine and not automation.when.get("imports"):
        told = {each.record for each in written([str(fact.record) for fact in mine]) if each.source == IMPORT}
        mine = [fact for fact in mine if fact.record not in told]
    state = guard.state_of(automation) if mine else None
    if state is None or state.since is None:
        return
    marks = ", ".join(["%s"] * len(mine))
    window = _window(automation, state, now(), whole=True)
    window.append((f"t.id IN ({marks})", [db.key(fact.record) for fact in mine]))
    _begin(automation, _dated(automation, window))


def _begin(automation: Automation, found: list[tuple[str, str]]) -> None:
    begin(automation, [(record, f"d{automation.when['field']}:{value}", "", "") for record, value in found])


def _dated(automation: Automation, window: list[Condition], most: int = AT_ONCE) -> list[tuple[str, str]]:
    """(Id, date) of the records that fit and whose date lies in the window, one that is dealt with already left out."""
    entity, name = registry.get(automation.entity), automation.when["field"]
    query = Query(entity, filter=automation.tree)
    query.where += window
    source, params = Plan(query, current()).source()
    column = entity.field(name).compared("t")
    dealt = f"""NOT EXISTS (SELECT 1 FROM automation_run r WHERE r.automation_id = %s AND r.record = t.id
                AND r.occasion = %s || {_text(entity.field(name), column)})"""
    sql = f"SELECT t.id, {_text(entity.field(name), column)} {source} AND {dealt} ORDER BY t.id LIMIT {most}"
    found = db.rows(sql, [*params, db.key(automation.id), f"d{name}:"])
    return [(str(db.unkey(key)), value) for key, value in found]


def _text(known: Field, column: str) -> str:
    place = kinds.Place(sqlite=db.is_sqlite())
    return known.kind.json_sql(column, place)


def _window(
    automation: Automation, state: AutomationState, moment: dt.datetime, *, whole: bool = False
) -> list[Condition]:  # fmt: skip
    """Which dates come to their turn between what was looked at last and ``moment``.

    ``whole``: all that are in their turn now: before the date, as long as it has not passed; after it, since the
    automation was switched on.
    """
    when, entity = automation.when, registry.get(automation.entity)
    known, before = entity.field(when["field"]), when["side"] == "before"
    last = (state.since if whole else state.looked_at) or moment
    column, place = known.compared("t"), place_for(current())
    low, high = (_turn(known, when, each) for each in (last, moment))
    if whole and before:
        low = moment - dt.timedelta(days=1) if isinstance(known.kind, kinds.DayKind) else moment
        low = low.astimezone(_zone()).date() if isinstance(known.kind, kinds.DayKind) else low
    ends = [_operand(known, each, place) for each in (low, high)]
    return [(f"{column} > %s AND {column} <= %s", ends)]


def _operand(known: Field, end: Any, place: kinds.Place) -> Any:
    if isinstance(known.kind, kinds.MomentKind):
        return known.kind.column_value(end, place)
    return end.isoformat() if place.sqlite else end


def _turn(known: Field, when: dict[str, Any], moment: dt.datetime) -> Any:
    """The latest date whose turn has come by ``moment``."""
    n = when["n"] if when["side"] == "before" else -when["n"]
    if isinstance(known.kind, kinds.MomentKind):
        return shifted(moment, n, when["unit"])
    local = moment.astimezone(_zone())
    day = local.date() if local.time() >= _clock(when.get("at")) else local.date() - dt.timedelta(days=1)
    return shifted(day, n, when["unit"])


def shifted(start: Any, n: int, unit: str) -> Any:
    """A day or moment ``n`` units later; a month ends where it ends."""
    if unit != "month":
        return start + dt.timedelta(**{f"{unit}s": n})
    count = start.year * 12 + start.month - 1 + n
    year, month = count // 12, count % 12 + 1
    return start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))


def at_clock(moment: dt.datetime, clock: str) -> dt.datetime:
    """That time of the day of a moment, or of the next day where it has passed."""
    local = moment.astimezone(_zone())
    found = dt.datetime.combine(local.date(), _clock(clock), tzinfo=_zone())
    if found < local:
        found = dt.datetime.combine(local.date() + dt.timedelta(days=1), _clock(clock), tzinfo=_zone())
    return found.astimezone(dt.UTC)


def following(automation: Automation, after: dt.datetime) -> dt.datetime | None:
    """When the clock begins it next; None where moments are looked for all the time."""
    when = automation.when
    if when["on"] == "date":
        known = registry.get(automation.entity).field(when["field"])
        if isinstance(known.kind, kinds.MomentKind):
            return None
    local = after.astimezone(_zone())
    for ahead in range(63):
        day = local.date() + dt.timedelta(days=ahead)
        struck = dt.datetime.combine(day, _clock(when.get("at")), tzinfo=_zone()).astimezone(dt.UTC)
        if struck > after and _falls(when, day):
            return struck
    return None


def _falls(when: dict[str, Any], day: dt.date) -> bool:
    if when.get("every") == "week":
        return day.isoweekday() == when.get("day", 1)
    if when.get("every") == "month":
        return day.day == min(when.get("day", 1), calendar.monthrange(day.year, day.month)[1])
    return True


def _clock(text: str | None) -> dt.time:
    return dt.time.fromisoformat((text or MORNING).rjust(5, "0"))


def _zone() -> ZoneInfo:
    return ZoneInfo(organisation().time_zone)
