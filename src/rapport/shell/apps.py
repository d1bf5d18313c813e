from django.apps import AppConfig

from rapport.records import registry
from rapport.ui import naming


class ShellConfig(AppConfig):
    name = "rapport.shell"
    label = "shell"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Templates call objects what the registry does."""
        naming.by(_called)


def _called(key: str, many: bool) -> str:
    found, _dot, view = key.partition(".")
    entity = registry.get(found)
    if view:
        return str(entity.lists[view].label if many else entity.lists[view].one)
    return str(entity.label_plural if many else entity.label)
