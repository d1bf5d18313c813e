from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from rapport.records.entity import registry


class RecordsConfig(AppConfig):
    name = "rapport.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        autodiscover_modules("entities", "own", "field_rights")
        registry.freeze()
