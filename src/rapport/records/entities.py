from django.utils.translation import gettext_lazy as _

from rapport.records import Card, Entity, Section, register
from rapport.records.models import Tag, Webhook


@register
class TagEntity(Entity):
    model = Tag
    key, plural = "tag", "tags"
    label, label_plural, icon = _("Tag"), _("Tags"), "tag"
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
