"""A question to a list, kept: a tree of the filter language."""

from typing import Any, ClassVar

import orjson
from django.utils.translation import gettext as _

from rapport.records.errors import Bad
from rapport.records.kinds.base import Place, blank
from rapport.records.kinds.texts import LongTextKind


class FilterKind(LongTextKind):
    """A filter tree, stored as JSON. The model looks at what it asks about, as it knows whose fields those are."""

    name = "filter"
    ops: ClassVar[tuple[str, ...]] = ("is_empty",)

    def parse(self, value: Any, place: Place) -> str | None:
        if blank(value) or value == {}:
            return None
        try:
            tree = orjson.loads(value) if isinstance(value, str) else value
        except orjson.JSONDecodeError as error:
            raise Bad(_("A filter is JSON: {“field”, “op”, “value”}, or {“and”: […]}."), "filter") from error
        if not isinstance(tree, dict):
            raise Bad(_("A filter is an object: {“field”, “op”, “value”}, or {“and”: […]}."), "filter")
        return orjson.dumps(tree).decode() if tree else None

    def json_sql(self, column: str, place: Place) -> str:
        return f"json({column})" if place.sqlite else f"{column}::json"

    def wire(self, value: Any, place: Place) -> Any:
        return orjson.loads(value) if value else None

    def text(self, value: Any, place: Place) -> str:
        return value or ""
