from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, register_converter

from rapport.records import registry
from rapport.records.errors import NotFound
from rapport.shell.views import (
    account,
    board,
    deals,
    facts,
    finding,
    list_deeds,
    list_filters,
    list_layouts,
    lists,
    parties,
    talks,
)


def home(request: HttpRequest) -> HttpResponse:
    """Where the day starts."""
    return HttpResponseRedirect("/parties?view=organisations")


class Plural:
    """An entity by its name in addresses; what is none is left to other addresses."""

    regex = "[a-z0-9-]+"

    def to_python(self, value: str) -> str:
        """The name, or ValueError."""
        try:
            return registry.at(value).plural
        except NotFound as error:
            raise ValueError(value) from error

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(Plural, "plural")

urlpatterns = [
    path("", home),
    path("welcome", account.welcome),
    path("sign-in", account.sign_in),
    path("sign-out", account.sign_out),
    path("theme", account.theme),
    path("search", finding.search),
    path("lookup/<str:plural>", finding.lookup),
    path("undo/<str:operation>", finding.undo),
    path("<plural:plural>", lists.listed),
    path("<plural:plural>/rows", lists.rows),
    path("<plural:plural>/sums", lists.sums),
    path("<plural:plural>/filter", list_filters.edited),
    path("<plural:plural>/columns", list_layouts.columns),
    path("<plural:plural>/order", list_layouts.order),
    path("<plural:plural>/bulk", list_deeds.bulk),
    path("<plural:plural>/export", list_deeds.export),
    path("parties/new", parties.new),
    path("parties/<str:key>", parties.card),
    path("deals/new", deals.new),
    path("deals/columns/<str:stage>", board.column),
    path("deals/<str:key>", deals.card),
    path("deals/<str:key>/move", board.move),
    path("<str:plural>/<str:key>/timeline", talks.timeline),
    path("<str:plural>/<str:key>/log", talks.log),
    path("<str:plural>/<str:key>/field/<str:name>", facts.field),
]
