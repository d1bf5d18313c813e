"""Deeds, exports and sign-ins as one stream, newest first, a page at a time.

Each of the three has an order and a place of its own; the cursor holds all three places. Whatever is written meanwhile
is newer than all of them, so that nothing comes twice and nothing is left out.
"""

import base64
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from rapport.platform.identity import sign_ins
from rapport.platform.keys import parse_key
from rapport.records.audit import deeds, exports
from rapport.records.audit.wanted import Wanted
from rapport.records.errors import BadQuery

END = "-"
OF_TOKENS = ("token_made", "token_revoked")
OF_DOORS = (
    "signed_in", "failed", "wrong_code", "recovery_code_used", "signed_out", "session_ended", "sessions_ended",
    "provider_refused", "password_refused", "password_wrong",
)  # fmt: skip


@dataclass(slots=True)
class Line:
    """One thing that happened: ``of`` is deed, export or sign_in, ``told`` what it is in detail."""

    of: str
    key: str
    at: dt.datetime
    told: Any


@dataclass(slots=True)
class Page:
    """Lines; the cursor of older ones; how far back was looked, where that is further than the lines reach."""

    lines: list[Line]
    next: str | None
    reached: dt.datetime | None = None


# Lines behind a place, and the place up to which was looked (None at the end).
Part = tuple[list[Line], str | None]


def page(wanted: Wanted, after: str | None = None, limit: int = 50) -> Page:
    """The next lines, told. Raises BadQuery."""
    places = _places(after)
    parts = [
        read(wanted, place or None, limit) if place != END else ([], None)
        for read, place in zip(READERS, places, strict=True)
    ]
    shown, taken = _merged(parts, limit)
    following = [_place(part, count, place) for part, count, place in zip(parts, taken, places, strict=True)]
    deeds.dress([line.told for line in shown if line.of == "deed"])
    if all(place == END for place in following):
        return Page(shown, None)
    cursor = base64.urlsafe_b64encode(orjson.dumps(following)).rstrip(b"=").decode()
    return Page(shown, cursor, None if shown else _horizon(parts))


def _merged(parts: list[Part], limit: int) -> tuple[list[Line], list[int]]:
    """The newest lines of all parts, none older than what was looked at in each; and how many of each part."""
    horizon, taken, shown = _horizon(parts), [0] * len(parts), list[Line]()
    while len(shown) < limit:
        heads = [(part[0][taken[at]].at, at) for at, part in enumerate(parts) if taken[at] < len(part[0])]
        if not heads:
            break
        moment, at = max(heads)
        if horizon and moment < horizon:
            break
        shown.append(parts[at][0][taken[at]])
        taken[at] += 1
    return shown, taken


def _horizon(parts: list[Part]) -> dt.datetime | None:
    """What is older than this has not been looked at everywhere."""
    ends = [
        min(lines[-1].at, moment(reached)) if lines else moment(reached)
        for (lines, reached), moment in zip(parts, MOMENTS, strict=True) if reached is not None
    ]  # fmt: skip
    return max(ends, default=None)


def _place(part: Part, taken: int, place: str) -> str:
    lines, reached = part
    if taken < len(lines):
        return lines[taken - 1].key if taken else place
    return END if reached is None else reached


def _places(after: str | None) -> list[str]:
    if not after:
        return ["", "", ""]
    try:
        found = orjson.loads(base64.urlsafe_b64decode(after.encode() + b"=="))
        deed, export, sign_in = found
        for each in (deed, export):
            if each not in ("", END) and parse_key(each) is None:
                raise ValueError(each)
        if sign_in not in ("", END) and not (sign_in.isascii() and sign_in.isdigit() and len(sign_in) < 19):
            raise ValueError(sign_in)
    except (ValueError, TypeError, AttributeError) as error:
        raise BadQuery("The cursor is none of ours; start without “after”.") from error
    return [deed, export, sign_in]


def _deeds(wanted: Wanted, before: str | None, limit: int) -> Part:
    if wanted.kind in ("exported", "signed_in", "tokens"):
        return [], None
    found, reached = deeds.read(wanted, before, limit)
    return [Line("deed", each.key, each.at, each) for each in found], reached


def _exports(wanted: Wanted, before: str | None, limit: int) -> Part:
    found, reached = exports.read(wanted, before, limit)
    return [Line("export", each.id, deeds.moment_of(each.id), each) for each in found], reached


def _sign_ins(wanted: Wanted, before: str | None, limit: int) -> Part:
    if wanted.entity or wanted.record or wanted.kind not in ("", "signed_in", "rights", "tokens"):
        return [], None
    if wanted.sources and "ui" not in wanted.sources:
        return [], None
    found = sign_ins.among(
        limit + 1, int(before) if before else None, _kinds(wanted.kind), wanted.actor, wanted.since, wanted.until
    )
    lines = [Line("sign_in", str(each["id"]), each["at"], each) for each in found[:limit]]
    return lines, lines[-1].key if len(found) > limit else None


def _kinds(kind: str) -> tuple[str, ...]:
    """Kinds of sign-in events: what is neither about doors nor tokens concerns who may do what, and how he shows it."""
    if kind == "signed_in":
        return OF_DOORS
    if kind == "tokens":
        return OF_TOKENS
    return tuple(set(sign_ins.KINDS) - {*OF_DOORS, *OF_TOKENS}) if kind == "rights" else ()


def _of_sign_in(key: str) -> dt.datetime:
    return dt.datetime.max.replace(tzinfo=dt.UTC)  # its last line tells: it is cut only behind one


READERS: tuple[Callable[[Wanted, str | None, int], Part], ...] = (_deeds, _exports, _sign_ins)
MOMENTS: tuple[Callable[[str], dt.datetime], ...] = (deeds.moment_of, deeds.moment_of, _of_sign_in)
