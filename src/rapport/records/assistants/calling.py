"""A tool being called: offered to this user, arguments checked, done once, the answer bounded, problems in words."""

import hashlib
from typing import Any

import msgspec
import orjson

from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.records import answered
from rapport.records.assistants import many, reading, writing
from rapport.records.assistants.tool import Tool
from rapport.records.errors import BadQuery, Conflict, Problem

TOOLS: dict[str, type[Tool]] = {tool.name: tool for tool in (*reading.TOOLS, *writing.TOOLS, *many.TOOLS)}
# Models read what they are given: an answer that would fill their memory is no help.
LARGEST = 100_000
TOLD = ("fields", "operators", "sorts")


class Unknown(Exception):
    """There is no such tool for this user."""


def offered(actor: Actor) -> list[type[Tool]]:
    """The tools that this user may use at all."""
    return [tool for tool in TOOLS.values() if tool.is_for(actor)]


def call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The tool's result as the protocol has it; raises Unknown. What went wrong is told in it, to be mended."""
    tool = TOOLS.get(name)
    if tool is None:
        raise Unknown(f"There is no tool “{name}”. Known: {', '.join(each.name for each in offered(current()))}.")
    try:
        found = _bounded(_done(tool, arguments))
    except msgspec.ValidationError as error:
        return _failed(f"{error}. “{name}” takes: {', '.join(tool.__struct_fields__)}.")
    except Problem as problem:
        return _failed(words(problem))
    except db.OperationalError as error:
        if "lock" not in str(error).lower():
            raise
        return _failed("The database is busy; try again in a second.")
    return {"content": [{"type": "text", "text": found.decode()}], "structuredContent": orjson.loads(found)}


def words(problem: Problem) -> str:
    """What a model needs to do better: the reason, what is wrong with each field, what would have been understood."""
    lines = [problem.detail]
    lines += [f"- {each['field']}: {each['message']}" for each in problem.errors if each["message"] != problem.detail]
    for name in TOLD:
        if known := problem.more.get(name):
            lines.append(f"Known {name}: {', '.join(map(str, known))}.")
    if problem.more.get("now"):
        lines.append(f"It is at version {problem.more['now']} now; read it again, then decide.")
    return "\n".join(dict.fromkeys(lines))


def _failed(text: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": text}], "isError": True}


def _bounded(found: bytes) -> bytes:
    if len(found) > LARGEST:
        raise BadQuery(
            f"The answer has {len(found):,} bytes, {LARGEST:,} at most: ask for fewer with “limit”, or name “fields”."
        )
    return found


def _done(tool: type[Tool], arguments: dict[str, Any]) -> bytes:
    """The answer as JSON; that of the first time, when this was done already."""
    deed = msgspec.convert(arguments, tool)
    if not isinstance(deed, writing.Writing) or not deed.once:
        return orjson.dumps(deed.work())
    try:
        with db.transaction():
            return _once(tool, deed, arguments)
    except answered.Taken:  # the same call came twice at one moment, and the other was done first
        with db.transaction():
            return _once(tool, deed, arguments)


def _once(tool: type[Tool], deed: writing.Writing, arguments: dict[str, Any]) -> bytes:
    actor, key = current().id, f"{tool.name} {deed.once}"
    mark = hashlib.sha256(orjson.dumps(arguments, option=orjson.OPT_SORT_KEYS)).hexdigest()
    known = answered.find(actor, key)
    if known is not None and known.fingerprint != mark:
        raise Conflict("“once” was used for another call. Give another text for another deed.")
    if known is not None:
        return str(known.body).encode()
    found = orjson.dumps(deed.work())
    answered.keep(actor, key, mark, 200, {}, found.decode())
    return found
