"""Every screen worth a picture, and the way there: what tools.shots photographs and the tests look at with axe."""

from tools.screens.access import (
    all_roles,
    everybody,
    fields_of_a_role,
    himself_again,
    joining,
    new_role,
    new_territory,
    one_role,
    one_territory,
    somebody,
    somebody_new,
    territories,
    viewed_as,
    who_may,
)
from tools.screens.account import (
    demanded,
    guarded,
    new_token,
    own_security,
    passkey,
    profile,
    second_factor,
    sign_ins,
    tokens,
)
from tools.screens.auditing import audit, audit_deed, audit_narrowed, audit_reading, field_history, record_history
from tools.screens.automating import automation_card, automation_editor, automation_log, automation_new
from tools.screens.calendars import closing, day, misspelt, misspelt_list, month, week
from tools.screens.cards import (
    card,
    colleague,
    deal,
    editing,
    in_the_bin,
    interaction,
    org_chart,
    person,
    related,
    relation_map,
    share,
    stage,
    tagging,
    unfolded,
)
from tools.screens.duplicates import already_here, duplicates, pairs_found, side_by_side
from tools.screens.forms import edit_all, new_deal, new_organisation
from tools.screens.frame import create, gallery, keys, palette, search
from tools.screens.importing import import_checked, import_columns, import_done, import_new, import_taken_back, imports
from tools.screens.lists import binned, columns, filtering, grouped, one_value, peek, selected
from tools.screens.maps import choosing_further, country_map, deals_map, further_columns, world_map
from tools.screens.opening import board, deals, interactions, lost, organisations, people
from tools.screens.queueing import all_queues, new_queue, one_queue, put_in_queue, waiting, waits_in
from tools.screens.setting_up import (
    fields,
    layout,
    layout_form,
    layout_list,
    layouts,
    machine,
    machine_board,
    machines,
    names,
    new_field,
    pipelines,
    set_up,
    webhook,
    words,
)
from tools.screens.signing_in import new_provider, one_provider, providers
from tools.screens.work import approvals, deciding, my_day, notifications, planning, put_off, quick_add, task

SCREENS = (
    my_day, quick_add, put_off, task, notifications, planning, organisations, people, interactions, filtering,
    columns, selected, one_value, grouped, binned, peek, card, person, related, org_chart, relation_map, board,
    deals, deal, new_organisation, new_deal, create, palette, search, keys, editing, gallery, stage, colleague,
    interaction, edit_all, in_the_bin, share, tagging, import_new, import_columns, import_checked, import_done,
    import_taken_back, imports, lost, unfolded, profile, own_security, second_factor, passkey, tokens,
    new_token, sign_ins, guarded, demanded, providers, new_provider, one_provider, month, closing, week, day,
    misspelt, misspelt_list, set_up, pipelines, webhook, new_field, fields, machines, machine, machine_board,
    words, names, layouts, layout, layout_form, layout_list, everybody, somebody_new, somebody, all_roles,
    new_role, one_role, fields_of_a_role, who_may, territories, new_territory, one_territory, joining,
    viewed_as, himself_again, new_queue, all_queues, one_queue, waiting, waits_in, put_in_queue, audit,
    audit_narrowed, audit_deed, audit_reading, field_history, record_history, automation_new, automation_editor,
    automation_card, automation_log, duplicates, pairs_found, side_by_side, already_here, world_map, deals_map,
    country_map, further_columns, choosing_further, deciding, approvals,
)  # fmt: skip
