"""What an organisation sets up for itself, in one place."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from rapport.platform.actor import current
from rapport.records import registry
from rapport.records.errors import Forbidden
from rapport.shell.views.frame import context, page, render

OWN = {
    "user": "/access/people",
    "role": "/access/roles",
    "territory": "/access/territories",
    "wording": "/set-up/names",
    "object_layout": "/set-up/layouts",
}  # what has screens of its own


@page
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The kinds of set-up that the reader may add to, each with what it is for."""
    found = [
        {
            "label": str(each.label_plural), "icon": each.icon, "teaches": str(each.teaches),
            "url": OWN.get(each.key, f"/{each.plural}"),
        }
        for each in registry
        if each.configuration and not each.part_of and current().level(each.key, "add") == 3
    ]  # fmt: skip
    if not found:
        raise Forbidden(_("Only an administrator sets things up."))
    values = context(request, _("Set-up"), places=sorted(found, key=lambda place: str(place["label"])))
    return render(request, "shell/set_up.jinja", values)
