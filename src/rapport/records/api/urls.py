from django.urls import path, re_path

from rapport.records.api import access, bulk_runs, doors, hooks, import_runs

urlpatterns = [
    path("openapi.json", doors.openapi),
    path("search", doors.search),
    path("webhooks/<str:key>/deliveries", hooks.deliveries),
    path("webhooks/<str:key>/deliveries/<str:delivery>/replay", hooks.replay),
    path("webhooks/<str:key>/secret", hooks.secret),
    path("import-runs", import_runs.listed),
    path("import-runs/<str:run>", import_runs.one),
    path("roles/<str:key>/grants", access.grants),
    path("roles/<str:key>/fields", access.fields),
    path("users/<str:key>/roles", access.roles),
    path("users/<str:key>/invitation", access.invitation),
    path("<str:plural>", doors.collection),
    path("<str:plural>/aggregate", doors.aggregate),
    path("<str:plural>/bulk", doors.bulk),
    path("<str:plural>/bulk-runs", bulk_runs.collection),
    path("<str:plural>/bulk-runs/<str:run>", bulk_runs.one),
    path("<str:plural>/bulk-runs/<str:run>/left", bulk_runs.left),
    path("<str:plural>/bulk-runs/<str:run>/stop", bulk_runs.stop),
    path("<str:plural>/bulk-runs/<str:run>/go-on", bulk_runs.go_on),
    path("<str:plural>/bulk-runs/<str:run>/undo", bulk_runs.undo),
    path("<str:plural>/duplicates", doors.duplicates),
    path("<str:plural>/<str:key>", doors.item),
    path("<str:plural>/<str:key>/timeline", doors.timeline),
    path("<str:plural>/<str:key>/changes", doors.changes),
    path("<str:plural>/<str:key>/shares", doors.shares),
    path("<str:plural>/<str:key>/sources", doors.sources),
    path("<str:plural>/<str:key>/actions/<str:verb>", doors.action),
    re_path("", doors.nothing),
]
