from django.apps import AppConfig

from rapport.platform.jobs import discover


class PlatformConfig(AppConfig):
    name = "rapport.platform"
    label = "platform"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        discover()
