"""Many instances of a model made quickly; what they hold is what Django would hold."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models.base import ModelState

from rapport.platform.keys import new_key

_LATER = ("id", "created_at", "updated_at")  # given by the write itself


class Blanks:
    """New instances of a model with its defaults, without the cost of ``Model.__init__``."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self.fixed: dict[str, Any] = {}
        self.fresh: list[tuple[str, Callable[[], Any]]] = []
        for column in model._meta.concrete_fields:
            if column.attname in _LATER:
                continue
            if callable(column.default) and column.default is not models.NOT_PROVIDED:
                self.fresh.append((column.attname, column.get_default))
            else:
                self.fixed[column.attname] = column.get_default()

    def make(self, values: dict[str, Any]) -> Any:
        """An instance holding ``values`` (by attribute name) over the defaults."""
        record = self.model.__new__(self.model)
        held = record.__dict__
        held["_state"] = ModelState()
        held["id"] = new_key()
        held.update(self.fixed)
        for name, default in self.fresh:
            if name not in values:
                held[name] = default()
        held.update(values)
        own = [name for name in values if name.startswith("custom.")]
        if own:
            held["custom"] = {name.removeprefix("custom."): held.pop(name) for name in own}
        return record
