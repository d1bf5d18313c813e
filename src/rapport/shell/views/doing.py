"""Verbs of a record at one click: carried out, said, and undone from the toast."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rapport.records import registry, write
from rapport.records.api import asked
from rapport.shell.views.frame import is_fragment, page, toast

SAID = {
    "complete": gettext_lazy("“%(title)s” done"), "reopen": gettext_lazy("“%(title)s” is open again"),
    "cancel": gettext_lazy("“%(title)s” cancelled"), "take": gettext_lazy("“%(title)s” is yours"),
    "snooze": gettext_lazy("“%(title)s” put off"), "assign_to": gettext_lazy("“%(title)s” passed on"),
}  # fmt: skip
NO_ARGUMENTS = ("csrfmiddlewaretoken", "next")


@page
@require_POST
def do(request: HttpRequest, plural: str, key: str, verb: str) -> HttpResponse:
    """Carry out a verb with the posted arguments."""
    args = {name: value for name, value in request.POST.items() if name not in NO_ARGUMENTS and value}
    return carry_out(request, plural, asked.key(key), verb, args)


def carry_out(request: HttpRequest, plural: str, key: str, verb: str, args: dict[str, Any]) -> HttpResponse:
    """The verb, the toast with its undo; without scripts back to the page."""
    entity = registry.at(plural)
    with write.operation() as done:
        record = write.act(entity, key, verb, args)
    if not is_fragment(request):
        return HttpResponseRedirect(back_to(request, entity.url(key)))
    words = SAID.get(verb, gettext_lazy("“%(title)s” changed")) % {"title": entity.title_of(record)}
    return toast(HttpResponse(status=204), str(words), undo=done.id, changed=True)


def back_to(request: HttpRequest, otherwise: str) -> str:
    """Where the form said to go on (an address of this site), else ``otherwise``."""
    wanted = request.POST.get("next", "")
    return wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else otherwise
