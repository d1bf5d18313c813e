from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, register_converter

from rapport.records import registry
from rapport.records.api import asked
from rapport.records.errors import NotFound
from rapport.shell.lists import saved
from rapport.shell.views import (
    account,
    audit,
    automation_runs,
    automations,
    board,
    bulk_runs,
    calendar,
    cards,
    commanding,
    duplicates,
    editing,
    facts,
    finding,
    gallery,
    here,
    imports,
    imports_columns,
    joining,
    layouts,
    list_deeds,
    list_filters,
    list_layouts,
    list_views,
    lists,
    merging,
    my_account,
    my_day,
    my_security,
    my_tokens,
    names,
    notifications,
    people,
    provider,
    queueing,
    queues,
    relations,
    role_fields,
    roles,
    second_step,
    security,
    security_providers,
    set_up,
    sharing,
    talks,
    tasks,
    territories,
    viewing,
    webhooks,
)


def home(request: HttpRequest) -> HttpResponse:
    """Where the day starts."""
    return HttpResponseRedirect("/my-day")


class Plural:
    """An entity by its name in addresses; what is none is left to other addresses."""

    regex = "[a-z0-9-]+"

    def to_python(self, value: str) -> str:
        """The name, or ValueError."""
        try:
            return registry.at(value).plural
        except NotFound as error:
            raise ValueError(value) from error

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(Plural, "plural")

OWN = [
    path("", home),
    path("welcome", account.welcome),
    path("sign-in", account.sign_in),
    path("sign-in/code", second_step.code),
    path("sign-in/set-up", second_step.set_up),
    path("sign-in/passkey", second_step.passkey),
    path("sign-in/passkey/options", second_step.passkey_asked),
    path("sign-in/provider", provider.leave),
    path("sign-in/provider/back", provider.back),
    path("sign-in/provider/<str:key>", provider.leave),
    path("sign-in/provider/<str:key>/back", provider.back),
    path("sign-in/provider/<str:key>/acs", provider.consume),
    path("sign-in/provider/<str:key>/metadata", provider.metadata),
    path("sign-out", account.sign_out),
    path("set-up", set_up.listed),
    path("set-up/names", names.objects),
    path("set-up/names/<str:key>", names.edited),
    path("set-up/layouts", layouts.objects),
    path("set-up/layouts/<str:key>", layouts.edited),
    path("set-up/layouts/<str:key>/draft", layouts.drawn),
    path("theme", account.theme),
    path("search", finding.search),
    path("my-day", my_day.shown),
    path("my-day/understood", my_day.understood),
    path("notifications", notifications.listed),
    path("notifications/read", notifications.read),
    path("lookup/mentions", talks.mentionable),
    path("lookup/about", finding.lookup_about),
    path("lookup/grantees", sharing.grantees),
    path("lookup/<plural:plural>", finding.lookup),
    path("commands", commanding.listed),
    path("commands/<plural:plural>/<str:key>", commanding.of_record),
    path("gallery", gallery.shown),
    path("undo/<str:operation>", finding.undo),
]
ACCOUNT = [
    path("account", my_account.profile),
    path("account/profile", my_account.keep_profile),
    path("account/password", my_account.change_password),
    path("account/confirm", my_account.confirm),
    path("account/security", my_security.overview),
    path("account/sessions/<int:number>/end", my_security.end_session),
    path("account/sessions/end-others", my_security.end_others),
    path("account/second-factor", my_security.second_factor),
    path("account/second-factor/off", my_security.second_factor_off),
    path("account/recovery-codes", my_security.recovery_codes),
    path("account/passkeys/new", my_security.add_passkey),
    path("account/passkeys/options", my_security.passkey_asked),
    path("account/passkeys/<int:number>/remove", my_security.remove_passkey),
    path("account/tokens", my_tokens.listed),
    path("account/tokens/new", my_tokens.new),
    path("account/tokens/<int:number>/revoke", my_tokens.revoke),
    path("security", security.events),
    path("security/people", security.users),
    path("security/roles", security.roles),
    path("security/people/<str:key>/reset", security.reset),
    path("security/people/<str:key>/end-sessions", security.end_sessions),
    path("security/roles/<str:role>", security.demand),
    path("security/providers", security_providers.listed),
    path("security/providers/new", security_providers.new),
    path("security/providers/<str:key>", security_providers.provider),
    path("security/providers/<str:key>/remove", security_providers.remove),
]
ACCESS = [
    path("join/<str:secret>", joining.join),
    path("view-as/stop", viewing.stop),
    path("access", people.listed),
    path("access/people", people.listed),
    path("access/people/new", people.new),
    path("access/people/<str:key>", people.person),
    path("access/people/<str:key>/roles", people.appoint),
    path("access/people/<str:key>/invite", people.invite),
    path("access/people/<str:key>/switch", people.switch),
    path("access/people/<str:key>/hand-over", people.hand_over),
    path("access/people/<str:key>/view-as", viewing.begin),
    path("access/roles", roles.listed),
    path("access/roles/new", roles.new),
    path("access/roles/<str:key>", roles.role),
    path("access/roles/<str:key>/name", roles.named),
    path("access/roles/<str:key>/grants", roles.grant),
    path("access/roles/<str:key>/remove", roles.remove),
    path("access/roles/<str:key>/fields/<str:of>", role_fields.fields),
    path("access/roles/<str:key>/fields/<str:of>/limit", role_fields.limit),
    path("access/queues", queues.listed),
    path("access/queues/new", queues.new),
    path("access/queues/<str:key>", queues.queue),
    path("access/queues/<str:key>/name", queues.named),
    path("access/queues/<str:key>/join", queues.join),
    path("access/queues/<str:key>/leave", queues.leave),
    path("access/queues/<str:key>/switch", queues.switch),
    path("access/territories", territories.listed),
    path("access/territories/new", territories.new),
    path("access/territories/sort", territories.sort),
    path("access/territories/<str:key>", territories.territory),
    path("access/territories/<str:key>/about", territories.about),
    path("access/territories/<str:key>/rule", territories.ruled),
    path("access/territories/<str:key>/try", territories.tried),
    path("access/territories/<str:key>/people", territories.staffed),
    path("access/territories/<str:key>/move", territories.moved),
    path("access/territories/<str:key>/remove", territories.remove),
    path("access/compare", roles.compare),
]
IMPORTS = [
    path("imports", imports.listed),
    path("imports/new", imports.new),
    path("imports/<str:key>", imports.run),
    path("imports/<str:key>/columns", imports_columns.columns),
    path("imports/<str:key>/start", imports.start),
    path("imports/<str:key>/cancel", imports.cancel),
    path("imports/<str:key>/go-on", imports.go_on),
    path("imports/<str:key>/undo", imports.undo),
    path("imports/<str:key>/discard", imports.discard),
    path("imports/<str:key>/errors", imports.errors),
]
AUDIT = [
    path("audit", audit.listed),
    path("audit/file", audit.taken),
    path("audit/reading", audit.reading),
    path("audit/deeds/<str:key>", audit.deed),
]
BULK = [
    path("bulk/<str:key>", bulk_runs.shown),
    path("bulk/<str:key>/cancel", bulk_runs.cancel),
    path("bulk/<str:key>/go-on", bulk_runs.go_on),
    path("bulk/<str:key>/undo", bulk_runs.undo),
    path("bulk/<str:key>/left", bulk_runs.left),
]
AUTOMATIONS = [
    path("automations/new", automations.new),
    path("automations/plan", automations.planned),
    path("automations/plan/draft", automations.drafted),
    path("automations/plan/try", automations.tried),
    path("automations/<str:key>/plan", automations.planned),
    path("automations/<str:key>/switch", automations.switched),
    path("automations/<str:key>/runs", automation_runs.listed),
    path("automations/<str:key>/runs/<str:run>", automation_runs.one),
    path("automations/<str:key>/runs/<str:run>/<str:deed>", automation_runs.deed),
]
# One set of screens for every entity.
LISTS = [
    path("<plural:plural>", lists.listed),
    path("<plural:plural>/rows", lists.rows),
    path("<plural:plural>/sums", lists.sums),
    path("<plural:plural>/groups", lists.parted),
    path("<plural:plural>/filter", list_filters.edited),
    path("<plural:plural>/filter/box", list_filters.boxed),
    path("<plural:plural>/columns", list_layouts.columns),
    path("<plural:plural>/order", list_layouts.order),
    path("<plural:plural>/group", list_layouts.grouping),
    path("<plural:plural>/view", list_views.keep),
    path("<plural:plural>/bulk", list_deeds.bulk),
    path("<plural:plural>/export", list_deeds.export),
    path("<plural:plural>/columns/<str:step>", board.column),
    path("<plural:plural>/new", editing.new),
    path("<plural:plural>/alike", duplicates.alike),
    path("<plural:plural>/merge", merging.merge),
    path("<plural:plural>/duplicates", duplicates.queue),
    path("<plural:plural>/duplicates/of/<str:key>", duplicates.of_record),
    path("<plural:plural>/duplicates/find", duplicates.find),
    path("<plural:plural>/duplicates/stop", duplicates.stop),
    path("<plural:plural>/duplicates/<str:pair>/dismiss", duplicates.dismiss),
]
RECORDS = [
    path("saved-views/<str:key>/pin", list_views.pin),
    path("saved-views/<str:key>/remove", list_views.remove),
    path("tasks/<str:key>/put-off", tasks.put_off),
    path("webhooks/<str:key>/deliveries", webhooks.deliveries),
    path("webhooks/<str:key>/deliveries/<str:delivery>/replay", webhooks.replay),
    path("parties/<str:key>/related", relations.beside),
    path("parties/<str:key>/org-chart", relations.org_chart),
    path("parties/<str:key>/map", relations.relation_map),
    path("parties/<str:key>/points", relations.add_point),
    path("<plural:plural>/<str:key>/primary", relations.make_primary),
    path("<plural:plural>/<str:key>/remove", relations.remove),
    path("<plural:plural>/<str:key>", cards.card),
    path("<plural:plural>/<str:key>/edit", editing.edit),
    path("<plural:plural>/<str:key>/automations", automation_runs.of_record),
    path("<plural:plural>/<str:key>/bin", cards.put_in_bin),
    path("<plural:plural>/<str:key>/restore", cards.restore),
    path("<plural:plural>/<str:key>/act/<str:verb>", commanding.act),
    path("<plural:plural>/<str:key>/move", board.move),
    path("<plural:plural>/<str:key>/day", calendar.move),
    path("<plural:plural>/<str:key>/share", sharing.share),
    path("<plural:plural>/<str:key>/take", queueing.take),
    path("<plural:plural>/<str:key>/queue", queueing.put),
    path("<plural:plural>/<str:key>/here", here.here),
    path("<plural:plural>/<str:key>/timeline", talks.timeline),
    path("<plural:plural>/<str:key>/changes", talks.changes),
    path("<plural:plural>/<str:key>/log", talks.log),
    path("<plural:plural>/<str:key>/field/<str:name>", facts.field),
    path("<plural:plural>/<str:key>/field/<str:name>/history", talks.past),
]

asked.know_views(saved.for_programs)
urlpatterns = [*OWN, *ACCOUNT, *ACCESS, *AUDIT, *IMPORTS, *AUTOMATIONS, *BULK, *LISTS, *RECORDS]
