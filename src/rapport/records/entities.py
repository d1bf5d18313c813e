from django.utils.translation import gettext_lazy as _

from rapport.records import Card, Entity, Section, register
from rapport.records.models import CustomField, CustomObject, ObjectLayout, Tag, Webhook, Wording
from rapport.records.objects import ObjectKind
from rapport.records.rollups import HOWS
from rapport.records.rollups.declaring import PathKind


@register
class TagEntity(Entity):
    model = Tag
    key, plural = "tag", "tags"
    label, label_plural, icon = _("Tag"), _("Tags"), "tag"
    teaches = _("Words on records, by which they are found again.")
    columns = ("name", "hue", "owner")
    sorts = ("created_at",)
    default_sort = "name"
    required = ("name",)
    match_on = ("external_id", "name")
    jobs_on_change = {"name": "records.follow_tag", "binned_at": "records.follow_tag"}
    configuration = True
    personal = True
    tells_itself = False
    # "own": personal tags; "all": also those that everybody shares.
    grants = {
        "manager": "view:all add:all change:all delete:all",
        "sales": "view:all add:own change:own delete:own",
        "service": "view:all add:own change:own delete:own",
        "readonly": "view:all",
    }


@register
class CustomFieldEntity(Entity):
    model = CustomField
    key, plural = "custom_field", "custom-fields"
    label, label_plural, icon = _("Custom field"), _("Custom fields"), "list-plus"
    teaches = _("Fields of your own on any kind of record: in its forms, lists, filters, files and the API at once.")
    column_kinds = {"entity": ObjectKind(own=True), "target": ObjectKind(), "rollup_of": PathKind()}
    columns = ("name", "entity", "kind", "section", "required", "key")
    filters = ("entity", "kind")
    form = (
        "entity", "name", "kind", "options", "target", "places", "currency", "unit", "low", "high", "formula",
        "rollup", "rollup_of", "rollup_field", "rollup_if", "rollup_values",
        "required", "shown_if", "shown_values", "searched", "section", "help", "position",
    )  # fmt: skip
    card = Card(
        header=("entity", "kind"),
        sections=(
            Section(_("Custom field"), ("name", "entity", "kind", "key")),
            Section(_("Options"), ("options",), only={"kind": ("choice", "multi_choice")}),
            Section(_("Link"), ("target",), only={"kind": "relation"}),
            Section(_("Number"), ("places", "unit", "low", "high"), only={"kind": ("number", "decimal")}),
            Section(_("Amount"), ("currency",), only={"kind": "amount"}),
            Section(_("Formula"), ("formula",), only={"kind": ("number", "decimal", "amount", "date", "yes_no")}),
            Section(_("Roll-up"), ("rollup",), only={"kind": ("number", "decimal", "amount", "date", "moment")}),
            Section(_("Roll-up"), ("rollup_of",), only={"rollup": HOWS}),
            Section(_("Roll-up"), ("rollup_field",), only={"rollup": HOWS[1:]}),
            Section(_("Roll-up"), ("rollup_if", "rollup_values"), only={"rollup": HOWS}),
            Section(_("Use"), ("required", "shown_if", "shown_values", "searched", "section", "help", "position")),
        ),
    )
    sorts = ("created_at",)
    default_sort = "name"
    required = ("name", "entity")
    match_on = ("external_id", "name")
    jobs_on_change = {
        "searched": "records.follow_field", "binned_at": "records.follow_field", "formula": "records.follow_formula",
        **dict.fromkeys(
            ("rollup", "rollup_of", "rollup_field", "rollup_if", "rollup_values"), "records.follow_rollup"
        ),
    }  # fmt: skip
    jobs_on_create = {"formula": "records.follow_formula", "rollup": "records.follow_rollup"}
    kept = True
    configuration = True
    tells_itself = False
    grants = {"manager": "view:all", "sales": "view:all", "service": "view:all", "readonly": "view:all"}


@register
class CustomObjectEntity(Entity):
    model = CustomObject
    key, plural = "custom_object", "custom-objects"
    label, label_plural, icon = _("Custom object"), _("Custom objects"), "shapes"
    teaches = _(
        "Objects of your own, such as machines or courses: with lists, cards, rights, files and the API at once."
    )
    columns = ("name", "plural_name", "section", "plural", "key")
    form = ("name", "plural_name", "title_name", "icon", "section", "teaches")
    card = Card(
        sections=(
            Section(_("Custom object"), ("name", "plural_name", "title_name", "teaches")),
            Section(_("Place"), ("icon", "section", "plural", "key")),
            Section(_("Board and calendar"), ("board_by", "board_total", "calendar_by")),
        )
    )
    sorts = ("created_at",)
    default_sort = "name"
    required = ("name",)
    match_on = ("external_id", "name")
    kept = True
    configuration = True
    tells_itself = False
    grants = {"manager": "view:all", "sales": "view:all", "service": "view:all", "readonly": "view:all"}


@register
class WebhookEntity(Entity):
    model = Webhook
    key, plural = "webhook", "webhooks"
    label, label_plural, icon = _("Webhook"), _("Webhooks"), "webhook"
    teaches = _("A webhook tells a program outside what happens here, as it happens.")
    columns = ("name", "url", "events", "is_active", "owner")
    form = ("name", "url", "events")
    card = Card(sections=(Section(_("Webhook"), (*form, "filter", "is_active", "owner")),))
    sorts = ("created_at",)
    default_sort = "name"
    required = ("name", "url")
    read_only = ("owner",)
    configuration = True
    tells_itself = False


@register
class WordingEntity(Entity):
    model = Wording
    key, plural = "wording", "wordings"
    label, label_plural, icon = _("Word of our own"), _("Names and words"), "type"
    teaches = _("What you call objects, fields and choices, in place of the words they come with.")
    column_kinds = {"entity": ObjectKind(parts=True)}
    columns = ("name", "entity", "part", "language", "updated_at")
    filters = ("entity",)
    form = ("entity", "part", "name", "language")
    card = Card(sections=(Section(_("Word of our own"), ("name", "entity", "part", "language")),))
    sorts = ("created_at",)
    default_sort = "name"
    required = ("name", "entity", "part")
    configuration = True
    tells_itself = False
    grants = {"manager": "view:all", "sales": "view:all", "service": "view:all", "readonly": "view:all"}


@register
class ObjectLayoutEntity(Entity):
    model = ObjectLayout
    key, plural = "object_layout", "object-layouts"
    label, label_plural, icon = _("Layout"), _("Layouts"), "panel-left"
    teaches = _("Which fields stand where on cards, what new records are asked for, for everybody or for a role.")
    column_kinds = {"entity": ObjectKind(own=True, parts=True)}
    columns = ("name", "entity", "role", "updated_at")
    filters = ("entity",)
    form = ("entity", "role", "plan", "name")
    card = Card(sections=(Section(_("Layout"), ("name", "entity", "role", "plan")),))
    sorts = ("created_at",)
    default_sort = "name"
    required = ("entity",)
    configuration = True
    tells_itself = False
    grants = {"manager": "view:all", "sales": "view:all", "service": "view:all", "readonly": "view:all"}
