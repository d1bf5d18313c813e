from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

from rapport.shell.views import (
    account,
    board,
    deals,
    doing,
    facts,
    finding,
    my_day,
    notifications,
    parties,
    talks,
    tasks,
)


def home(request: HttpRequest) -> HttpResponse:
    """Where the day starts."""
    return HttpResponseRedirect("/my-day")


urlpatterns = [
    path("", home),
    path("welcome", account.welcome),
    path("sign-in", account.sign_in),
    path("sign-out", account.sign_out),
    path("theme", account.theme),
    path("search", finding.search),
    path("my-day", my_day.shown),
    path("my-day/understood", my_day.understood),
    path("notifications", notifications.listed),
    path("notifications/read", notifications.read),
    path("lookup/mentions", talks.mentionable),
    path("lookup/<str:plural>", finding.lookup),
    path("undo/<str:operation>", finding.undo),
    path("parties", parties.listed),
    path("parties/new", parties.new),
    path("parties/<str:key>", parties.card),
    path("deals", deals.listed),
    path("deals/new", deals.new),
    path("deals/columns/<str:stage>", board.column),
    path("deals/<str:key>", deals.card),
    path("deals/<str:key>/move", board.move),
    path("tasks/<str:key>", tasks.card),
    path("tasks/<str:key>/put-off", tasks.put_off),
    path("<str:plural>/<str:key>/do/<str:verb>", doing.do),
    path("<str:plural>/<str:key>/timeline", talks.timeline),
    path("<str:plural>/<str:key>/log", talks.log),
    path("<str:plural>/<str:key>/field/<str:name>", facts.field),
]
