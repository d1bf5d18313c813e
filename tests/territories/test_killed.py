"""A real process that sorts all records is killed; another goes on where it was: each is moved once, none is left."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

RECORDS = 100
MAKE = f"""
import django; django.setup()
from rapport.config.prepare import prepare
prepare()
from rapport.platform.actor import as_system
from rapport.records import registry, write
with as_system("test"):
    for n in range({RECORDS}):
        key = write.create(registry.get("party"), {{"name": f"Firm {{n}}", "address.country": "DE"}}).id
        if n % 10 == 0:
            write.create(registry.get("deal"), {{"name": f"Deal {{n}}", "party": key}})
    tree = {{"field": "address.country", "op": "eq", "value": "DE"}}
    write.create(registry.get("territory"), {{"name": "Germany", "rule": tree}})
"""
EXPIRE = """
import django, json; django.setup()
from rapport.platform import db
db.execute("UPDATE job SET lease_until = '2000-01-01' WHERE status = 'running'")
"""
LOOK = """
import django, json; django.setup()
from rapport.config import readiness
from rapport.platform import db
one = lambda sql: db.one(sql)[0]
print(json.dumps([one("SELECT count(*) FROM party WHERE territory_id IS NOT NULL"),
                  one("SELECT count(*) FROM deal WHERE territory_id IS NOT NULL"),
                  one("SELECT max(version) FROM party"),
                  one("SELECT count(DISTINCT operation) FROM change WHERE source = 'territory'"),
                  [str(each) for each in readiness.deep()]]))
"""


def python(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], env=env, capture_output=True, text=True, timeout=120)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAPPORT_", "PYTEST"))}
    root = str(Path(__file__).resolve().parents[2])
    return {
        **kept, "RAPPORT_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "rapport.config.settings",
        "PYTHONPATH": os.pathsep.join([root, *filter(None, sys.path)]),
    }  # fmt: skip


def test_what_a_killed_worker_left_another_finishes(env: dict[str, str]) -> None:
    made = python(env, "-c", MAKE)
    assert made.returncode == 0, made.stderr
    for after in (2, 3):
        died = python(env, "-m", "tests.territories.killed", str(after))
        assert died.returncode == -signal.SIGKILL, died.stderr
        between = json.loads(python(env, "-c", LOOK).stdout)
        assert 0 < between[0] < RECORDS
        assert python(env, "-c", EXPIRE).returncode == 0
    done = python(env, "-m", "tests.territories.killed")
    assert done.returncode == 0, done.stderr
    assert json.loads(python(env, "-c", LOOK).stdout)[:3] == [RECORDS, RECORDS // 10, 2]
