"""Steps that tell: colleagues by a notification, other programs by a signed call."""

import time
from typing import Any

import orjson

from rapport.automation.deeds import seeing
from rapport.automation.deeds.work import Later, Outcome, Work
from rapport.automation.plan import values
from rapport.automation.plan.steps import Step
from rapport.platform import outgoing
from rapport.platform.actor import current
from rapport.platform.clock import now, wire
from rapport.platform.identity import people
from rapport.records import notices, read
from rapport.records.errors import Refused
from rapport.records.webhooks import signing

AGAIN = (408, 425, 429)
SECRET = 1
MOST_TOLD = 500


def notify(work: Work, step: Step) -> Outcome:
    """A notification to colleagues, or to all of a team."""
    paths = list(step.get("of") or [])
    title = work.entity.title
    seen = seeing.read(work.entity, work.record, [title, *paths, *values.gaps(step["text"])])
    named = [*(step.get("users") or []), *(step.get("teams") or []), *(seen[path] for path in paths if seen[path])]
    text = seeing.filled(work.entity, step["text"], seen)
    for user in people.meant(list(dict.fromkeys(named)), MOST_TOLD):
        notices.notify(
            work.done, user, "automation", str(seen[title] or ""), entity=work.entity.key, record=work.record,
            summary={"text": text},
        )  # fmt: skip
    return Outcome()


def call(work: Work, step: Step) -> Outcome:
    """Tell a program outside; it may hear it twice, with the same id."""
    if work.trial:
        return Outcome(more={"url": step["url"]})
    raw = orjson.dumps(payload(work))
    secret = signing.secret_of(work.automation.id, SECRET)
    try:
        reply = outgoing.post(step["url"], raw, signing.headers(secret, f"{work.run}.{work.at}", int(time.time()), raw))
    except outgoing.Private as error:
        raise Refused(str(error)) from error
    except outgoing.Unreachable as error:
        raise Later(str(error)) from error
    said = f"{reply.status} {reply.text[:200]}".strip()
    if 200 <= reply.status < 300:
        return Outcome(said=said)
    if reply.status >= 500 or reply.status in AGAIN:
        raise Later(said)
    raise Refused(said)


def payload(work: Work) -> dict[str, Any]:
    """What is told: the automation, and the record as the actor sees it."""
    assert current()
    record = orjson.loads(read.one(work.entity, work.record))
    return {
        "automation": {"id": work.automation.id, "name": work.automation.name}, "run": work.run, "at": wire(now()),
        "entity": work.entity.key, "record": work.record, "data": record,
    }  # fmt: skip
