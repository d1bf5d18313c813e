from django.urls import include, path

from bench import views

urlpatterns = [
    path("bench/hello/<str:key>", views.hello),
    path("bench/raw/<str:name>", views.raw),
    path("", include("rapport.config.urls")),
]
