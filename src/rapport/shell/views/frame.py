"""What every page shares: who may come in, the frame's context, whole page or fragment, toasts."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render as render_page
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rapport.platform.actor import LEVELS
from rapport.platform.identity import accounts
from rapport.records.errors import Problem
from rapport.records.live import topics as live
from rapport.shell import commands
from rapport.shell import nav as navigation
from rapport.shell.refusals import in_words
from rapport.shell.views.errors import error_page
from rapport.ui import formats
from rapport.ui.engine import render_block

View = Callable[..., HttpResponse]
THEMES = tuple(value for value, _icon, _label in commands.THEMES)


def is_fragment(request: HttpRequest) -> bool:
    """True when htmx asks for a part of the page."""
    return "HX-Request" in request.headers


def page(view: View) -> View:
    """A screen for people who are signed in; a Problem becomes a toast in place or a page that says what to do."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.entry is None:  # type: ignore[attr-defined]
            return _to_sign_in(request)
        try:
            with formats.reading():
                return view(request, *args, **kwargs)
        except Problem as problem:
            if is_fragment(request):
                return toast(HttpResponse(status=problem.status), in_words(problem), bad=True)
            headings = {403: _("You may not do this"), 404: _("Nothing here")}
            heading = headings.get(problem.status, _("That did not work"))
            return error_page(request, problem.status, heading, in_words(problem))

    return guarded


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    where = "/sign-in" if accounts.anybody() else "/welcome"
    if request.path != "/" and where == "/sign-in":
        where += "?" + urlencode({"next": request.get_full_path()})
    if is_fragment(request):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = where
        return response
    return HttpResponseRedirect(where)


def theme_of(request: HttpRequest) -> str:
    """The reader's theme."""
    chosen = request.COOKIES.get("theme", "system")
    return chosen if chosen in THEMES else "system"


def context(request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
    """The frame's context, with the page's own; ``topics``: what the page wants to hear about while it is open."""
    entry = request.entry  # type: ignore[attr-defined]
    here = request.get_full_path()
    actor = entry.actor
    listed = more.get("list", {}).get("url", "")
    chosen = request.GET.get("view", "")
    pinned = navigation.pinned(actor, request.path, chosen)
    path = "" if any(item["current"] for item in pinned) else request.path
    nav = navigation.sections(actor, get_language() or "en", path, chosen, listed)
    offered = commands.offer(actor)
    places = tuple((str(item["label"]), item["key"], item["url"]) for section in nav for item in section["items"])
    return {
        "title": title,
        "here": here,
        "offered": offered,
        "keys_dialog": commands.keys_dialog(offered, places),
        "theme": theme_of(request),
        "nav_slim": request.COOKIES.get("nav") == "slim",
        "csrf": get_token(request),
        "live": None if is_fragment(request) else live.sign(actor.id, entry.session, more.pop("topics", ())),
        "sets_up": actor.may("custom_field", "add"),
        "viewing": actor.viewer is not None,
        "audits": actor.level("user", "change") == LEVELS["all"],
        "me": {"id": actor.id, "name": actor.name, "email": actor.email},
        "organisation": entry.organisation or "Rapport",
        "nav": nav,
        "pinned": pinned,
        "may": actor.may,
        **more,
    }


def render(
    request: HttpRequest,
    template: str,
    values: dict[str, Any],
    *,
    block: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page, or one block of it."""
    if block is None:
        response = render_page(request, template, values, status=status)
    else:
        response = HttpResponse(render_block(template, block, values, request), status=status)
    response["Vary"] = "HX-Request, Cookie"
    response["Cache-Control"] = "no-store"
    return response


def toast(
    response: HttpResponse, text: str, *, undo: str | None = None, url: str | None = None, bad: bool = False,
    changed: bool = False, of: str = "",
) -> HttpResponse:  # fmt: skip
    """Say something in the corner; ``undo`` is the operation to take back; ``changed`` lets open screens re-read;
    ``of``: the latest word about the same takes the place of an earlier one."""
    said: dict[str, Any] = {"text": text}
    if of:
        said["id"] = of
    if undo:
        said["undo"] = f"/undo/{undo}"
    if url:
        said["url"] = url
    if bad:
        said["bad"] = True
    triggers: dict[str, Any] = {"toast": said}
    if changed:
        triggers["records:changed"] = {}
    response["HX-Trigger"] = json.dumps(triggers)
    return response


def with_query(request: HttpRequest, **changes: str | None) -> str:
    """This address with parameters set, or removed by None."""
    given = {name: value for name, value in request.GET.items() if value and name not in ("after", "peek")}
    given.update({name: value for name, value in changes.items() if value})
    for name, value in changes.items():
        if value is None:
            given.pop(name, None)
    return f"{request.path}?{urlencode(given)}" if given else request.path
