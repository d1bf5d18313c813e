"""Territories on screens: the tree in the order in which rules are asked, and one with its rule and its people."""

from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.platform import jobs
from rapport.platform.actor import as_system
from rapport.platform.clock import now
from rapport.platform.identity import snapshot, territories
from rapport.platform.identity.organisation import organisation
from rapport.platform.keys import parse_key
from rapport.records import boards, read, registry, totals, write
from rapport.records.errors import Bad, NotFound, Problem
from rapport.records.operation import operation
from rapport.records.read import Query
from rapport.records.territories import hearing, staffing
from rapport.records.territories.rules import Asked, check, home
from rapport.shell import histories, placing
from rapport.shell.lists import chips, sayings
from rapport.shell.refusals import in_words
from rapport.shell.views import forms
from rapport.shell.views.access import WHERE, administers, shown, to
from rapport.shell.views.frame import is_fragment, render

HERE = f"{WHERE}/territories"
LIST, ONE, NEW = (f"shell/access_{name}.jinja" for name in ("territories", "territory", "territory_new"))
ABOUT = ("name", "parent", "description", "gives", "person")
FIRST, COUNTED = 10, 10_000
Told = dict[str, Any]


@administers
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The tree, and how far the work is that sorts everything anew."""
    if request.GET.get("part") == "sorting":
        return render(request, LIST, _sorting(), block="sorting")
    return shown(request, LIST, _("Territories"), "territories", rows=_tree(), **_sorting())


def _tree() -> list[Told]:
    """Every territory beneath its parent, with what lies in it and who works it."""
    known = territories.held()
    kept = {entity.key: totals.by_territory(entity) for entity in (home(), registry.get("deal"))}
    everybody = sorted({user for place in known.values() for user in place.people})
    people = sayings.titles(registry.get("user"), everybody[:200])
    found: list[Told] = []

    def add(parent: str | None, depth: int) -> None:
        keys = known.children.get(parent, [])
        for at, key in enumerate(keys):
            place = known[key]
            found.append({
                "id": key, "name": place.name, "depth": min(depth, 6), "first": at == 0, "last": at == len(keys) - 1,
                "rule": placing.in_words(place.rule),
                "people": [{"id": user, "title": people.get(user, "…")} for user in place.people], **_lying(kept, key),
            })  # fmt: skip
            add(key, depth + 1)

    add(None, 0)
    return found


def _lying(kept: dict[str, dict[str, tuple[int, int]]], key: str) -> Told:
    """What lies in a territory: how many parties, and what is open there."""
    parties, deals = kept[home().key].get(key, (0, 0)), kept["deal"].get(key, (0, 0))
    tree = orjson.dumps({"field": "territory", "op": "in", "value": [key]}).decode()
    return {
        "parties": parties[0], "deals": deals[0], "value": boards.money(deals[1]) if deals[0] else None,
        "query": urlencode({"filter": tree}), "currency": organisation().base_currency,
    }  # fmt: skip


def _sorting() -> Told:
    """How far the work is that puts every record where the rules say."""
    job = jobs.unfinished(hearing.SORT, hearing.CONSUMER)
    standing = jobs.look(job) if job else None
    if standing is None:
        return {"job": None, "progress": None}
    progress: Told = {"done": standing.done, "total": standing.total, "rate": 0, "left": 0}
    if standing.started_at and standing.done and standing.total:
        rate = standing.done / max((now() - standing.started_at).total_seconds(), 0.5)
        progress |= {"rate": int(rate), "left": int(max(standing.total - standing.done, 0) / rate)}
    return {"job": job, "progress": progress, "tick": now().timestamp()}


@administers
@require_POST
def sort(request: HttpRequest) -> HttpResponse:
    """Look at everything again, or stop doing so."""
    job = jobs.unfinished(hearing.SORT, hearing.CONSUMER)
    if request.POST.get("deed") == "stop":
        if job:
            jobs.cancel(job)
    elif territories.held():
        hearing.sort_all()
    return to(request, HERE)


@administers
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A territory by its name and place; its rule and people come on its own page."""
    values = {name: request.POST.get(name, "").strip() for name in ("name", "parent", "description")}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            beside = [place for place in territories.held().values() if place.parent == (values["parent"] or None)]
            made = write.create(registry.get("territory"), {
                **values, "parent": values["parent"] or None, "position": len(beside) + 1,
            })  # fmt: skip
            return to(request, f"{HERE}/{made.id}")
        except Problem as problem:
            errors = forms.errors_of(problem)
    return shown(
        request, NEW, _("New territory"), "territories", status=422 if errors else 200, errors=errors,
        values=values | ({"parent": forms.titled("territories", values["parent"])} if values["parent"] else {}),
    )  # fmt: skip


@administers
@require_GET
def territory(request: HttpRequest, key: str) -> HttpResponse:
    """One territory: what it is, its rule, its people, its history."""
    return _shown(request, key)


def _record(key: str) -> Told:
    if parse_key(key) != key:
        raise NotFound(_("There is no such territory."))
    found: Told = orjson.loads(read.one(registry.get("territory"), key, expand=True))
    return found


def _shown(request: HttpRequest, key: str, *, status: int = 200, **more: Any) -> HttpResponse:
    record, entity = _record(key), registry.get("territory")
    snapshot.current()
    held = territories.held()[key]
    names = sayings.titles(registry.get("user"), list(held.people))
    kept = {each.key: totals.by_territory(each) for each in (home(), registry.get("deal"))}
    with as_system("is the rule understood?"):
        broken = Asked().broken.get(key)
    tree = more.pop("tree", record["rule"])
    given: Told = {"errors": {}, "tried": None, "values": {name: record[name] for name in ABOUT}}
    return shown(
        request, ONE, record["name"], "territories", status=status, record=record, broken=broken, **_lying(kept, key),
        way=[(each.name, f"{HERE}/{each.id}") for each in map(held_at, reversed(territories.held().path(key)[1:]))],
        box=chips.box(home(), "rule", tree), sentence=placing.in_words(record["rule"]),
        fields=[forms.control(entity.fields[name], entity) | {"wide": True} for name in ABOUT],
        people=[{"id": user, "title": names.get(user, "…")} for user in held.people], many=str(home().label_plural),
        history={**histories.of(entity, key), "next_url": None}, **given | more,
    )  # fmt: skip


def held_at(key: str) -> territories.Place:
    """The territory of this id."""
    return territories.held()[key]


@administers
@require_POST
def about(request: HttpRequest, key: str) -> HttpResponse:
    """Its name, place and words, and who gets what is new there."""
    entity = registry.get("territory")
    values = {name: request.POST.get(name, "").strip() for name in ABOUT if name in request.POST}
    try:
        write.change(entity, _record(key)["id"], {**values, **{n: values.get(n) or None for n in ("parent", "person")}})
    except Problem as problem:
        shown_again = {
            name: forms.titled("territories" if name == "parent" else "users", value)
            if name in ("parent", "person") and value else value
            for name, value in values.items()
        }  # fmt: skip
        return _shown(request, key, status=422, errors=forms.errors_of(problem), values=shown_again)
    return to(request, f"{HERE}/{key}", "saved")


def _tree_of(request: HttpRequest) -> Any:
    """The rule that stands in the form."""
    try:
        return orjson.loads(request.POST.get("rule") or "null") or None
    except orjson.JSONDecodeError:
        return None


@administers
@require_POST
def ruled(request: HttpRequest, key: str) -> HttpResponse:
    """Another rule: everything is sorted by it, in the background."""
    tree = _tree_of(request)
    try:
        write.change(registry.get("territory"), _record(key)["id"], {"rule": tree})
    except Problem as problem:
        return _shown(request, key, status=422, errors={"rule": [in_words(problem)]}, tree=tree)
    return to(request, HERE)


@administers
@require_POST
def tried(request: HttpRequest, key: str) -> HttpResponse:
    """What a rule would find: how many, and the first of them with where they lie now. Nothing is written."""
    record, tree = _record(key), _tree_of(request)
    found: Told = {"problem": "", "count": 0, "many": str(home().label_plural), "first": []}
    try:
        if tree is None:
            raise Bad(_("Add a condition first."))
        check(tree)
        found |= _matches(tree)
    except (Bad, Problem) as problem:
        found["problem"] = problem.detail if isinstance(problem, Problem) else str(problem)
    if is_fragment(request):
        return render(request, ONE, {"tried": found}, block="tried")
    return _shown(request, record["id"], tried=found, tree=tree)


def _matches(tree: Any) -> Told:
    entity = home()
    count = read.count(Query(entity, filter=tree), most=COUNTED + 1)
    page = read.page(Query(entity, filter=tree, fields=(entity.title, "territory"), expand=True, limit=FIRST))
    rows = [{**row, "url": entity.url(row["id"])} for row in page.items()]
    return {"count": min(count, COUNTED), "over": count > COUNTED, "first": rows}


@administers
@require_POST
def staffed(request: HttpRequest, key: str) -> HttpResponse:
    """Somebody more, or somebody less, works it."""
    _record(key)
    more, less = (parse_key(request.POST.get(name, "")) for name in ("add", "drop"))
    if more is None and less is None:
        return _shown(request, key, status=422, errors={"add": [_("Choose a colleague.")]})
    try:
        staffing.amend(key, [more] if more else [], [less] if less else [])
    except Problem as problem:
        return _shown(request, key, status=422, errors={"add": [in_words(problem)]})
    return to(request, f"{HERE}/{key}", "people")


@administers
@require_POST
def moved(request: HttpRequest, key: str) -> HttpResponse:
    """One place up or down among those beside it: whose rule is asked first."""
    held, entity = territories.held(), registry.get("territory")
    place = held.get(_record(key)["id"])
    beside = list(held.children.get(place.parent, ())) if place else []
    at, step = beside.index(key), 1 if request.POST.get("way") == "down" else -1
    if 0 <= at + step < len(beside):
        beside[at], beside[at + step] = beside[at + step], beside[at]
        with operation():
            for position, each in enumerate(beside, 1):
                write.change(entity, each, {"position": position})
    return to(request, HERE)


@administers
@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """One in which nothing lies goes."""
    try:
        staffing.remove(_record(key)["id"])
    except Problem as problem:
        return _shown(request, key, status=422, errors={"remove": [in_words(problem)]})
    return to(request, HERE, "removed")
