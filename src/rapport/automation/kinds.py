"""The parts of a plan as a value: JSON whose meaning ``plan`` knows."""

from typing import Any

import orjson
from django.utils.translation import gettext as _

from rapport.records import fields, kinds
from rapport.records.errors import Bad
from rapport.records.kinds.base import blank
from rapport.records.kinds.schemas import Schema, given


class PlanKind(kinds.FilterKind):
    """A JSON object; the automation looks at what it says."""

    def parse(self, value: Any, place: kinds.Place) -> str | None:
        """The object as JSON text; None when there is none."""
        if blank(value) or value == {}:
            return None
        try:
            tree = orjson.loads(value) if isinstance(value, str) else value
        except orjson.JSONDecodeError as error:
            raise Bad(_("This is no JSON."), "type") from error
        if not isinstance(tree, dict):
            raise Bad(_("This is an object in braces."), "type")
        return orjson.dumps(tree).decode()


@given.register
def _schema(kind: PlanKind) -> Schema:
    return {"type": "object"}


class Plan(fields.Text):
    """A part of a plan."""

    def make_kind(self, longest: int) -> kinds.Kind:
        return PlanKind()
