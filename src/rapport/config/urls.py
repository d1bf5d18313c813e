from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

from rapport.config.metrics import metrics
from rapport.config.readiness import states
from rapport.records.assistants.door import door


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """Database, migrations, jobs and disk, truthfully: 503 with the reasons when one is not well."""
    found = states()
    problems = [reason for reason in found.values() if reason]
    checks = {name: reason or "ok" for name, reason in found.items()}
    return JsonResponse(
        {"ready": not problems, "problems": problems, "checks": checks}, status=503 if problems else 200
    )


urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/v1/", include("rapport.automation.api.urls")),
    path("api/v1/", include("rapport.records.api.urls")),
    path("mcp", door),
    path("", include("rapport.shell.urls")),
]
handler400 = "rapport.shell.views.errors.bad_request"
handler404 = "rapport.shell.views.errors.not_found"
handler500 = "rapport.shell.views.errors.server_error"
