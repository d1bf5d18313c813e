"""Users and teams, whose models lie in the ground below the engine, and the lists that people keep."""

from django.utils.translation import gettext_lazy as _

from rapport.platform.identity.models import TEAM_KINDS, Role, Team, Territory, User
from rapport.records import Card, Entity, Panel, Section, kinds, register
from rapport.records.objects import ObjectKind
from rapport.records.territories.rules import RuleKind
from rapport.shell.models import SavedView
from rapport.shell.zones import ZoneKind

GIVES = (("nobody", _("Nobody")), ("turn", _("Its people in turn")), ("person", _("One person")))
EVERYBODY = {"manager": "view:all", "sales": "view:all", "service": "view:all", "readonly": "view:all"}

TEAMS = {"field": "kind", "op": "eq", "value": "team"}  # a queue is no place for people or teams


@register
class UserEntity(Entity):
    model = User
    key, plural = "user", "users"
    label, label_plural, icon = _("User"), _("Users"), "user"
    teaches = _("Everybody who signs in, and who comes by name only.")
    column_kinds = {
        "name": kinds.TextKind(200, folded=True),
        "email": kinds.EmailKind(),
        "is_active": kinds.YesNoKind(),
        "team": kinds.RelationKind("team"),
        "time_zone": ZoneKind(),
    }
    columns = ("name", "email", "team", "is_active")
    form = ("name", "email", "team")
    card = Card(sections=(Section(_("User"), columns),))
    panels = (Panel("team", "team", _("People"), "users", ("email",), sort="name", limit=20),)
    jobs_on_change = {"team": "records.follow_owner"}
    offers = {"team": TEAMS}
    sorts = ("created_at",)
    default_sort = "name"
    required = ("name",)
    match_on = ("external_id", "email", "name")
    configuration = True
    tells_itself = False
    grants = EVERYBODY


@register
class TeamEntity(Entity):
    model = Team
    key, plural = "team", "teams"
    label, label_plural, icon = _("Team"), _("Teams"), "users"
    teaches = _("Who works with whom, and who leads: roles reach as far as the tree of teams.")
    column_kinds = {
        "name": kinds.TextKind(200, folded=True),
        "parent": kinds.RelationKind("team"),
        "leader": kinds.RelationKind("user"),
        "kind": kinds.ChoiceKind(TEAM_KINDS),
        "is_closed": kinds.YesNoKind(),
    }
    columns = ("name", "kind", "parent", "leader")
    form = ("name", "parent", "leader")
    card = Card(
        sections=(
            Section(_("Team"), ("name", "parent", "leader"), {"kind": "team"}),
            Section(_("Queue"), ("name", "is_closed"), {"kind": "queue"}),
        )
    )
    offers = {"parent": TEAMS}
    read_only = ("is_closed",)
    jobs_on_change = {"parent": "records.follow_team"}
    sorts = ("created_at",)
    default_sort = "name"
    required = ("name",)
    match_on = ("external_id", "name")
    configuration = True
    tells_itself = False
    grants = EVERYBODY


@register
class TerritoryEntity(Entity):
    """Who works it is no field: see :mod:`records.territories.staffing`."""

    model = Territory
    key, plural = "territory", "territories"
    label, label_plural, icon = _("Territory"), _("Territories"), "map-pinned"
    teaches = _("Parts of the market and who works them: rules say which organisations and people lie where.")
    column_kinds = {
        "name": kinds.TextKind(200, folded=True),
        "parent": kinds.RelationKind("territory"),
        "description": kinds.LongTextKind(),
        "rule": RuleKind(),
        "position": kinds.NumberKind(low=0, high=10_000),
        "gives": kinds.ChoiceKind(GIVES),
        "person": kinds.RelationKind("user"),
    }
    columns = form = ("name", "parent", "description")
    card = Card(sections=(Section(_("Territory"), ("name", "parent", "description", "gives", "person")),))
    jobs_on_create = {"name": "records.follow_territory"}
    jobs_on_change = {
        "rule": "records.follow_territory", "position": "records.follow_territory", "parent": "records.move_territory",
    }  # fmt: skip
    sorts = ("created_at",)
    default_sort = "name"
    required = ("name",)
    match_on = ("external_id", "name")
    configuration = True
    tells_itself = False
    grants = EVERYBODY


@register
class RoleEntity(Entity):
    """Who may change roles decides what everybody may: no seeded role but the administrator's has it."""

    model = Role
    key, plural = "role", "roles"
    label, label_plural, icon = _("Permission role"), _("Permission roles"), "shield"
    teaches = _("What people may do, and how far: each person has one role or several.")
    column_kinds = {
        "key": kinds.TextKind(80),
        "name": kinds.TextKind(80),
        "description": kinds.LongTextKind(),
    }
    columns = ("name", "description")
    form = ("name", "description")
    card = Card(sections=(Section(_("Permission role"), ("name", "description", "key")),))
    sorts = ("created_at",)
    default_sort = "name"
    read_only = ("key",)
    required = ("name",)
    match_on = ("external_id", "name")
    configuration = True
    tells_itself = False


@register
class SavedViewEntity(Entity):
    model = SavedView
    key, plural = "saved_view", "saved-views"
    label, label_plural, icon = _("Saved view"), _("Saved views"), "bookmark"
    teaches = _("Lists under a name, one's own or everybody's.")
    column_kinds = {"entity": ObjectKind()}
    columns = ("name", "entity", "owner", "updated_at")
    form = ("name", "entity")
    card = Card(sections=(Section(_("Saved view"), ("name", "entity", "owner")),))
    sorts = ("created_at",)
    default_sort = "name"
    required = ("name", "entity")
    configuration = True
    personal = True
    tells_itself = False
    # "own": one's own; "all": also those that everybody shares.
    grants = {
        "manager": "view:all add:all change:all delete:all",
        "sales": "view:all add:own change:own delete:own",
        "service": "view:all add:own change:own delete:own",
        "readonly": "view:all",
    }
