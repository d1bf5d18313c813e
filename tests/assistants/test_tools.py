"""What an assistant can do: what its user can, and nothing else."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from rapport.platform.actor import Actor, as_system
from rapport.platform.identity.models import User
from rapport.records import registry, write
from rapport.records.assistants import calling
from tests.assistants.speaking import Assistant
from tests.imports.screens import work
from tests.people import Api

Clients = Callable[..., Api]
READING = {"search", "describe", "find", "get", "timeline", "changes", "aggregate"}
WRITING = {"create", "change", "perform", "remove", "undo", "change_many", "bulk_run"}


@pytest.fixture
def ada(admin: User, api: Clients) -> Assistant:
    return Assistant(api(admin))


@pytest.fixture
def sam(seller: User, api: Clients) -> Assistant:
    return Assistant(api(seller))


def test_a_call_is_logged_found_changed_and_taken_back(sam: Assistant) -> None:
    acme = sam.call("create", entity="parties", values={"name": "Acme Ltd", "email": "hello@acme.example"})
    logged = sam.call(
        "create", entity="interactions",
        values={"party": acme["id"], "channel": "call", "subject": "Wants 40 pallets"},
    )  # fmt: skip
    assert [hit["id"] for hit in sam.call("search", q="pallets")["items"]] == [logged["id"]]
    assert sam.call("timeline", entity="parties", id=acme["id"])["items"][0]["subject"] == "Wants 40 pallets"
    changed = sam.call("change", entity="parties", id=acme["id"], values={"industry": "Retail"}, version=1)
    assert changed["record"]["industry"] == "Retail"
    assert sam.call("changes", entity="parties", id=acme["id"])["items"][0]["source"] == "assistant"
    assert sam.call("undo", operation=changed["operation"])["reverted"] == 1
    assert sam.call("get", entity="parties", id=acme["id"])["record"]["industry"] is None
    assert acme["url"] == f"/parties/{acme['id']}"


def test_deals_are_filtered_sorted_paged_and_added_up(ada: Assistant) -> None:
    for name, amount in (("Small", "100"), ("Middle", "2000"), ("Large", "30000")):
        ada.call("create", entity="deals", values={"name": name, "amount": amount, "currency": "USD"})
    above = {"field": "amount", "op": "gt", "value": "500"}
    first = ada.call("find", entity="deals", filter=above, sort=["-amount"], fields=["name"], limit=1)
    assert [item["name"] for item in first["items"]] == ["Large"]
    then = ada.call(
        "find", entity="deals", filter=above, sort=["-amount"], fields=["name"], limit=1, after=first["next"]
    )
    assert [item["name"] for item in then["items"]] == ["Middle"]
    assert then["next"] is None
    sums = ada.call("aggregate", entity="deals", sum=["amount"], filter=above)["groups"]
    assert sums == [{"key": {}, "count": 2, "sum": {"amount": "32000.00"}}]
    assert ada.call("aggregate", entity="deals")["groups"] == [{"key": {}, "count": 3}]
    moved = ada.call("perform", entity="deals", id=first["items"][0]["id"], verb="move_to", args={"stage": "Proposal"})
    assert moved["record"]["probability"] > 0


def test_it_is_told_what_there_is(ada: Assistant, sam: Assistant) -> None:
    kinds = {kind["entity"]: kind for kind in sam.call("describe")["kinds"]}
    assert "erase" not in kinds["parties"]["may"]
    assert "party" in kinds["interactions"]["on_timeline_of"]
    assert "webhooks" not in kinds, "a seller may not see them"
    assert "webhooks" in {kind["entity"] for kind in ada.call("describe")["kinds"]}
    deal = sam.call("describe", entity="deals")
    fields = {field["name"]: field for field in deal["fields"]}
    assert fields["stage"]["relation"] == "stages"
    assert fields["version"]["read_only"]
    assert fields["name"]["required"] or deal["title_field"] == "name"
    assert "in" in deal["operators_by_kind"][fields["stage"]["kind"]]
    assert "move_to" in {verb["verb"] for verb in deal["verbs"]}
    assert "restore" not in {verb["verb"] for verb in deal["verbs"]}


def test_own_fields_and_kinds_are_there_at_once(ada: Assistant) -> None:
    made = {"entity": "party", "name": "Fleet size", "kind": "number"}
    ada.call("create", entity="custom-fields", values=made)
    ada.call("create", entity="custom-objects", values={"name": "Machine", "plural_name": "Machines"})
    fields = {field["name"] for field in ada.call("describe", entity="parties")["fields"]}
    assert "custom.fleet_size" in fields
    drill = ada.call("create", entity="machines", values={"name": "Drill 7"})
    assert ada.call("find", entity="machines")["items"][0]["id"] == drill["id"]


def test_mistakes_are_answered_with_what_would_have_been_right(ada: Assistant) -> None:
    assert "Did you mean “stage”?" in ada.refused("find", entity="deals", filter={"field": "stag", "value": 1})
    assert "Known operators: " in ada.refused(
        "find", entity="deals", filter={"field": "stage", "op": "like", "value": 1}
    )
    assert "Known: " in ada.refused("find", entity="dealz")
    assert "“find” takes: entity, filter" in ada.refused("find", entity="deals", colour="red")
    assert "<= 100" in ada.refused("find", entity="deals", limit=1000)
    assert "ids are 32 hex digits" in ada.refused("get", entity="deals", id="the big deal with Acme of last week")
    both = ada.refused("create", entity="parties", values={"name": "X", "email": "nobody", "website": "::"})
    assert "- email: " in both
    assert "- website: " in both
    deal = ada.call("create", entity="deals", values={"name": "One"})
    ada.call("change", entity="deals", id=deal["id"], values={"name": "Two"})
    stale = ada.refused("change", entity="deals", id=deal["id"], values={"name": "Three"}, version=1)
    assert "It is at version 2 now" in stale


def test_a_call_repeated_is_done_once(ada: Assistant, sam: Assistant) -> None:
    asked: dict[str, Any] = {"entity": "parties", "values": {"name": "Acme"}, "once": "log of 3 May"}
    first = ada.call("create", **asked)
    assert ada.call("create", **asked) == first
    assert ada.call("aggregate", entity="parties")["groups"][0]["count"] == 1
    assert "used for another call" in ada.refused("create", **{**asked, "values": {"name": "Other"}})
    assert sam.call("create", **asked)["id"] != first["id"], "each user's words are his own"


def test_a_token_that_reads_is_offered_no_writing_and_refused(admin: User, api: Clients) -> None:
    reading = Assistant(api(admin, scope="read"))
    assert set(reading.tools()) == READING
    assert "may not add" in reading.refused("create", entity="parties", values={"name": "Acme"})
    with as_system("tests"):
        party = write.create(registry.get("party"), {"name": "Acme"})
    assert "may not change" in reading.refused("change", entity="parties", id=party.id, values={"name": "B"})
    assert "may not delete" in reading.refused("remove", entity="parties", id=party.id)


def test_what_others_own_is_not_there(sam: Assistant, other_seller: User, acting: Any) -> None:
    as_olga: Callable[[User], AbstractContextManager[Actor]] = acting
    with as_olga(other_seller):
        party = write.create(registry.get("party"), {"name": "Zebra Secret", "email": "z@secret.test"})
        deal = write.create(
            registry.get("deal"), {"name": "Zebra deal", "party": party.id, "amount": "7", "currency": "USD"}
        )
        done = write.create(
            registry.get("interaction"), {"subject": "Zebra call", "channel": "call", "party": party.id}
        )
    assert sam.call("search", q="zebra")["items"] == []
    for entity in ("parties", "deals", "interactions"):
        assert sam.call("find", entity=entity)["items"] == []
        assert sam.call("aggregate", entity=entity, group=["owner"])["groups"] == []
        assert sam.call("aggregate", entity=entity)["groups"][0]["count"] == 0
    for entity, record in (("parties", party), ("deals", deal), ("interactions", done)):
        for tool in ("get", "timeline", "changes", "remove"):
            assert "There is no " in sam.refused(tool, entity=entity, id=record.id), (tool, entity)
        assert "There is no " in sam.refused("change", entity=entity, id=record.id, values={})
        assert "There is no " in sam.refused("perform", entity=entity, id=record.id, verb="share", args={})
    hidden = sam.refused("create", entity="deals", values={"name": "Mine", "party": party.id})
    assert "Zebra" not in hidden
    assert "Zebra" not in sam.refused("undo", operation=deal.id)


def test_only_ones_own_deeds_are_taken_back(ada: Assistant, sam: Assistant) -> None:
    hers = ada.call("create", entity="tags", values={"name": "Hers"})["operation"]
    assert "Only your own" in sam.refused("undo", operation=hers)
    his = sam.call("create", entity="parties", values={"name": "His"})["operation"]
    assert ada.call("undo", operation=his)["reverted"] == 1


def test_set_up_he_may_not_see_is_refused_by_every_tool(sam: Assistant) -> None:
    assert "may not view" in sam.refused("describe", entity="webhooks")
    assert "may not view" in sam.refused("find", entity="webhooks")
    assert "may not view" in sam.refused("aggregate", entity="webhooks")


def test_an_answer_too_long_to_read_is_refused_with_the_way_out(
    ada: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "LARGEST", 500)
    for each in range(4):
        with as_system("tests"):
            write.create(registry.get("party"), {"name": f"Acme {each}"})
    assert "name “fields”" in ada.refused("find", entity="parties")
    assert len(ada.call("find", entity="parties", fields=["name"])["items"]) == 4


def test_people_see_what_the_tools_do_before_they_allow_it(ada: Assistant) -> None:
    tools = ada.tools()
    assert set(tools) == READING | WRITING
    assert {name for name, tool in tools.items() if tool["annotations"]["readOnlyHint"]} == READING
    destructive = {name for name, tool in tools.items() if tool["annotations"]["destructiveHint"]}
    assert destructive == WRITING - {"create"}
    for tool in tools.values():
        assert tool["title"]
        assert len(tool["description"]) > 40
        assert tool["inputSchema"]["type"] == tool["outputSchema"]["type"] == "object"
        assert tool["inputSchema"]["additionalProperties"] is False


def test_what_it_wrote_says_so_in_the_history(ada: Assistant, admin: User, browser_of: Any) -> None:
    party = ada.call("create", entity="parties", values={"name": "Acme"})
    page = browser_of(admin).get(f"{party['url']}/changes", headers={"HX-Request": "true"})
    assert "through an assistant" in page.content.decode()


def test_many_are_changed_only_after_their_number_was_told(ada: Assistant, sam: Assistant) -> None:
    for n in range(3):
        sam.call("create", entity="parties", values={"name": f"Firm {n}", "industry": "Retail"})
    retail = {"field": "industry", "op": "eq", "value": "Retail"}
    asked = {"entity": "parties", "deed": "edit", "values": {"industry": "Trade"}, "filter": retail}
    told = sam.call("change_many", **asked)
    assert (told["count"], len(told["some"]), "run" in told) == (3, 3, False)
    assert "finds 3" in sam.refused("change_many", **asked, expect=300)
    assert sam.call("aggregate", entity="parties", filter=retail)["groups"][0]["count"] == 3, "nothing was done"
    run = sam.call("change_many", **asked, expect=3, once="trade")["run"]
    assert sam.call("change_many", **asked, expect=3, once="trade")["run"] == run
    work()
    assert sam.call("bulk_run", entity="parties", id=run["id"])["run"]["changed"] == 3
    assert sam.call("bulk_run", entity="parties", id=run["id"], then="undo")["run"]["status"] == "undoing"
    work()
    assert sam.call("aggregate", entity="parties", filter=retail)["groups"][0]["count"] == 3
    assert "{} are all" in ada.refused("change_many", entity="parties", deed="bin", expect=3)
    assert "not possible now" in ada.refused("bulk_run", entity="parties", id=run["id"], then="undo")
