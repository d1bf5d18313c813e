"""The made-up data keeps the engine's own invariants."""

import sqlite3
from pathlib import Path

import pytest

from bench.place import environment, python

CHECK = "from rapport.config.cli import main; main(['check', '--deep'])"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of scale 0.01."""
    made = tmp_path_factory.mktemp("bench")
    python(["-m", "bench.generate", "--scale", "0.01"], environment(made))
    return made


def test_the_deep_check_is_clean(folder: Path) -> None:
    found = python(["-c", CHECK], environment(folder))
    assert found.stdout.strip() == "all is well"


def test_sizes_and_skew(folder: Path) -> None:
    with sqlite3.connect(folder / "rapport.sqlite3") as door:

        def one(sql: str) -> int:
            return int(door.execute(sql).fetchone()[0])

        assert (one("SELECT count(*) FROM party"), one("SELECT count(*) FROM interaction")) == (10_000, 50_000)
        assert one("SELECT count(*) FROM deal") == 5_000
        assert one("SELECT count(*) FROM task") == 20_000
        assert 15_000 < one("SELECT count(*) FROM task WHERE status = 'done'") < 17_000
        assert one("SELECT count(*) FROM task k JOIN deal d ON d.id = k.about_id") > 3_000
        owned = "SELECT count(*) FROM party p JOIN user_account u ON u.id = p.owner_id WHERE u.email = '{}@bench.test'"
        assert one(owned.format("light")) == 30
        assert 800 < one(owned.format("heavy")) < 1200
        assert one("SELECT max(n) FROM (SELECT count(*) AS n FROM interaction GROUP BY party_id)") > 350
        assert one("SELECT count(*) FROM search_text WHERE search_text MATCH 'text:\"anna\"*'") > 20


def test_search_rows_are_those_the_engine_would_write(folder: Path) -> None:
    """Parties' rows as the engine writes them in the same installation equal the stored ones."""
    code = (
        "import django; django.setup(); from rapport.records import registry, searching, rows\n"
        "from rapport.platform import db\n"
        "from rapport.parties.models import Party\n"
        "for party in Party.objects.all()[:300]:\n"
        "    entity, values = registry.get('party'), rows.values_of(party)\n"
        "    scope = searching.tokens_of(entity, party.owner_id, party.team_id)\n"
        "    want = 'party', db.key(party.id), searching.text_of(entity, values), scope\n"
        "    sql = 'SELECT entity, record, text, scope FROM search_entry WHERE record = %s'\n"
        "    held = db.one(sql, (db.key(party.id),))\n"
        "    assert held == want, (held, want)\n"
        "print('same')"
    )
    settings = {**environment(folder), "DJANGO_SETTINGS_MODULE": "rapport.config.settings"}
    assert python(["-c", code], settings).stdout.strip() == "same"
