"""How the installation is doing, in the words of Prometheus. For who knows the word that ``RAPPORT_METRICS`` holds."""

import hmac
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from rapport import __version__
from rapport.config.readiness import states
from rapport.platform import db
from rapport.platform.events import stream
from rapport.platform.jobs.health import queue_health

Figure = tuple[str, str, dict[str, str], float]
# What is counted up is a counter, all else a gauge.
COUNTED = "_total"


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures; nothing is at this address unless the setting names a word, and only its bearer may read."""
    word = settings.METRICS
    if not word:
        return HttpResponse(status=404)
    given = request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), word.encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(_text(list(_figures())), content_type="text/plain; version=0.0.4; charset=utf-8")


def _figures() -> Iterator[Figure]:
    """(Name, what it is, labels, value), those of one name beside each other."""
    yield "rapport_info", "the version that runs", {"version": __version__, "database": db.vendor()}, 1
    for name, problem in states().items():
        yield "rapport_ready", "1 while this is well, see /readyz", {"check": name}, float(not problem)
    queue = queue_health()
    yield "rapport_jobs_late_seconds", "how long the oldest due job has been waiting", {}, queue.late_seconds
    yield "rapport_jobs_running", "jobs at work", {}, queue.running
    yield "rapport_jobs_failed", "jobs that failed within a day", {}, queue.failed_today
    yield "rapport_events_total", "facts published in the stream of events", {}, stream.latest()
    sql = "SELECT count(*) FROM webhook_delivery WHERE status = 'waiting'"
    yield "rapport_webhook_deliveries_waiting", "events that webhooks have yet to be told", {}, _number(sql)


def _number(sql: str) -> float:
    return float((db.one(sql) or (0,))[0])


def _text(figures: list[Figure]) -> str:
    lines, before = [], ""
    for name, told, labels, value in figures:
        if name != before:
            lines += [f"# HELP {name} {told}", f"# TYPE {name} {'counter' if name.endswith(COUNTED) else 'gauge'}"]
        before = name
        inner = ",".join(f'{key}="{each}"' for key, each in labels.items())
        lines.append(f"{name}{{{inner}}} {value:.15g}" if inner else f"{name} {value:.15g}")
    return "\n".join(lines) + "\n"
