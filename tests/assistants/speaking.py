"""An assistant that speaks to ``/mcp`` in this process, as the newest revision of the protocol has it."""

from typing import Any

import orjson

from tests.people import Api

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


class Assistant:
    """``Assistant(api(user)).call("find", entity="deals")``: the structured answer, which must be no error."""

    def __init__(self, client: Api) -> None:
        self.client = client

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of one request."""
        headers = {"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": method}
        if method == "tools/call":
            headers["Mcp-Name"] = params["name"]
        body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": {**params, "_meta": META}}
        answer = self.client.post("/mcp", body, headers=headers)
        assert answer.status_code == 200, answer.content
        told = answer.json()
        assert (told["jsonrpc"], told["id"]) == ("2.0", 7)
        return dict(told["result"])

    def asked(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What came of calling a tool, errors included."""
        return self.send("tools/call", name=tool, arguments=arguments)

    def call(self, tool: str, **arguments: Any) -> Any:
        """The structured answer; its text says the same."""
        found = self.asked(tool, **arguments)
        assert not found.get("isError"), found["content"][0]["text"]
        assert orjson.loads(found["content"][0]["text"]) == found["structuredContent"]
        return found["structuredContent"]

    def refused(self, tool: str, **arguments: Any) -> str:
        """Why it was not done."""
        found = self.asked(tool, **arguments)
        assert found.get("isError"), found
        assert "structuredContent" not in found
        return str(found["content"][0]["text"])

    def tools(self) -> dict[str, dict[str, Any]]:
        """The tools that are offered, by name."""
        return {tool["name"]: tool for tool in self.send("tools/list")["tools"]}
