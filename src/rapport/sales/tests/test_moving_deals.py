"""A deal on its way: stages in all directions, closing dates, stage history, board totals."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rapport.platform.clock import midnight, now
from rapport.platform.identity.models import User
from rapport.records import registry, revert, timeline_read, totals, write
from rapport.records.errors import Invalid, NotFound, Refused
from rapport.sales import models
from rapport.sales.models import Deal, StageVisit
from rapport.sales.pipelines import pipelines

OPEN = ("New", "Qualified", "Proposal", "Negotiation")


@pytest.fixture(autouse=True)
def at_work(admin: User, acting: Callable[..., Any]) -> Iterator[None]:
    with acting(admin):
        yield


def stage(name: str) -> str:
    return next(s.id for each in pipelines().values() for s in each.stages if s.name == name)


def new(**values: Any) -> Deal:
    return write.create(registry.get("deal"), {"name": "Deal"} | values)


def move(deal: Deal, name: str, **more: Any) -> Deal:
    return write.act(registry.get("deal"), deal.id, "move_to", {"stage": stage(name), **more})


def visits(deal: Deal) -> list[tuple[str, dt.date]]:
    found = StageVisit.objects.filter(deal_id=deal.id).order_by("entered_at", "id").select_related("stage")
    return [(visit.stage.name, visit.entered_at.date()) for visit in found]


def told(deal: Deal) -> list[tuple[str, str | None, str]]:
    found = timeline_read.read(registry.get("deal"), deal.id).entries
    return [(each["verb"], each["stage"], each["at"][:10]) for each in reversed(found)]


def test_a_new_deal_starts_in_the_first_stage_today() -> None:
    deal = new()
    assert (deal.stage_id, deal.status, deal.probability, deal.opened_on) == (stage("New"), "open", 10, now().date())
    assert visits(deal) == [("New", now().date())]


@pytest.mark.parametrize("start", [*OPEN, "Won", "Lost"])
@pytest.mark.parametrize("end", [*OPEN, "Won", "Lost"])
def test_a_deal_moves_from_any_stage_to_any_other(start: str, end: str) -> None:
    deal = move(new(stage=start), end, lost_reason="Price") if end == "Lost" else move(new(stage=start), end)
    kind = {"Won": "won", "Lost": "lost"}.get(end, "open")
    assert (deal.stage_id, deal.status) == (stage(end), kind)
    assert deal.closed_on == (None if kind == "open" else now().date())
    assert deal.lost_reason == ("Price" if kind == "lost" else None)
    if start != end:
        assert (
            deal.probability
            == {"New": 10, "Qualified": 30, "Proposal": 55, "Negotiation": 75, "Won": 100, "Lost": 0}[end]
        )
        assert visits(deal)[-1][0] == end
    assert list(totals.recount(registry.get("deal"))) == []


def test_losing_a_deal_asks_for_the_reason_once() -> None:
    deal = new()
    with pytest.raises(Refused, match="why it was lost") as refused:
        move(deal, "Lost")
    assert refused.value.more["demands"] == ["lost_reason"]
    lost = move(deal, "Lost", lost_reason="Price")
    assert (lost.status, lost.lost_reason, lost.closed_on) == ("lost", "Price", now().date())
    assert told(deal)[-1] == ("moved", "Lost", str(now().date()))


def test_a_won_deal_that_opens_again_has_no_closing_date_and_no_reason() -> None:
    deal = move(move(new(), "Lost", lost_reason="Price"), "Proposal")
    assert (deal.status, deal.closed_on, deal.lost_reason, deal.probability) == ("open", None, None, 55)


def test_a_stage_that_is_none_of_this_pipeline_is_refused() -> None:
    other = write.create(registry.get("pipeline"), {"name": "Other"})
    elsewhere = write.create(registry.get("stage"), {"name": "Elsewhere", "pipeline": other.id})
    deal = new()
    with pytest.raises(Refused, match="no stage of this pipeline"):
        write.act(registry.get("deal"), deal.id, "move_to", {"stage": elsewhere.id})
    moved = write.change(registry.get("deal"), deal.id, {"pipeline": other.id, "stage": elsewhere.id})
    assert (moved.pipeline_id, moved.stage_id) == (other.id, elsewhere.id)


def test_an_action_names_what_it_takes() -> None:
    deal, entity = new(), registry.get("deal")
    with pytest.raises(Invalid, match="takes: stage, lost_reason"):
        write.act(entity, deal.id, "move_to", {"stage": stage("Won"), "reason": "x"})
    with pytest.raises(Invalid, match="missing"):
        write.act(entity, deal.id, "move_to", {})
    with pytest.raises(NotFound, match="move_to"):
        write.act(entity, deal.id, "fly", {})


def test_changing_the_stage_as_a_field_does_what_moving_does() -> None:
    deal, entity = new(), registry.get("deal")
    with pytest.raises(Refused, match="why it was lost"):
        write.change(entity, deal.id, {"stage": stage("Lost")})
    write.change(entity, deal.id, {"stage": stage("Lost"), "lost_reason": "Price"})
    assert [name for name, _day in visits(deal)] == ["New", "Lost"]


def test_a_closing_date_given_with_the_closing_counts_for_history_and_timeline() -> None:
    deal = new(opened_on="2026-01-05")
    write.change(registry.get("deal"), deal.id, {"stage": stage("Won"), "closed_on": "2026-02-10"})
    assert visits(deal) == [("New", dt.date(2026, 1, 5)), ("Won", dt.date(2026, 2, 10))]
    assert told(deal) == [("created", None, "2026-01-05"), ("moved", "Won", "2026-02-10")]


def test_a_deal_entered_afterwards_has_its_dates_in_the_past() -> None:
    deal = new(stage="Won", opened_on="2025-03-01", closed_on="2025-04-15", amount="10")
    assert deal.stage_since == midnight(dt.date(2025, 4, 15))
    assert visits(deal) == [("New", dt.date(2025, 3, 1)), ("Won", dt.date(2025, 4, 15))]
    assert told(deal) == [("created", None, "2025-03-01"), ("moved", "Won", "2025-04-15")]
    assert [kept.period for kept in totals.kept(registry.get("deal"), write.current()) if kept.count] == ["2025-04"]


def test_an_open_deal_entered_afterwards_rests_in_its_stage_since_then() -> None:
    deal = new(opened_on="2025-03-01")
    assert deal.stage_since == midnight(dt.date(2025, 3, 1))


def test_correcting_the_closing_date_moves_the_stage_history_and_the_timeline_too() -> None:
    deal = move(new(opened_on="2026-01-05"), "Won")
    changed = write.change(registry.get("deal"), deal.id, {"closed_on": "2026-02-10"})
    assert changed.stage_since == midnight(dt.date(2026, 2, 10))
    assert visits(deal)[-1] == ("Won", dt.date(2026, 2, 10))
    assert told(deal)[-1] == ("moved", "Won", "2026-02-10")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"closed_on": "2026-01-01"}, "no closing date"),
        ({"stage": "Won", "closed_on": "2026-01-01", "opened_on": "2026-02-01"}, "before it opened"),
        ({"name": ""}, "name|needed"),
    ],
)
def test_what_cannot_be_is_refused_on_change(values: dict[str, Any], says: str) -> None:
    deal = new()
    if "stage" in values:
        values = values | {"stage": stage(values["stage"])}
    with pytest.raises((Refused, Invalid), match=says):
        write.change(registry.get("deal"), deal.id, values)


def test_a_closing_date_for_an_open_deal_is_refused_on_creation_too_not_dropped() -> None:
    with pytest.raises(Refused, match="no closing date"):
        new(closed_on="2026-01-01")


def test_undoing_a_move_puts_stage_history_totals_and_timeline_back() -> None:
    deal = new(amount="100")
    before = (visits(deal), told(deal))
    with write.operation() as done:
        move(deal, "Won")
    assert revert.revert(done.id).reverted == [deal.id]
    back = Deal.objects.get(id=deal.id)
    assert (back.stage_id, back.status, back.closed_on, back.probability) == (stage("New"), "open", None, 10)
    assert (visits(deal), told(deal)) == before
    assert list(totals.recount(registry.get("deal"))) == []


def test_undoing_an_earlier_move_leaves_the_way_the_deal_went() -> None:
    deal = new()
    with write.operation() as done:
        move(deal, "Qualified")
    move(deal, "Proposal")
    assert revert.revert(done.id).kept_changed == [deal.id]
    assert [name for name, _day in visits(deal)] == ["New", "Qualified", "Proposal"]
    assert [entry[1] for entry in told(deal)] == [None, "Qualified", "Proposal"]


def test_two_moves_in_one_millisecond_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    deal, moment = new(), models.now()
    monkeypatch.setattr(models, "now", lambda: moment)
    with write.operation() as done:
        move(deal, "Qualified")
    move(deal, "Proposal")
    assert revert.revert(done.id).kept_changed == [deal.id]
    assert [name for name, _day in visits(deal)] == ["New", "Qualified", "Proposal"]


def test_a_new_currency_keeps_the_number_and_asks_when_it_does_not_fit() -> None:
    entity = registry.get("deal")
    deal = new(amount="10.50", currency="USD")
    with pytest.raises(Invalid, match="digits"):
        write.change(entity, deal.id, {"currency": "JPY"})
    changed = write.change(entity, deal.id, {"amount": "10", "currency": "JPY"})
    assert (changed.amount, changed.currency, changed.amount_base) == (10, "JPY", None)
    assert write.change(entity, deal.id, {"currency": "USD"}).amount_base == 1000


def test_a_stage_by_name_is_looked_for_within_the_deals_own_pipeline() -> None:
    other = write.create(registry.get("pipeline"), {"name": "Partners"})
    for name, kind in (("New", "open"), ("Won", "won")):
        write.create(registry.get("stage"), {"pipeline": other.id, "name": name, "kind": kind})
    here = write.create(registry.get("deal"), {"name": "Here", "pipeline": "Sales", "stage": "New"})
    there = write.create(registry.get("deal"), {"name": "There", "pipeline": "Partners", "stage": "New"})
    assert there.pipeline_id == other.id
    moved = write.act(registry.get("deal"), there.id, "move_to", {"stage": "Won"})
    assert (moved.status, moved.pipeline_id) == ("won", other.id)
    changed = write.change(registry.get("deal"), here.id, {"stage": "Won"})
    assert (changed.status, changed.pipeline_id) == ("won", here.pipeline_id)
