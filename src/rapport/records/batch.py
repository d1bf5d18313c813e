"""Many writes as one deed: all or nothing, or each for itself; one operation id, so that one undo takes them back."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform.actor import current
from rapport.platform.keys import new_key, parse_key
from rapport.records import intake, sharing, upserting, write
from rapport.records.duplicates import merging
from rapport.records.entity import Entity
from rapport.records.errors import Invalid, NotFound, Problem
from rapport.records.kinds import Place
from rapport.records.operation import operation, part
from rapport.records.queues import taking

MOST = 1000
# What is done for itself is stored in slices, so that nobody waits for the lock longer than this.
SLICE_SECONDS = 0.25


@dataclass(slots=True)
class Step:
    """One write as asked, its names checked."""

    op: str
    id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    match: str = ""
    verb: str = ""


@dataclass(slots=True)
class Outcome:
    """What came of one write: the status it would have had alone."""

    status: int
    id: str | None = None
    version: int | None = None
    problem: Problem | None = None


@dataclass(slots=True)
class Done:
    """``operation``: what undo takes; None when nothing was stored."""

    operation: str | None
    outcomes: list[Outcome]


Work = Callable[[Entity, Step, Place], Outcome]
NAMES = {
    "create": ({"data"}, {"data"}),
    "change": ({"id", "data"}, {"id", "data", "version"}),
    "delete": ({"id"}, {"id", "version"}),
    "restore": ({"id"}, {"id"}),
    "upsert": ({"match", "data"}, {"match", "data", "version"}),
    "action": ({"id", "verb"}, {"id", "verb", "args", "version"}),
}


def carry_out(entity: Entity, asked: Sequence[Any], *, atomic: bool = True) -> Done:
    """Carry out up to MOST writes in order. ``atomic``: the first problem is raised, with its place, and all undone."""
    if not 1 <= len(asked) <= MOST:
        raise Invalid.at("operations", _("Give 1 to %(most)s operations.") % {"most": MOST}, "range")
    return _all_or_none(entity, asked) if atomic else _each_for_itself(entity, asked)


def alone(entity: Entity, asked: Any) -> Done:
    """Carry out a single write; its problems name its own fields."""
    with operation() as done:
        outcome = _do(entity, asked, intake.place_for(current()))
    return Done(done.id, [outcome])


def _all_or_none(entity: Entity, asked: Sequence[Any]) -> Done:
    outcomes: list[Outcome] = []
    with operation() as done:
        place = intake.place_for(current())
        for raw in asked:
            try:
                outcomes.append(_do(entity, raw, place))
            except Problem as problem:
                raise _placed(problem, len(outcomes)) from problem
    return Done(done.id, outcomes)


def _each_for_itself(entity: Entity, asked: Sequence[Any]) -> Done:
    """Slices of one deed; a write that fails leaves nothing, the others stay."""
    outcomes: list[Outcome] = []
    key, place = new_key(), intake.place_for(current())
    while len(outcomes) < len(asked):
        with operation(key) as done:
            key, until = done.id, time.monotonic() + SLICE_SECONDS
            while len(outcomes) < len(asked) and time.monotonic() < until:
                try:
                    with part(done):
                        outcomes.append(_do(entity, asked[len(outcomes)], place))
                except Problem as problem:
                    outcomes.append(Outcome(problem.status, problem=problem))
    return Done(key if any(each.problem is None for each in outcomes) else None, outcomes)


def _placed(problem: Problem, at: int) -> Problem:
    """The problem, with the place of the write that met it."""
    problem.more = {**problem.more, "at": at}
    problem.errors = [{**each, "field": f"operations[{at}].{each['field']}"} for each in problem.errors]
    return problem


def _do(entity: Entity, raw: Any, place: Place) -> Outcome:
    step = read(raw)
    return WORKS[step.op](entity, step, place)


def read(raw: Any) -> Step:
    """One write as it came; raises Invalid when its names are not understood."""
    op = raw.get("op") if isinstance(raw, Mapping) else None
    if not isinstance(op, str) or op not in NAMES:
        raise Invalid.at("op", _("“op” is one of: %(known)s.") % {"known": ", ".join(NAMES)}, "choice")
    needed, known = NAMES[op]
    for name in raw:
        if name not in known | {"op"}:
            words = {"op": op, "known": ", ".join(sorted(known))}
            raise Invalid.at(str(name), _("“%(op)s” takes: %(known)s.") % words, "unknown_field")
    for name in sorted(needed):
        if raw.get(name) is None:
            raise Invalid.at(name, _("This is needed."), "required")
    data = raw.get("data") if "data" in known else raw.get("args") or {}
    if not isinstance(data, Mapping | None):
        raise Invalid.at("data" if "data" in known else "args", _("Give an object."), "type")
    return Step(
        op, _key(raw.get("id")), data or {}, _version(raw.get("version")), _word(raw, "match"), _word(raw, "verb")
    )


def _key(given: Any) -> str | None:
    if given is None:
        return None
    key = parse_key(given) if isinstance(given, str) else None
    if key is None:
        raise NotFound(_("“%(id)s” is not an id.") % {"id": str(given)[:60]})
    return key


def _version(given: Any) -> int | None:
    if given is not None and (not isinstance(given, int) or isinstance(given, bool)):
        raise Invalid.at("version", _("Give a number."), "type")
    return given


def _word(raw: Mapping[str, Any], name: str) -> str:
    given = raw.get(name) or ""
    if not isinstance(given, str):
        raise Invalid.at(name, _("Give a text."), "type")
    return given


def _create(entity: Entity, step: Step, place: Place) -> Outcome:
    return _made(write.create(entity, step.data, place=place), 201)


def _change(entity: Entity, step: Step, place: Place) -> Outcome:
    return _made(write.change(entity, str(step.id), step.data, version=step.version, place=place))


def _delete(entity: Entity, step: Step, place: Place) -> Outcome:
    return _made(write.put_in_bin(entity, str(step.id), version=step.version), 204)


def _restore(entity: Entity, step: Step, place: Place) -> Outcome:
    return _made(write.restore(entity, str(step.id)))


def _upsert(entity: Entity, step: Step, place: Place) -> Outcome:
    record, fresh = upserting.upsert(entity, step.data, step.match, version=step.version, place=place)
    return _made(record, 201 if fresh else 200)


def _action(entity: Entity, step: Step, place: Place) -> Outcome:
    act = merging.act if step.verb == merging.VERB else {**sharing.VERBS, **taking.VERBS}.get(step.verb)
    if act:
        return _made(act(entity, str(step.id), args=step.data, version=step.version))
    return _made(write.act(entity, str(step.id), step.verb, step.data, version=step.version))


def _made(record: Any, status: int = 200) -> Outcome:
    return Outcome(status, record.id, record.version)


WORKS: dict[str, Work] = {
    "create": _create, "change": _change, "delete": _delete, "restore": _restore, "upsert": _upsert, "action": _action,
}  # fmt: skip
