"""Where a fact comes from, in the reader's words: what somebody said of it, and when it was last set."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.ui import formats

WAYS = {
    "import": gettext_lazy("Set by import on %(day)s"),
    "api": gettext_lazy("Set by %(who)s through the API on %(day)s"),
    "system": gettext_lazy("Set by Rapport on %(day)s"),
}


def of(said: dict[str, Any] | None, known: dict[str, Any] | None) -> dict[str, Any]:
    """``source``: what is said of it ("business register, 3 May 2026"); ``origin``: who set it last, and how."""
    return {"source": _said(said), "told": said, "origin": _set(known)}


def _said(said: dict[str, Any] | None) -> str | None:
    if not said:
        return None
    return ", ".join(filter(None, (said["source"], formats.day(said["as_of"]) if said["as_of"] else None)))


def _set(known: dict[str, Any] | None) -> str | None:
    if not known:
        return None
    who = known["by"]["title"] if known["by"] else "Rapport"
    words = WAYS.get(known["from"]) or _("Set by %(who)s on %(day)s")
    return str(words) % {"who": who, "day": formats.day(known["at"][:10])}
