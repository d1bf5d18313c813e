"""docs/assistants.md is true: each call in it is made, each answer compared, the table drawn from the code."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import registry, write
from rapport.records.assistants.calling import TOOLS
from tests.assistants.speaking import Assistant
from tests.people import Api
from tests.test_docs import ID, Reader

DOC = Path(__file__).resolve().parents[2] / "docs" / "assistants.md"
STEP = re.compile(r"\n`(\w+)`\n\n```json\n(.*?)```\n\n(answers|fails)\n\n```(?:json|text)\n(.*?)```", re.DOTALL)


def test_the_exchange_goes_as_it_is_told(admin: User, api: Callable[..., Api]) -> None:
    with as_system("tests"):
        write.create(registry.get("party"), {"name": "Acme Ltd", "email": "info@acme.example"})
    ada, reader, steps = Assistant(api(admin)), Reader(api(admin)), STEP.findall(DOC.read_text())
    assert len(steps) == DOC.read_text().count("```json") / 2 + 0.5 == 7
    for tool, asked, outcome, told in steps:
        arguments = json.loads(ID.sub(lambda found: reader.real.get(found[0], found[0]), asked))
        if outcome == "fails":
            assert ada.refused(tool, **arguments).startswith(told.strip())
        else:
            reader.compare(json.loads(told), ada.call(tool, **arguments), tool)


def test_the_table_of_tools_is_that_of_the_code() -> None:
    lines = [f"| `{tool.name}` | {tool.title} | {_effect(tool.name)} |" for tool in TOOLS.values()]
    table = re.search(r"<!-- tools -->\n(.*?)\n<!-- end -->", DOC.read_text(), re.DOTALL)
    assert table is not None
    assert table[1].splitlines() == lines


def _effect(name: str) -> str:
    tool = TOOLS[name]
    return "reads" if not tool.needs else "writes, may overwrite" if tool.destroys else "writes"
