from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

from rapport.shell.views import account, deals, facts, finding, parties


def home(request: HttpRequest) -> HttpResponse:
    """Where the day starts."""
    return HttpResponseRedirect("/parties?kind=organisation")


urlpatterns = [
    path("", home),
    path("welcome", account.welcome),
    path("sign-in", account.sign_in),
    path("sign-out", account.sign_out),
    path("theme", account.theme),
    path("search", finding.search),
    path("lookup/<str:plural>", finding.lookup),
    path("undo/<str:operation>", finding.undo),
    path("parties", parties.listed),
    path("parties/new", parties.new),
    path("parties/<str:key>", parties.card),
    path("parties/<str:key>/timeline", parties.timeline),
    path("parties/<str:key>/log", parties.log),
    path("deals", deals.listed),
    path("deals/new", deals.new),
    path("deals/columns/<str:stage>", deals.column),
    path("deals/<str:key>", deals.card),
    path("deals/<str:key>/timeline", deals.timeline),
    path("deals/<str:key>/log", deals.log),
    path("deals/<str:key>/move", deals.move),
    path("<str:plural>/<str:key>/field/<str:name>", facts.field),
]
