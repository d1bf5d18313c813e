"""The protocol's own client works with ours: over HTTP and stdio, in both ways of speaking."""

import subprocess
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import httpx2
import psycopg
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from tests import serving

MODES = ["auto", "legacy"]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of an installation with one user, and his token in it."""
    env = serving.environment(tmp_path_factory.mktemp("assistants"))
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres")
        with psycopg.connect(address, autocommit=True) as server:
            server.execute("CREATE DATABASE assistants")
        env["RAPPORT_DATABASE_URL"] = address.rsplit("/", 1)[0] + "/assistants"
    add = ["user", "add", "ada@example.com", "--role", "admin", "--name", "Ada Admin", "--password-stdin"]
    rapport(env, *add, given="a quiet river")
    return {**env, "RAPPORT_TOKEN": rapport(env, "token", "add", "assistant", "--user", "ada@example.com").strip()}


def rapport(env: dict[str, str], *words: str, given: str = "") -> str:
    done = subprocess.run([serving.COMMAND, *words], env=env, input=given, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def served(installed: dict[str, str]) -> Iterator[str]:
    with serving.serving(installed, "--workers", "1") as address:
        yield f"{address}/mcp"


async def a_day(client: Client) -> dict[str, Any]:
    """What an assistant does: looks around, writes, finds it again, is told off, takes it back."""
    assert "Ada Admin" in (client.instructions or "")
    tools = {tool.name for tool in (await client.list_tools()).tools}
    assert {"search", "create", "undo"} <= tools
    made = await call(client, "create", entity="parties", values={"name": "Ōtsuka Pumps", "email": "hi@otsuka.example"})
    found = await call(client, "search", q="otsuka")
    assert made["id"] in [hit["id"] for hit in found["items"]]
    wrong = await client.call_tool("find", {"entity": "parties", "filter": {"field": "nmae", "value": "x"}})
    assert wrong.is_error
    assert "Did you mean “name”?" in wrong.content[0].text  # type: ignore[union-attr]
    for tool, more in (("describe", {}), ("get", {"id": made["id"]}), ("timeline", {"id": made["id"]})):
        await call(client, tool, entity="parties", **more)
    return await call(client, "undo", operation=made["operation"])


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    found = await client.call_tool(tool, arguments)
    assert not found.is_error, found.content
    return dict(found.structured_content or {})


def carried_out(speak: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """In a thread of its own: browser tests leave a loop running in theirs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, speak).result()


@pytest.mark.parametrize("mode", MODES)
def test_over_http(served: str, installed: dict[str, str], mode: str) -> None:
    async def speak() -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {installed['RAPPORT_TOKEN']}"}
        web = httpx2.AsyncClient(headers=headers)
        async with web, Client(streamable_http_client(served, http_client=web), mode=mode) as client:
            assert client.protocol_version == ("2026-07-28" if mode == "auto" else "2025-11-25")
            return await a_day(client)

    assert carried_out(speak)["reverted"] == 1


@pytest.mark.parametrize("mode", MODES)
def test_over_stdio(installed: dict[str, str], mode: str) -> None:
    server = StdioServerParameters(command=str(serving.COMMAND), args=["mcp"], env=installed)

    async def speak() -> dict[str, Any]:
        async with Client(stdio_client(server), mode=mode) as client:
            return await a_day(client)

    assert carried_out(speak)["reverted"] == 1


def test_a_token_may_come_as_the_first_line(installed: dict[str, str]) -> None:
    env = {name: value for name, value in installed.items() if name != "RAPPORT_TOKEN"}
    ping = '{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n'
    told = rapport(env, "mcp", "--token-stdin", given=f"{installed['RAPPORT_TOKEN']}\n{ping}nonsense\n")
    assert told.splitlines()[0] == '{"jsonrpc":"2.0","id":1,"result":{}}'
    assert '"code":-32700' in told.splitlines()[1]


def test_a_wrong_token_is_told_at_once(installed: dict[str, str]) -> None:
    env = {**installed, "RAPPORT_TOKEN": "rap_wrong"}
    done = subprocess.run([serving.COMMAND, "mcp"], env=env, input="", capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "rapport token add" in done.stderr


def test_a_revoked_token_ends_what_goes_on(installed: dict[str, str], tmp_path: Path) -> None:
    secret = rapport(installed, "token", "add", "brief", "--user", "ada@example.com").strip()
    env, ping = {**installed, "RAPPORT_TOKEN": secret}, '{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n'
    with subprocess.Popen(
        [serving.COMMAND, "mcp"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as at:
        assert at.stdin is not None
        assert at.stdout is not None
        print(ping, file=at.stdin, flush=True, end="")
        assert '"result"' in at.stdout.readline()
        tokens = rapport(installed, "token", "list", "--user", "ada@example.com").splitlines()
        number = next(line for line in tokens if '"brief"' in line).partition('"number":')[2].partition(",")[0]
        rapport(installed, "token", "revoke", number, "--user", "ada@example.com")
        print(ping, file=at.stdin, flush=True, end="")
        assert "not valid any more" in at.stdout.readline()
        at.stdin.close()
