"""The living page of every component in every state, and of the tokens behind them. For developers only."""

import functools
import re
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from rapport.shell.views.frame import context, page, render
from rapport.ui import gallery

TOKEN = re.compile(r"--([a-z0-9-]+):([^;}]+)")


@page
@require_GET
def shown(request: HttpRequest) -> HttpResponse:
    """All examples, by the folder they stand in."""
    if not settings.DEVELOPER:
        raise Http404
    groups = [(_("Foundation"), gallery.examples("ui")), (_("Of the business"), gallery.examples("parts"))]
    return render(request, "shell/gallery.jinja", context(request, _("Gallery"), groups=groups, tokens=tokens()))


@functools.cache
def tokens() -> dict[str, list[tuple[str, str]]]:
    """The tokens of the built style sheet, by what they are about: (name, value as written)."""
    css = (Path(settings.STATIC_ROOT) / "ui/rapport.css").read_text()
    block = next(part for part in css.split("{") if "--paper:" in part)
    found: dict[str, list[tuple[str, str]]] = {"colour": [], "space": [], "radius": [], "text": [], "other": []}
    for name, value in TOKEN.findall(block):
        found[_about(name, value)].append((name, value.strip()))
    return found


def _about(name: str, value: str) -> str:
    if "light-dark(" in value:
        return "colour"
    if re.fullmatch(r"s\d", name):
        return "space"
    return {"r": "radius", "text": "text"}.get(name.partition("-")[0], "other")
