"""A program outside hears of what happens: signed, at least once, within the rights of who set it up."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from rapport.platform.actor import Actor, as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import Grant, Role, User
from rapport.records import registry, write
from rapport.records.models import Webhook, WebhookDelivery
from rapport.records.webhooks import dispatch, jobs, sending, signing, waiting
from tests.people import Api
from tests.webhooks.receiving import Receiver, work

Client = Callable[..., Api]
Acting = Callable[[User], AbstractContextManager[Actor]]


def hook(client: Api, receiver: Receiver, **given: Any) -> dict[str, Any]:
    return client.make("webhooks", {"name": "Shop", "url": receiver.url, **given})


def test_it_hears_what_happens_from_then_on_in_order(admin: User, api: Client, receiver: Receiver) -> None:
    client = api(admin)
    client.make("parties", {"name": "Before"})
    made = hook(client, receiver, events="party, deal.created")
    party = client.make("parties", {"name": "Acme"})
    client.patch(f"parties/{party['id']}", {"industry": "Retail"})
    deal = client.make("deals", {"name": "Order"})
    client.patch(f"deals/{deal['id']}", {"amount": "1"})
    client.delete(f"parties/{party['id']}")
    assert dispatch.behind()
    work()
    heard = receiver.events()
    assert [each["event"] for each in heard] == ["party.created", "party.changed", "deal.created", "party.binned"]
    assert [each["record"] for each in heard] == [party["id"], party["id"], deal["id"], party["id"]]
    assert heard[1]["fields"] == ["industry"]
    assert heard[2]["data"]["name"] == "Order"
    assert heard[0]["actor"] == admin.id
    work()
    assert len(receiver.heard) == 4, "each once"
    assert not jobs.something_to_do()
    assert set(WebhookDelivery.objects.values_list("webhook", "status", "code", "said")) == {
        (made["id"], "sent", 200, "thank you")
    }


def test_the_signature_is_that_of_the_body_and_the_moment(admin: User, api: Client, receiver: Receiver) -> None:
    client = api(admin)
    made = hook(client, receiver)
    client.make("parties", {"name": "Acme"})
    work()
    headers, body = receiver.heard[-1]
    secret = signing.secret_of(made["id"], 1)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"
    assert abs(int(headers["webhook-timestamp"]) - dt.datetime.now(dt.UTC).timestamp()) < 60
    assert client.post(f"webhooks/{made['id']}/actions/renew_secret").json()["secret_number"] == 2
    assert signing.secret_of(made["id"], 2) != secret


def test_it_speaks_with_its_owners_rights(
    admin: User, seller: User, other_seller: User, api: Client, receiver: Receiver
) -> None:
    for verb in ("view", "add", "change"):
        Grant.objects.create(role=Role.objects.get(key="sales"), entity="webhook", verb=verb, level="all")
    snapshot.touch()
    hook(api(seller), receiver, events="*")
    api(other_seller).make("parties", {"name": "Theirs"})
    api(seller).make("parties", {"name": "Mine"})
    work()
    assert [each["data"]["name"] for each in receiver.events() if each["entity"] == "party"] == ["Mine"]
    assert "Theirs" not in str(receiver.heard)
    with as_system("tests"):
        write.change(registry.get("user"), seller.id, {"is_active": False})
    api(other_seller).make("parties", {"name": "Later"})
    before = len(receiver.heard)
    work()
    assert len(receiver.heard) == before


def test_who_says_where_it_goes_becomes_its_owner(
    admin: User, manager: User, seller: User, api: Client, receiver: Receiver
) -> None:
    Grant.objects.create(role=Role.objects.get(key="manager"), entity="webhook", verb="view", level="all")
    Grant.objects.create(role=Role.objects.get(key="manager"), entity="webhook", verb="change", level="all")
    snapshot.touch()
    made = hook(api(admin), receiver)
    path = f"webhooks/{made['id']}"
    assert made["owner"] == admin.id
    assert api(manager).patch(path, {"name": "Renamed"}).json()["owner"] == admin.id
    assert api(manager).patch(path, {"owner": seller.id}).status_code == 403
    assert api(manager).patch(path, {"url": "https://hooks.example.com"}).json()["owner"] == manager.id


def test_a_filter_lets_only_some_through(admin: User, api: Client, receiver: Receiver) -> None:
    client = api(admin)
    tree = {"field": "industry", "op": "eq", "value": "Retail"}
    hook(client, receiver, events="party.created party.binned", filter=tree)
    for industry in ("Retail", "Wood"):
        key = client.make("parties", {"name": industry, "industry": industry})["id"]
        client.delete(f"parties/{key}")
    work()
    assert [each["event"] for each in receiver.events()] == ["party.created", "party.binned"]
    assert {each["data"]["name"] for each in receiver.events()} == {"Retail"}


def test_what_failed_is_tried_again_for_a_day_and_can_be_sent_anew(
    admin: User, api: Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, clock = api(admin), [dt.datetime.now(dt.UTC)]
    for module in (waiting, sending):
        monkeypatch.setattr(module, "now", lambda: clock[0])
    hook(client, receiver, events="party")
    client.make("parties", {"name": "Acme"})
    receiver.status = 500
    waits = []
    for _each in range(60):
        clock[0] += dt.timedelta(seconds=5)
        work()
        delivery = WebhookDelivery.objects.get()
        if delivery.status == "failed":
            break
        waits.append((delivery.next_at - clock[0]).total_seconds())
        clock[0] = delivery.next_at
    assert waits[:5] == [10, 20, 40, 80, 160]
    assert max(waits) == 3600
    assert (delivery.status, delivery.code) == ("failed", 500)
    assert dt.timedelta(hours=22) < delivery.ended_at - delivery.first_at <= dt.timedelta(days=1)
    bodies = {body for _headers, body in receiver.heard}
    ids = {headers["webhook-id"] for headers, _body in receiver.heard}
    assert len(receiver.heard) == delivery.attempts
    assert len(bodies) == len(ids) == 1, "the same each time, so that a receiver can tell"
    receiver.status = 204
    sending.again(delivery)
    clock[0] += dt.timedelta(minutes=5)
    work()
    assert WebhookDelivery.objects.get().status == "sent"


def test_where_nobody_answers_the_rest_waits_as_well(admin: User, api: Client, receiver: Receiver) -> None:
    client = api(admin)
    hook(client, receiver, events="party", url="http://127.0.0.1:9/")
    for n in range(3):
        client.make("parties", {"name": f"Acme {n}"})
    work()
    assert sorted(WebhookDelivery.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    assert {each.status for each in WebhookDelivery.objects.all()} == {"waiting"}


def test_a_redirect_is_not_followed(admin: User, api: Client, receiver: Receiver) -> None:
    client = api(admin)
    hook(client, receiver, events="party")
    receiver.status = 302
    client.make("parties", {"name": "Acme"})
    work()
    assert len(receiver.heard) == 1
    assert WebhookDelivery.objects.get().code == 302


def test_switched_off_it_hears_nothing_and_goes_on_from_then(admin: User, api: Client, receiver: Receiver) -> None:
    client = api(admin)
    made = hook(client, receiver, events="party")
    client.patch(f"webhooks/{made['id']}", {"is_active": False})
    client.make("parties", {"name": "Unheard"})
    work()
    client.patch(f"webhooks/{made['id']}", {"is_active": True})
    client.make("parties", {"name": "Heard"})
    work()
    assert [each["data"]["name"] for each in receiver.events()] == ["Heard"]
    client.delete(f"webhooks/{made['id']}")
    client.make("parties", {"name": "Never"})
    work()
    assert len(receiver.heard) == 1
    assert not jobs.something_to_do()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://10.0.0.1/", "http://192.168.1.4:8080/x", "http://[::1]/",
        "http://169.254.169.254/latest/meta-data", "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/",
        "http://user:secret@example.com/", "http://[fe80::1]/", "http://100.64.0.1/", "http://224.0.0.1/",
    ],
)  # fmt: skip
def test_private_addresses_are_refused(url: str, admin: User, api: Client) -> None:
    answer = api(admin).post("webhooks", {"name": "Inside", "url": url})
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"][0]["field"] == "url"


def test_a_name_that_leads_inside_is_refused_when_it_is_called(
    admin: User, api: Client, receiver: Receiver, settings: Any
) -> None:
    settings.OUTGOING_PRIVATE = False
    client = api(admin)
    url = receiver.url.replace("127.0.0.1", "inside.example.com")
    import socket

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.server.server_port))]
    with pytest.MonkeyPatch.context() as patched:
        hook(client, receiver, url=url, events="party")
        client.make("parties", {"name": "Acme"})
        patched.setattr(socket, "getaddrinfo", lambda *given, **more: found)
        work()
    assert receiver.heard == []
    assert "private" in WebhookDelivery.objects.get().said


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"events": " , "}, "events"),
        ({"events": "nonsense.created"}, "events"),
        ({"events": "party deal", "filter": {"field": "name", "op": "is_empty"}}, "filter"),
        ({"events": "party", "filter": {"field": "nmae", "op": "is_empty"}}, "filter"),
        ({"filter": {"field": "name", "op": "is_empty"}, "events": "*"}, "filter"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], field: str, admin: User, api: Client) -> None:
    answer = api(admin).post("webhooks", {"name": "A", "url": "https://hooks.example.com", **given})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_an_import_of_many_is_told_to_those_who_see_all(admin: User, api: Client, receiver: Receiver) -> None:
    client = api(admin)
    hook(client, receiver, events="party")
    delivered = WebhookDelivery(
        webhook=Webhook.objects.get(), position=1, event="party.created", entity="party", at=dt.datetime.now(dt.UTC),
        next_at=dt.datetime.now(dt.UTC), fact={"count": 500, "version": None, "operation": "0" * 32, "fields": []},
    )  # fmt: skip
    assert sending.attempt(delivered)
    assert (receiver.events()[0]["count"], receiver.events()[0]["data"]) == (500, None)


def test_the_log_tells_what_was_said_and_says_it_again(
    admin: User, manager: User, reader: User, api: Client, receiver: Receiver
) -> None:
    client = api(admin)
    made = hook(client, receiver, events="party")
    client.make("parties", {"name": "Acme"})
    receiver.status = 500
    work()
    path = f"webhooks/{made['id']}"
    (entry,) = client.items(f"{path}/deliveries", status="waiting")
    assert (entry["event"], entry["attempts"], entry["code"]) == ("party.created", 1, 500)
    assert json.loads(entry["body"])["data"]["name"] == "Acme"
    receiver.status = 200
    assert client.post(f"{path}/deliveries/{entry['id']}/replay").json()["status"] == "waiting"
    work()
    assert [each["status"] for each in client.items(f"{path}/deliveries")] == ["sent"]
    assert client.get(f"{path}/secret").json() == {"secret": signing.secret_of(made["id"], 1)}
    for other in (manager, reader):
        for door in ("deliveries", "secret"):
            assert api(other).get(f"{path}/{door}").status_code in (403, 404)
    assert api(admin, "read").get(f"{path}/secret").status_code == 403
    assert client.get(f"{path}/deliveries", status="lost").status_code == 400
    assert client.get(f"{path}/deliveries", after="x").status_code == 400
    assert client.post(f"{path}/deliveries/{'0' * 32}/replay").status_code == 404


def test_who_may_change_webhooks_still_learns_nothing_of_what_others_are_told(
    admin: User, manager: User, api: Client, receiver: Receiver
) -> None:
    for verb in ("view", "change"):
        Grant.objects.create(role=Role.objects.get(key="manager"), entity="webhook", verb=verb, level="all")
    snapshot.touch()
    made = hook(api(admin), receiver, events="party")
    assert api(manager).get(f"webhooks/{made['id']}/deliveries").status_code == 403
    assert api(manager).get(f"webhooks/{made['id']}/secret").status_code == 403


def test_who_takes_a_webhook_over_learns_nothing_of_what_it_was_told_before(
    admin: User, seller: User, other_seller: User, api: Client, receiver: Receiver
) -> None:
    """Neither by the log, nor by what still waits, nor by the secret that the receiver so far trusts."""
    for verb in ("view", "change"):
        Grant.objects.create(role=Role.objects.get(key="sales"), entity="webhook", verb=verb, level="all")
    snapshot.touch()
    made = hook(api(admin), receiver, events="party")
    path = f"webhooks/{made['id']}"
    theirs = api(other_seller).make("parties", {"name": "Theirs"})["id"]
    receiver.status = 500
    work()
    assert len(receiver.heard) == 1
    changed = api(seller).patch(f"{path}", {"url": f"{receiver.url}&b=2"}).json()
    assert (changed["owner"], changed["secret_number"]) == (seller.id, 2)
    mine = api(seller).make("parties", {"name": "Mine"})["id"]
    receiver.status = 200
    WebhookDelivery.objects.update(next_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    work()
    assert [each["record"] for each in receiver.events()[1:]] == [mine]
    log = api(seller).items(f"{path}/deliveries")
    assert [each["record"] for each in log] == [mine]
    assert theirs not in str(log)
    assert {each["record"] for each in api(admin).items(f"{path}/deliveries")} == {mine, theirs}
