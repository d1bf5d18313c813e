"""The list of any entity: the page, its rows alone, the figures beneath it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from rapport.platform.actor import current
from rapport.platform.identity import snapshot
from rapport.records import kinds, read, registry, scope, search_read
from rapport.records.api import asked
from rapport.records.duplicates import merging
from rapport.records.entity import Entity, Field
from rapport.records.errors import BadQuery
from rapport.records.related import Related, field_of
from rapport.records.related import shown as known_as
from rapport.shell.lists import addresses, cells, chips, figures, groups, layouts, saved, selection
from rapport.shell.lists.state import Shown, State, among, asked_for, state_of
from rapport.shell.lists.tabs import tabs
from rapport.shell.views import board, calendar, maps
from rapport.shell.views.frame import context, is_fragment, page, render

MOST_ROWS = 200
SCREEN, TITLE, FURTHER = 1190, (232, 460), 220


@page
@require_GET
def listed(request: HttpRequest, plural: str) -> HttpResponse:
    """A list as its address asks for it; ``part=rows`` the rows alone (while typing, while scrolling)."""
    entity = registry.at(plural)
    scope.level(entity, current())
    if today := addresses.renewed(request, entity):
        return HttpResponseRedirect(today)
    try:
        state = state_of(entity, request.GET)
    except BadQuery as problem:
        return _misread(request, entity, problem)
    if state.binned:
        return shown(request, state)
    if state.view.shape == "board":
        return board.shown(request, state)
    if state.view.shape == "calendar":
        return calendar.shown(request, state)
    if state.view.shape == "map":
        return maps.shown(request, state)
    return shown(request, state)


def _misread(request: HttpRequest, entity: Entity, problem: BadQuery) -> HttpResponse:
    """The filter of the address cannot be read: the list without it, and what to do."""
    given = request.GET.copy()
    given.pop("filter", None)
    return shown(request, state_of(entity, given), problem)


def shown(request: HttpRequest, state: State, problem: BadQuery | None = None, address: str = "") -> HttpResponse:
    """The list; ``address`` is shown where the request came from another one (a filter that was applied)."""
    found: read.Page | None = None
    heads: list[groups.Group] = []
    further = 0
    columns = layouts.chosen(state)
    shape = _shape(state, columns)
    if problem is None:
        try:
            if state.group and not state.after:
                heads, further = groups.groups(state, [each.name for each in columns])
            else:
                found = read.page(state.query(shape.fields))
        except BadQuery as refused:
            problem = refused
    if problem is not None and is_fragment(request):
        return _notice_alone(request, state, problem)
    rows = found.items() if found else []
    values: dict[str, Any] = {
        "rows": shape.rows(rows, state.entity.plural), "further": further, "parted": heads,
        "nothing": not (rows or heads or state.after) and problem is None,
        "next_url": state.url(after=found.next) if found and found.next else None, "span": len(columns) + 1,
        "state": state, "entity": state.entity, "view": state.view, "problem": problem,
    }  # fmt: skip
    block = None
    if is_fragment(request):
        block = "rows" if state.after or request.GET.get("part") == "rows" else "list"
    if block != "rows":
        values |= _frame(state, columns, shape) | ({"notice": _notice(state, problem)} if problem else {})
    elif values["nothing"]:
        values |= _empty(state)
    if values["nothing"]:
        values |= _meant(state)
    title = str(_title(state))
    values = context(request, title, topics=(state.entity.key,), **values)
    values["here"] = address or state.url()
    response = render(request, "shell/list.jinja", values, block=block, status=400 if problem else 200)
    if address and block == "list":
        response["HX-Push-Url"] = address
    return response


def _shape(state: State, columns: tuple[Shown, ...]) -> cells.Shape:
    names, language = tuple(each.name for each in columns), get_language() or "en"
    return cells.shape(state.entity.fields, names, language, snapshot.held().mark)


def _title(state: State) -> Any:
    """What the list is called: a list with a place in the navigation by its own name."""
    if state.binned:
        own = state.view.go or state.view.one
        return _("Bin: %(what)s") % {"what": state.view.label if own else state.entity.label_plural}
    if state.saved:
        return state.saved.name
    return state.view.label if state.view.go or state.view.one else state.entity.label_plural


def _frame(state: State, columns: tuple[Shown, ...], shape: cells.Shape) -> dict[str, Any]:
    """Everything around the rows."""
    entity, actor = state.entity, current()
    listed, more = tabs(state)
    return {
        "heading": _title(state), "views": listed, "more_views": more, "groups": chips.chips(state),
        "saved": state.saved, "is_pinned": saved.is_pinned(state.saved.id) if state.saved else False,
        "grouped": field_of(entity, state.group).heading if state.group else "",
        "heads": _heads(state, columns, shape), "keep": [(k, v) for k, v in state.parameters().items() if k != "q"],
        "exports": actor.may(entity.key, "export"), "imports": actor.may(entity.key, "add"),
        "deeds": selection.offered(state), "bin_url": _bin_url(state), "merges": merging.may_merge(entity, actor),
        **_empty(state),
    }  # fmt: skip


def _bin_url(state: State) -> str:
    """Where what was removed lies, for whom may take it out."""
    if state.binned or not (state.entity.is_record and current().may(state.entity.key, "delete")):
        return ""
    return f"/{state.entity.plural}?binned=1"


def one(state: State) -> str:
    """What one of them is called."""
    return str(state.view.one or state.entity.label).lower()


def new_url(state: State) -> str:
    """Where a new one is made, with what the view gives it."""
    given = "&".join(f"{name}={value}" for name, value in state.view.new.items())
    return f"/{state.entity.plural}/new" + (f"?{given}" if given else "")


def _meant(state: State) -> dict[str, Any]:
    """What may have been meant by words that nothing here has."""
    meant = search_read.near(state.q, entities=(state.entity.key,), limit=1).meant if state.q else ""
    instead = state.but(q=meant)
    return {"meant": meant, "meant_url": instead.url()} if meant and read.count(instead.query(), most=1) else {}


def _empty(state: State) -> dict[str, Any]:
    return {
        "one": one(state), "new_url": new_url(state), "teaches": state.entity.teaches,
        "creates": bool(state.entity.form) and current().may(state.entity.key, "add") and not state.binned,
        "heading": _title(state),
        "bare_url": state.but(tree=None, q="").url(),
    }  # fmt: skip


def _heads(state: State, columns: tuple[Shown, ...], shape: cells.Shape) -> list[dict[str, Any]]:
    """The heads of the columns, each with the addresses that sort by it."""
    entity, order = state.entity, state.order
    changes = current().may(entity.key, "change") and not state.binned
    plain = [name.removeprefix("-") for name in order]
    unsorted = state.but(sorts=()).url()
    by = unsorted + ("&sort=" if "?" in unsorted else "?sort=")
    found = []
    for column, look in zip(columns, shape.snippets, strict=True):
        name, known = column.name, field_of(entity, column.name)
        place = plain.index(name) if name in plain else None
        down = place is not None and order[place].startswith("-")
        head = {
            "name": name, "label": known.heading, "icon": look.icon or chips.icon(known),
            "width": column.width or _wide(known, look.width), "end": "end" in look.classes, "down": down,
            "place": place, "several": len(order) > 1,
            "edits": changes and not known.read_only and known.kind.name != "about",
        }  # fmt: skip
        if sortable(known):
            asked_for = name if place is None or down else f"-{name}"
            others = tuple(each for each in order if each.removeprefix("-") != name)
            head["url"] = by + asked_for
            head["add_url"] = by + ",".join((*others, asked_for))
        found.append(head)
    found[0] |= {
        "label": _first(state),
        "icon": (state.view.go and state.view.icon) or entity.icon,
        "width": columns[0].width or _room(found),
    }
    return found


def _wide(known: Field, usual: int) -> int:
    """The width of a column; that of a related record's field has a longer name to show."""
    return max(usual, min(FURTHER, 50 + 7 * len(known.heading))) if isinstance(known, Related) else usual


def _room(heads: list[dict[str, Any]]) -> int:
    """The width of the title: what the other columns leave of a usual screen, within reason."""
    return max(TITLE[0], min(TITLE[1], SCREEN - sum(head["width"] for head in heads[1:])))


def _first(state: State) -> str:
    text = one(state)
    return text[:1].upper() + text[1:]


def sortable(known: Any) -> bool:
    """True for kinds that have an order."""
    return not isinstance(known.kind, kinds.MultiChoiceKind | kinds.AboutKind | kinds.LongTextKind | kinds.TagsKind)


def _notice(state: State, problem: BadQuery) -> dict[str, Any]:
    """Calm words on what cannot be shown, and ways on."""
    sorts = problem.more.get("sorts")
    if sorts:
        known = (known_as(state.entity, name.removeprefix("-"), current()) for name in state.order)
        label = ", ".join(str(each.label) for each in known if each)
        text = _("More than 10,000 rows cannot be sorted by %(field)s. Filter them first, or sort by:")
        ways = [{"label": state.entity.fields[name].heading, "url": state.but(sorts=(name,)).url()} for name in sorts]
        return {"text": text % {"field": label or _("this")}, "ways": ways}
    ways = [{"label": _("Show the list without filters"), "url": State(state.entity, state.view).url()}]
    return {"text": problem.detail, "ways": ways}


def _notice_alone(request: HttpRequest, state: State, problem: BadQuery) -> HttpResponse:
    """Over the rows that are there, which stay."""
    response = render(
        request, "shell/list_notice.jinja", {"notice": _notice(state, problem)}, block="notice", status=422
    )
    response["HX-Retarget"], response["HX-Reswap"], response["HX-Push-Url"] = "#notice", "innerHTML", "false"
    return response


@page
@require_GET
def rows(request: HttpRequest, plural: str) -> HttpResponse:
    """Rows by id as the list shows them, those that still belong to it; for what changed while it is open."""
    state = asked_for(request, plural)
    keys = [asked.key(each) for each in asked.names(request, "ids")][:MOST_ROWS]
    shape = _shape(state, layouts.chosen(state))
    query = state.but(sorts=("-created_at",)).query(shape.fields)
    query.limit = MOST_ROWS
    among(query, keys)
    found = read.page(query).items() if keys else []
    return render(request, "shell/list_rows.jinja", {"rows": shape.rows(found, plural)}, block="rows")


@page
@require_GET
def parted(request: HttpRequest, plural: str) -> HttpResponse:
    """The figures of the groups as they are now."""
    state = asked_for(request, plural)
    if not (state.group and is_fragment(request)):
        return HttpResponseRedirect(state.url())
    found, _further = groups.groups(state, [each.name for each in layouts.chosen(state)])
    return render(request, "shell/list_groups.jinja", {"parted": found, "oob": True}, block="figures")


@page
@require_GET
def sums(request: HttpRequest, plural: str) -> HttpResponse:
    """How many there are and what they come to; ``exact=1`` beyond ten thousand too."""
    state = asked_for(request, plural)
    names = [each.name for each in layouts.chosen(state)]
    exact = request.GET.get("exact") == "1"
    found = figures.figures(state, names, exact=exact)
    values = {**found, "exact_url": state.url("sums", exact="1"), "plural": state.entity.label_plural}
    if not is_fragment(request):
        values = context(request, str(_title(state)), **values)
    return render(request, "shell/list_sums.jinja", values, block="sums" if is_fragment(request) else None)
