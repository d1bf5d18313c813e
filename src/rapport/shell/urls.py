from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

from rapport.shell.views import account, board, deals, facts, finding, parties, relations, talks


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
    path("parties/<str:key>/org-chart", relations.org_chart),
    path("parties/<str:key>/map", relations.relation_map),
    path("parties/<str:key>/points", relations.add_point),
    path("deals", deals.listed),
    path("deals/new", deals.new),
    path("deals/columns/<str:stage>", board.column),
    path("deals/<str:key>", deals.card),
    path("deals/<str:key>/move", board.move),
    path("<str:plural>/<str:key>/primary", relations.make_primary),
    path("<str:plural>/<str:key>/remove", relations.remove),
    path("<str:plural>/<str:key>/timeline", talks.timeline),
    path("<str:plural>/<str:key>/log", talks.log),
    path("<str:plural>/<str:key>/field/<str:name>", facts.field),
]
