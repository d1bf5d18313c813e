"""Logs of the engine's own (what webhooks were told, what automations did), the newest first, a page at a time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from rapport.platform.keys import parse_key
from rapport.records.errors import BadQuery


@dataclass(slots=True)
class Page:
    """Entries of a log, and the cursor of the next page."""

    entries: list[dict[str, Any]]
    next: str | None


def page_of(
    found: Any, entry: Callable[[Any], dict[str, Any]], states: Iterable[tuple[str, Any]], *,
    limit: int, after: str | None, status: str,
) -> Page:  # fmt: skip
    """Rows of a queryset, in one state or in any, each as ``entry`` tells it; raises BadQuery."""
    known = dict(states)
    if status:
        if status not in known:
            raise BadQuery(f"“status” is one of: {', '.join(known)}.")
        found = found.filter(status=status)
    if after:
        key = parse_key(after)
        if key is None:
            raise BadQuery("The cursor is none of ours; start without “after”.")
        found = found.filter(id__lt=key)
    taken = list(found.order_by("-id")[: limit + 1])
    return Page([entry(each) for each in taken[:limit]], taken[limit - 1].id if len(taken) > limit else None)
