from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.platform.keys import parse_key
from rapport.records.errors import Bad
from rapport.records.kinds.base import Kind, Place, Sql, blank


class RelationKind(Kind):
    """A reference to a record of entity ``to``: written as id, ``{"external_id": …}`` or its title where unique.

    Finding a title or external id asks the database; the write path and the importer do it, in one place.
    """

    name = "relation"
    slot = "key"
    ops = ("eq", "ne", "in", "not_in", "is_empty")

    def __init__(self, to: str) -> None:
        self.to = to

    def parse(self, value: Any, place: Place) -> Any:
        if blank(value):
            return None
        key = parse_key(value)
        return key if key is not None else value

    def operand(self, value: Any, place: Place) -> Any:
        if value == "me":
            value = place.me
        if blank(value):
            return None
        key = parse_key(value)
        if key is None:
            raise Bad(_("“%(value)s” is not an id.") % {"value": str(value)[:60]})
        return bytes.fromhex(key) if place.sqlite else key

    def where(self, column: str, op: str, value: Any, place: Place) -> Sql:
        if value == "my_team" and op in ("eq", "in"):
            return self._among(column, "in", list(place.my_team), place)
        sql, places = super().where(column, op, value, place)
        if not place.sqlite:
            sql = sql.replace("%s", "%s::uuid")
        return sql, places

    def json_sql(self, column: str, place: Place) -> str:
        return f"nullif(lower(hex({column})), '')" if place.sqlite else f"replace({column}::text, '-', '')"


class AboutKind(Kind):
    """The one polymorphic reference: entity and id; on the wire ``{"entity": "deal", "id": …}``."""

    name = "about"
    ops = ("eq", "is_empty")

    def parse(self, value: Any, place: Place) -> Any:
        if blank(value) or value == {}:
            return None
        if isinstance(value, str) and ":" in value:
            entity, key = value.split(":", 1)
            value = {"entity": entity, "id": key}
        if not isinstance(value, dict) or set(value) - {"entity", "id", "title"}:
            raise Bad(_("Give an entity and an id."), "type")
        key_ = parse_key(value.get("id"))
        if key_ is None or not value.get("entity"):
            raise Bad(_("Give an entity and an id."), "type")
        return {"entity": value["entity"], "id": key_}
