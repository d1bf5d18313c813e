"""Places the design system among Django's apps, so that its templates and static files are found."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Rapport's look."""

    name = "rapport.ui"
    label = "ui"
