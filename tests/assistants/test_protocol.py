"""The Model Context Protocol over HTTP: who comes in, both ways of speaking it, what it refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.platform.identity.models import User
from tests.assistants.speaking import META, Assistant
from tests.people import Api

Clients = Callable[..., Api]
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


def test_only_a_token_comes_in(admin: User, api: Clients, browser_of: Callable[[User], Client]) -> None:
    nobody = api(None).post("/mcp", PING)
    assert (nobody.status_code, nobody["WWW-Authenticate"]) == (401, "Bearer")
    assert api(None).post("/mcp", PING, headers={"Authorization": "Bearer rap_wrong"}).status_code == 401
    signed_in = browser_of(admin).post("/mcp", PING, content_type="application/json")
    assert signed_in.status_code == 401, "a cookie does not count: other sites could send it"
    assert api(admin).post("/mcp", PING).json() == {"jsonrpc": "2.0", "id": 1, "result": {}}


def test_a_page_of_another_site_is_refused(admin: User, api: Clients) -> None:
    assert api(admin).post("/mcp", PING, headers={"Origin": "https://evil.example"}).status_code == 403
    assert api(admin).post("/mcp", PING, headers={"Origin": "http://testserver"}).status_code == 200


def test_there_is_no_stream_and_no_session(admin: User, api: Clients) -> None:
    for method in ("GET", "DELETE"):
        answer = api(admin).ask(method, "/mcp")
        assert (answer.status_code, answer["Allow"]) == (405, "POST")


@pytest.mark.parametrize(("asked", "spoken"), [("2025-06-18", "2025-06-18"), ("2024-11-05", "2025-11-25")])
def test_the_handshake_of_earlier_revisions(admin: User, api: Clients, asked: str, spoken: str) -> None:
    client = api(admin)
    params = {"protocolVersion": asked, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    hello = client.post("/mcp", {"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": params}).json()[
        "result"
    ]
    assert hello["protocolVersion"] == spoken
    assert hello["capabilities"] == {"tools": {}}
    assert "Ada Admin" in hello["instructions"]
    ready = client.post("/mcp", {"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (ready.status_code, ready.content) == (202, b"")
    headers = {"Mcp-Protocol-Version": spoken}
    listed = client.post("/mcp", {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}, headers=headers).json()
    assert {tool["name"] for tool in listed["result"]["tools"]} >= {"search", "describe", "find", "create", "undo"}


def test_the_newest_revision_needs_no_handshake(admin: User, api: Clients) -> None:
    found = Assistant(api(admin)).send("server/discover")
    assert found["supportedVersions"] == ["2026-07-28"]
    assert (found["resultType"], found["cacheScope"]) == ("complete", "private")
    assert found["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "rapport"


def post(client: Api, body: Any, **headers: str) -> tuple[int, int, dict[str, Any]]:
    answer = client.post("/mcp", body, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return answer.status_code, answer.json()["error"]["code"], answer.json()["error"]


def test_what_is_no_message_is_told_so(admin: User, api: Clients) -> None:
    client = api(admin)
    assert post(client, b"{not json")[:2] == (400, -32700)
    assert post(client, [PING])[:2] == (400, -32600), "batches are gone from the protocol"
    assert post(client, {**PING, "id": None})[:2] == (400, -32600)
    assert post(client, {**PING, "method": "nonsense"})[:2] == (404, -32601)
    assert post(client, {**PING, "method": "server/discover"})[:2] == (400, -32602)
    assert post(client, {**PING, "method": "tools/call", "params": {"name": "find", "arguments": 1}})[:2] == (
        400,
        -32602,
    )
    unknown = post(client, {**PING, "method": "tools/call", "params": {"name": "drop_tables"}})
    assert unknown[:2] == (400, -32602)
    assert "search, describe, find" in unknown[2]["message"]


def test_headers_that_say_something_else_are_refused(admin: User, api: Clients) -> None:
    client, later = api(admin), {**META, "io.modelcontextprotocol/protocolVersion": "2031-01-01"}
    body = {**PING, "method": "tools/call", "params": {"name": "describe", "_meta": META}}
    said = {"Mcp_Protocol_Version": "2026-07-28", "Mcp_Method": "tools/call"}
    assert post(client, body, **said)[:2] == (400, -32020)
    assert post(client, body, **said, Mcp_Name="search")[:2] == (400, -32020)
    future = {**body, "params": {"name": "describe", "_meta": later}}
    status, code, error = post(client, future, **{**said, "Mcp_Protocol_Version": "2031-01-01"}, Mcp_Name="describe")
    assert (status, code, error["data"]["supported"]) == (400, -32022, ["2026-07-28"])


def test_the_limits_of_the_api_hold_here_too(admin: User, api: Clients, settings: Any) -> None:
    settings.API_RATE_TOKEN, client = 3, api(admin)
    answers = [client.post("/mcp", PING) for _each in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
    settings.API_LARGEST = 100
    settings.API_RATE_TOKEN = 60_000
    assert client.post("/mcp", {**PING, "params": {"x": "y" * 200}}).status_code == 413
