from django.urls import path

from rapport.automation.api import description, doors
from rapport.records.api.openapi.document import describe

describe(description.described)

urlpatterns = [
    path("automations/<str:key>/runs", doors.runs),
    path("automations/<str:key>/runs/<str:run>", doors.one),
    path("automations/<str:key>/runs/<str:run>/<str:deed>", doors.deed),
    path("automations/<str:key>/secret", doors.secret),
    path("automations/<str:key>/try", doors.try_out),
]
