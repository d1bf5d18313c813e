from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

from rapport.shell.views import (
    account,
    board,
    cards,
    commanding,
    editing,
    facts,
    finding,
    gallery,
    here,
    imports,
    imports_columns,
    lists,
    my_day,
    notifications,
    sharing,
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
    path("lookup/about", finding.lookup_about),
    path("lookup/grantees", sharing.grantees),
    path("lookup/<str:plural>", finding.lookup),
    path("commands", commanding.listed),
    path("commands/<str:plural>/<str:key>", commanding.of_record),
    path("gallery", gallery.shown),
    path("undo/<str:operation>", finding.undo),
    path("imports", imports.listed),
    path("imports/new", imports.new),
    path("imports/<str:key>", imports.run),
    path("imports/<str:key>/columns", imports_columns.columns),
    path("imports/<str:key>/start", imports.start),
    path("imports/<str:key>/cancel", imports.cancel),
    path("imports/<str:key>/go-on", imports.go_on),
    path("imports/<str:key>/undo", imports.undo),
    path("imports/<str:key>/discard", imports.discard),
    path("imports/<str:key>/errors", imports.errors),
    # One set of screens for every entity.
    path("<str:plural>", lists.listed),
    path("<str:plural>/new", editing.new),
    path("<str:plural>/columns/<str:step>", board.column),
    path("<str:plural>/<str:key>", cards.card),
    path("<str:plural>/<str:key>/edit", editing.edit),
    path("<str:plural>/<str:key>/bin", cards.put_in_bin),
    path("<str:plural>/<str:key>/restore", cards.restore),
    path("<str:plural>/<str:key>/act/<str:verb>", commanding.act),
    path("<str:plural>/<str:key>/move", board.move),
    path("tasks/<str:key>/put-off", tasks.put_off),
    path("<str:plural>/<str:key>/here", here.here),
    path("<str:plural>/<str:key>/timeline", talks.timeline),
    path("<str:plural>/<str:key>/changes", talks.changes),
    path("<str:plural>/<str:key>/share", sharing.share),
    path("<str:plural>/<str:key>/log", talks.log),
    path("<str:plural>/<str:key>/field/<str:name>", facts.field),
]
