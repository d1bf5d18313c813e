from typing import Any, ClassVar

from django.db import models

from rapport.platform.keys import KeyField


class ListLayout(models.Model):
    """The columns a user has chosen for a list, as its address writes them."""

    id = models.BigAutoField(primary_key=True)
    user = KeyField()
    place = models.TextField()
    columns = models.TextField()

    class Meta:
        db_table = "list_layout"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["user", "place"], name="list_layout_once"),
        ]
