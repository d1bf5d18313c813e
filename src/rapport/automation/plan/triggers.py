"""When an automation begins. An event of the stream, a schedule, or a date of the record that is so far away.

``{"on": "created" | "binned" | "restored"}`` · ``{"on": "changed", "fields": […], "from": …, "to": …}`` ·
``{"on": "verb", "verb": "complete"}`` · ``{"on": "tagged", "tags": [names]}`` ·
``{"on": "schedule", "every": "day" | "week" | "month", "day": 1, "at": "09:00"}`` ·
``{"on": "date", "field": "close_on", "side": "before" | "after", "n": 7, "unit": "day", "at": "09:00"}``.
With ``"imports": true`` those of an import count as well.
"""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.automation.plan import values
from rapport.automation.plan.checking import Checker
from rapport.platform.events.stream import Fact
from rapport.records import kinds
from rapport.records.actions import actions_of
from rapport.records.entity import Entity, Field
from rapport.records.errors import Bad

ON = (
    ("created", gettext_lazy("is created")), ("changed", gettext_lazy("is changed")),
    ("verb", gettext_lazy("has something done to it")), ("tagged", gettext_lazy("is tagged")),
    ("binned", gettext_lazy("goes into the bin")), ("restored", gettext_lazy("comes out of the bin")),
    ("date", gettext_lazy("has a date that comes near or passes")), ("schedule", gettext_lazy("at set times")),
)  # fmt: skip
TIMED = ("schedule", "date")
EVERY = (("day", gettext_lazy("day")), ("week", gettext_lazy("week")), ("month", gettext_lazy("month")))
KNOWN = {
    "changed": {"fields", "from", "to"}, "verb": {"verb"}, "tagged": {"tags"},
    "schedule": {"every", "day", "at"}, "date": {"field", "side", "n", "unit", "at"},
}  # fmt: skip
# What becomes of a record without one of its fields being changed by anybody.
SILENT = ("created", "reverted", "binned", "restored", "moved", "erased", "share", "unshare")
# Fields whose value at the time of a change is not told by the proof in words that could be compared.
UNTOLD = (kinds.MoneyKind, kinds.TagsKind, kinds.AboutKind)


def check(checker: Checker, trigger: dict[str, Any], filter: Any) -> None:
    """What it names must be there."""
    on = str(trigger.get("on"))
    if on not in dict(ON):
        checker.wrong(_("Say when: %(known)s.") % {"known": ", ".join(dict(ON))}, "choice", "on")
        return
    for name in sorted(set(trigger) - {"on", "imports"} - KNOWN.get(on, set())):
        checker.wrong(_("“%(name)s” says nothing here.") % {"name": name}, "unknown_field", name)
    if on in _CHECKS:
        _CHECKS[on](checker, trigger)
    if on == "schedule" and not filter:
        checker.wrong(_("Say which records: add a condition."), "required", "filter")


def _changed(checker: Checker, trigger: dict[str, Any]) -> None:
    names = checker.listed(trigger.get("fields"), "fields")
    known = [found for name in names if (found := _own_field(checker, name, "fields"))]
    for end in ("from", "to"):
        if trigger.get(end) in (None, ""):
            continue
        if len(names) != 1:
            checker.wrong(_("A value needs one field."), "required", "fields")
        elif known and isinstance(known[0].kind, UNTOLD):
            checker.wrong(
                _("Ask for the value of “%(name)s” in the condition.") % {"name": known[0].heading}, "type", end
            )
        elif known:
            values.check(checker, trigger[end], known[0], end)


def _own_field(checker: Checker, name: Any, at: str) -> Field | None:
    found = checker.entity.fields.get(str(name))
    if found is None:
        words = {"entity": checker.entity.label_plural, "name": name}
        checker.wrong(_("%(entity)s have no field “%(name)s”.") % words, "unknown_field", at)
    return found


def _verb(checker: Checker, trigger: dict[str, Any]) -> None:
    known = actions_of(checker.entity.model)
    if str(trigger.get("verb")) not in known:
        checker.wrong(_("Choose one of: %(known)s.") % {"known": ", ".join(known) or "–"}, "choice", "verb")


def _tagged(checker: Checker, trigger: dict[str, Any]) -> None:
    if not checker.entity.has_tags:
        checker.wrong(_("These have no tags."), "invalid", "tags")
    elif not trigger.get("tags"):
        checker.needed("tags")
    else:
        checker.filter({"field": "tags", "op": "in", "value": trigger["tags"]}, "tags")


def _schedule(checker: Checker, trigger: dict[str, Any]) -> None:
    every, day = str(trigger.get("every")), trigger.get("day", 1)
    if every not in dict(EVERY):
        checker.wrong(_("Choose day, week or month."), "choice", "every")
    most = {"week": 7, "month": 31}.get(every, 31)
    if not isinstance(day, int) or isinstance(day, bool) or not 1 <= day <= most:
        checker.wrong(_("Give a day from 1 to %(most)s.") % {"most": most}, "range", "day")
    if not trigger.get("at"):
        checker.needed("at")
    checker.clock(trigger.get("at"), "at")


def _date(checker: Checker, trigger: dict[str, Any]) -> None:
    if not trigger.get("field"):
        checker.needed("field")
    known = _own_field(checker, trigger["field"], "field") if trigger.get("field") else None
    if known and not isinstance(known.kind, values.TIMES):
        checker.wrong(_("Choose a date."), "type", "field")
    if trigger.get("side") not in ("before", "after"):
        checker.wrong(_("Choose before or after."), "choice", "side")
    checker.span(trigger, "n")
    checker.clock(trigger.get("at"), "at")
    if isinstance(known and known.kind, kinds.DayKind) and trigger.get("unit") in ("minute", "hour"):
        checker.wrong(_("A date without a time is counted in days, weeks or months."), "choice", "unit")


_CHECKS = {"changed": _changed, "verb": _verb, "tagged": _tagged, "schedule": _schedule, "date": _date}


def wants(trigger: dict[str, Any], entity: Entity, fact: Fact) -> bool:
    """Whether this kind of event begins it, as far as the event itself says."""
    if fact.entity != entity.key or not fact.name.startswith(f"{entity.key}."):
        return False
    verb, on = fact.name.partition(".")[2], trigger.get("on")
    if on in ("created", "binned", "restored"):
        return verb == on
    if fact.record is None or verb in SILENT:
        return False
    if on == "verb":
        return verb == trigger.get("verb")
    if on == "tagged":
        return "tags" in fact.fields
    if on == "changed":
        named = trigger.get("fields") or []
        return not named or any(name in fact.fields for name in named)
    return False


def looks_at_values(trigger: dict[str, Any]) -> bool:
    """Whether it asks what a value was or became."""
    return trigger.get("on") == "tagged" or any(trigger.get(end) not in (None, "") for end in ("from", "to"))


def became(
    trigger: dict[str, Any], entity: Entity, before: dict[str, Any], after: dict[str, Any],
    place: kinds.Place, tags: set[str],
) -> bool:  # fmt: skip
    """Whether a change, as the proof holds it, is the one that is waited for; ``tags``: ids of those named."""
    if trigger["on"] == "tagged":
        was, now = set((before.get("tags") or "").split()), set((after.get("tags") or "").split())
        return bool(tags & (now - was))
    known = entity.fields.get(trigger["fields"][0])
    if known is None or known.attname not in {**before, **after}:
        return False
    ends = (("from", before.get(known.attname)), ("to", after.get(known.attname)))
    return all(trigger.get(end) in (None, "") or _same(known, trigger[end], held, place) for end, held in ends)


def _same(known: Field, given: Any, held: Any, place: kinds.Place) -> bool:
    """Whether a value as it was typed is the one that the proof holds."""
    try:
        parsed = known.kind.parse(given, place)
    except Bad:
        return False
    if isinstance(known.kind, kinds.MultiChoiceKind):
        return str(parsed or "") == str(held or "")
    wired = parsed if known.mark is None else known.kind.wire(parsed, place)
    if hasattr(wired, "isoformat"):
        wired = wired.isoformat()
    return wired == held or (wired is not None and held is not None and str(wired) == str(held))
