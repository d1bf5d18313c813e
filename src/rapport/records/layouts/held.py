"""The layouts as every worker holds them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from rapport.platform import db
from rapport.platform.actor import current_or_none
from rapport.platform.identity import snapshot
from rapport.records.layouts.plan import EMPTY, Plan, read


@dataclass(frozen=True, slots=True)
class Layouts:
    """By entity: the plan of everybody, and by role that of who has it."""

    everybody: Mapping[str, Plan] = field(default_factory=dict)
    roles: Mapping[str, Mapping[str, Plan]] = field(default_factory=dict)

    def of(self, entity: str, roles: tuple[str, ...]) -> Plan:
        """The plan for somebody with these roles: that of the first of them by name that has one."""
        by_role = self.roles.get(entity)
        for role in sorted(roles) if by_role else ():
            if by_role and role in by_role:
                return by_role[role]
        return self.everybody.get(entity, EMPTY)


def plan_of(entity: str) -> Plan:
    """The plan by which the actor at work sees an entity."""
    layouts: Layouts = snapshot.held().parts["layouts"]
    actor = current_or_none()
    return layouts.of(entity, actor.roles if actor else ())


@snapshot.part("layouts")
def _load() -> Layouts:
    stored: dict[str, dict[str, Plan]] = {}
    sql = "SELECT entity, role, plan FROM object_layout WHERE binned_at IS NULL ORDER BY id"
    for entity, role, plan in db.rows(sql):
        stored.setdefault(entity, {})[role or ""] = read(orjson.loads(plan)) if plan else EMPTY
    everybody = {entity: plans[""] for entity, plans in stored.items() if "" in plans}
    roles = {
        entity: {role: plan.over(plans.get("", EMPTY)) for role, plan in plans.items() if role}
        for entity, plans in stored.items()
    }
    return Layouts(everybody, roles)
