"""Lists filtered by fields that the organisation made itself, a value of each beside every party."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import psycopg

from bench.place import Place
from bench.registry import Bench, Result, row
from bench.rows.pages import WHO, _pages

LOTS, GRADES = 100_000, ("Gold", "Silver", "Bronze", "Tin")
FIELDS = (
    {"entity": "party", "name": "Bench lot", "kind": "number"},
    {"entity": "party", "name": "Bench grade", "kind": "choice", "options": "\n".join(GRADES)},
)
ASKED = {
    "a rare value": {"field": "custom.bench_lot", "op": "eq", "value": 51_400},
    "one in four": {"field": "custom.bench_grade", "op": "eq", "value": GRADES[0]},
    "a range of 2 %": {"field": "custom.bench_lot", "op": "between", "value": [40_000, 42_000]},
}


@row("page-custom")
def lists(bench: Bench) -> Iterator[Result]:
    """The list of people by values of own fields, which it shows."""
    wire = bench.server.wire()
    marks = []
    for made in FIELDS:
        answer = wire.send(bench.api("admin", "custom-fields", method="POST", body=json.dumps(made).encode()))
        marks.append(json.loads(answer.body)["id"])
    wire.close()  # it would be hung up on meanwhile
    _fill(bench.place, marks)
    wire = bench.server.wire()
    for what, tree in ASKED.items():
        found = wire.must(bench.api("admin", f"parties?filter={quote(json.dumps(tree))}")).body
        assert json.loads(found)["items"], f"nothing has {what}"
        path = f"/parties?view=people&sort=name&filter={quote(json.dumps(tree))}"
        path += "&columns=name,company,email,phone,address.city,custom.bench_lot,custom.bench_grade,owner"
        yield from _pages(bench, "page-custom", f"people by {what} of an own field", dict.fromkeys(WHO, path))
    wire.close()


def _fill(place: Place, fields: list[str]) -> None:
    """A value of both fields for every party, in the record and where filters look, as the write path leaves them."""
    sqlite = place.engine == "sqlite"
    door: Any = sqlite3.connect(place.database) if sqlite else psycopg.connect(place.url)
    lot, grade = (
        door.execute(f"SELECT mark FROM custom_field WHERE id = {'?' if sqlite else '%s'}",
                     (bytes.fromhex(key) if sqlite else key,)).fetchone()[0]
        for key in fields
    )  # fmt: skip
    word = "CASE n % 4 " + " ".join(f"WHEN {at} THEN '{name}'" for at, name in enumerate(GRADES)) + " END"
    values = f"json_set(custom, '$.bench_lot', n, '$.bench_grade', {word})"
    if not sqlite:
        values = f"custom || jsonb_build_object('bench_lot', n, 'bench_grade', {word})"
    for statement in (
        f"CREATE TEMP TABLE made AS SELECT id, row_number() OVER (ORDER BY id) * 7919 % {LOTS} AS n FROM party",
        "CREATE UNIQUE INDEX made_once ON made (id)",
        f"UPDATE party SET custom = {values} FROM made WHERE made.id = party.id",
        f"INSERT INTO custom_value (field, record, number) SELECT {lot}, id, n FROM made",
        f"INSERT INTO custom_value (field, record, text) SELECT {grade}, id, {word} FROM made",
    ):
        door.execute(statement)
    door.commit()
    door.execute("ANALYZE custom_value")
    door.commit()
    door.close()
