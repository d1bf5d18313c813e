"""A real server is killed while programs write to it, a file is imported and a list is changed as a whole.

Everything it has acknowledged is there, all of it adds up, and what was interrupted is carried to its end.

Two rounds here; ``make chaos`` does 20.
"""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.installation import Installation, Person

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "2"))
WRITERS, SECONDS = 8, 3.0
ROWS, FIRST = 20_000, 1_500
INDUSTRIES = ("retail", "farming")


class Writer(threading.Thread):
    """A program that makes a deal and renames the one before, as fast as it is answered."""

    def __init__(self, place: Installation, token: str, name: str) -> None:
        super().__init__()
        self.place, self.token, self.label = place, token, name
        self.stop = threading.Event()
        self.acknowledged: dict[str, str] = {}
        self.open: dict[str, str] = {}  # asked for and not answered: either name is right
        self.odd: list[tuple[int, bytes]] = []

    def run(self) -> None:
        serial = 0
        try:
            while not self.stop.is_set():
                serial += 1
                self._make(f"{self.label} {serial}")
        except OSError:
            return  # killed

    def _make(self, name: str) -> None:
        status, body = self.place.ask("POST", "/api/v1/deals", {"name": name, "amount": "1.10"}, self.token)
        if status != 201:
            self.odd += [(status, body)] if status != 503 else []
            return
        key = json.loads(body)["id"]
        self.acknowledged[key] = name
        self.open[key] = f"{name} renamed"
        status, body = self.place.ask("PATCH", f"/api/v1/deals/{key}", {"name": self.open[key]}, self.token)
        if status == 200:
            self.acknowledged[key] = self.open[key]
        elif status != 503:
            self.odd.append((status, body))
        del self.open[key]


def firms(path: Path, count: int) -> Path:
    """A file of that many organisations."""
    rows = (f"Firm {n},p{n}@example.com,{n}" for n in range(count))
    path.write_text("\n".join(["name,email,external_id", *rows]))
    return path


def all_of(place: Installation, token: str, plural: str, fields: str) -> dict[str, dict[str, str]]:
    """Every record, page by page."""
    held: dict[str, dict[str, str]] = {}
    after = ""
    while True:
        status, body = place.ask("GET", f"/api/v1/{plural}?fields={fields}&limit=1000{after}", token=token)
        assert status == 200, body
        page = json.loads(body)
        held |= {item["id"]: item for item in page["items"]}
        if not page["next"]:
            return held
        after = f"&after={page['next']}"


def ended(person: Person, run: str) -> None:
    """Wait for a deed on a whole list, which goes on where it was killed."""
    deadline = time.monotonic() + 120 + 15 * ROUNDS  # those of earlier rounds come before it
    while "At work" in person.get(run):
        assert time.monotonic() < deadline, "the deed does not come to its end"
        time.sleep(0.3)


@pytest.mark.timeout(300 + 60 * ROUNDS)
@pytest.mark.chaos
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    place = Installation(tmp_path / "data")
    place.command("user", "add", "a@example.com", "--role", "admin", "--password-stdin", given="a quiet river\n")
    token = place.command("token", "add", "chaos", "--user", "a@example.com")
    place.command("import", "party", str(firms(tmp_path / "first.csv", FIRST)))
    file = firms(tmp_path / "firms.csv", ROWS)
    upsert = ("import", "party", str(file), "--match", "external_id", "--on-match", "skip")
    acknowledged: dict[str, set[str]] = {}
    for round_ in range(ROUNDS):
        place.start()
        person = Person(place, "a@example.com", "a quiet river")
        deed = {"all": "1", "asked": "1", "do": "set:industry", "industry": INDUSTRIES[round_ % 2]}
        run = person.post("/parties?view=organisations", "/parties/bulk?view=organisations", **deed)
        bringing = place.begin(*upsert)
        writers = [Writer(place, token, f"R{round_} W{n}") for n in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(SECONDS)
        place.end(signal.SIGKILL)
        bringing.kill()
        bringing.wait(20)
        for writer in writers:
            writer.stop.set()
        for writer in writers:
            writer.join(20)
            assert writer.odd == []
            acknowledged |= {
                key: {name, writer.open.get(key, name)} for key, name in writer.acknowledged.items()
            }  # fmt: skip
        assert place.command("check", "--deep") == "all is well"
    place.start()
    try:
        ended(Person(place, "a@example.com", "a quiet river"), run)
        place.command(*upsert)
        deals = all_of(place, token, "deals", "name")
        brought = all_of(place, token, "parties", "external_id,industry")
    finally:
        place.end(signal.SIGTERM)
    assert place.command("check", "--deep") == "all is well"
    assert len(acknowledged) > 20 * ROUNDS
    assert [key for key, names in acknowledged.items() if key not in deals or deals[key]["name"] not in names] == []
    assert sorted(int(each["external_id"]) for each in brought.values()) == list(range(ROWS)), "each row once"
    changed = [each for each in brought.values() if int(each["external_id"]) < FIRST]
    assert {each["industry"] for each in changed} == {INDUSTRIES[(ROUNDS - 1) % 2]}
