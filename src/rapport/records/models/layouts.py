"""How an organisation has an object laid out."""

from typing import Any, ClassVar

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.platform.identity import snapshot
from rapport.records import fields, kinds
from rapport.records.entity import Entity, registry
from rapport.records.errors import Bad, Refused
from rapport.records.kinds import schemas
from rapport.records.layouts import plan
from rapport.records.models.record import Record, external_once


class PlanKind(kinds.FilterKind):
    """A layout as JSON; the record that holds it looks at what it names."""

    def parse(self, value: Any, place: kinds.Place) -> str | None:
        """The plan as it is kept; raises Bad with what is wrong."""
        if value in (None, "", {}):
            return None
        try:
            tree = orjson.loads(value) if isinstance(value, str) else value
        except orjson.JSONDecodeError as error:
            raise Bad(_("This is no JSON."), "type") from error
        if not isinstance(tree, dict):
            raise Bad(_("This is an object in braces."), "type")
        return orjson.dumps(plan.written(plan.read(tree))).decode()


@schemas.taken.register
def _taken(kind: PlanKind) -> schemas.Schema:
    return {"type": "object", "description": "What is laid out otherwise than declared, as “docs/layouts.md” has it."}


class PlanField(fields.Text):
    """A layout."""

    def make_kind(self, longest: int) -> kinds.Kind:
        return PlanKind()


class ObjectLayout(Record):
    """How the cards, forms and lists of ``entity`` are laid out, for everybody or for whoever has ``role``.

    ``plan`` is JSON (see ``layouts.plan``). The name is made of both unless one is given. Of several for the same the
    newest holds.
    """

    name = fields.Text(gettext_lazy("name"), longest=200, null=False, default="")
    entity = fields.Text(gettext_lazy("object"), longest=60, null=False, default="")
    role = fields.Text(gettext_lazy("permission role"), longest=80)
    plan = PlanField(gettext_lazy("layout"))
    tags = None  # no tags on set-up

    class Meta:
        db_table = "object_layout"
        constraints: ClassVar[list[Any]] = external_once("object_layout")

    def settle(self, before: dict[str, Any] | None) -> None:
        """It belongs to the object and role it was made for, and newly names only what there is."""
        for name in ("entity", "role"):
            if before is not None and before[name] != getattr(self, name):
                raise Refused(_("This stays as it was made; make another layout instead."), field=name)
        if self.entity not in registry:
            return  # its object is gone for now; the layout waits
        entity = registry.get(self.entity)
        if not entity.takes_fields:
            raise Refused(_("Set-up is laid out the same for all."), field="entity")
        if self.role and before is None and self.role not in snapshot.held().grants:
            raise Refused(_("There is no permission role of this key."), field="role")
        self.name = self.name or (f"{entity.label_plural} ({self.role})" if self.role else str(entity.label_plural))
        self._settle_names(entity, before)

    def _settle_names(self, entity: Entity, before: dict[str, Any] | None) -> None:
        old = _names(before["plan"]) if before else set()
        for name in sorted(_names(self.plan) - old):
            if name not in entity.every:
                words = {"entity": entity.plural, "name": name}
                raise Refused(_("%(entity)s have no field “%(name)s”.") % words, field="plan")


def _names(text: str | None) -> set[str]:
    return set(plan.read(orjson.loads(text)).names) if text else set()
