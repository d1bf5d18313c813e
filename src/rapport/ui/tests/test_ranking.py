"""How commands are ranked for what was typed: the palette's own file, run by the Node.js that builds the front end."""

import json
import subprocess

import pytest

from tools import frontend

FILE = frontend.ROOT / frontend.SOURCES / "ts/palette/rank.ts"


def run(expression: str) -> object:
    """Evaluate an expression over what the file exports."""
    program = f"import {{fold, rest, score, slipped}} from '{FILE.as_uri()}'; console.log(JSON.stringify({expression}))"
    command = [frontend.node(), "--experimental-strip-types", "--no-warnings", "--input-type=module", "-e", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def scores() -> dict[str, int]:
    """Several at once: starting Node.js takes longer than ranking."""
    asked = {
        "same": ("deals", "Deals", ""),
        "begins": ("dea", "Deals", ""),
        "words": ("deal new", "New deal", ""),
        "known as": ("phone", "Log call with", "phone call"),
        "initials": ("nd", "New deal", ""),
        "slip": ("shrotcuts", "Keyboard shortcuts", ""),
        "accents": ("telefonica", "Telefónica", ""),
        "inside": ("eal", "New deal", ""),
        "nothing": ("zebra", "New deal", ""),
        "blank": (" ", "New deal", ""),
    }
    found = run(f"Object.fromEntries(Object.entries({json.dumps(asked)}).map(([k, v]) => [k, score(...v)]))")
    assert isinstance(found, dict)
    return found


def test_better_fits_come_first(scores: dict[str, int]) -> None:
    order = ["same", "begins", "words", "known as", "initials", "slip"]
    assert sorted(order, key=lambda name: -scores[name]) == order
    assert scores["slip"] > 0


def test_case_and_accents_do_not_matter(scores: dict[str, int]) -> None:
    assert scores["accents"] == 100


def test_what_does_not_fit_is_not_offered(scores: dict[str, int]) -> None:
    assert [scores[name] for name in ("inside", "nothing", "blank")] == [0, 0, 0]


def test_what_follows_a_commands_words() -> None:
    found = run(
        "[rest('call ernst', 'Log call with', 'phone call'), rest('log call with Ernst Händel', 'Log call with'),"
        " rest('call', 'Log call with', 'call'), rest('ernst', 'Log call with', 'call'),"
        " rest('new deal Öl', 'New deal')]"
    )
    assert found == ["ernst", "Ernst Händel", None, None, "Öl"]
