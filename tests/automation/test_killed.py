"""A real process is killed between two steps; another goes on: no deed is missing and none is done twice."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

MAKE = """
import django; django.setup()
from rapport.config.prepare import prepare
prepare()
from rapport.platform.actor import as_system
from rapport.records import registry, write
steps = [{"do": "create", "entity": "task", "set": {"title": str(n)}} for n in range(4)]
with as_system("test"):
    admin = write.create(registry.get("user"), {"name": "Ada"})
    write.create(registry.get("automation"), {"name": "Rule", "entity": "deal", "all_rights": True, "is_active": True,
        "trigger": {"on": "created"}, "steps": {"version": 1, "steps": steps}})
    for n in range(3):
        write.create(registry.get("deal"), {"name": f"Deal {n}"})
"""
LOOK = """
import django, json; django.setup()
from rapport.platform import db
print(json.dumps([db.rows("SELECT title, count(*) FROM task GROUP BY title ORDER BY title"),
                  db.rows("SELECT status, count(*) FROM automation_run GROUP BY status")]))
"""


def python(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], env=env, capture_output=True, text=True, timeout=60)


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
    for at in (0, 1, 2, 3):
        died = python(env, "-m", "tests.automation.killed", str(at))
        assert died.returncode == -signal.SIGKILL, died.stderr
    done = python(env, "-m", "tests.automation.killed")
    assert done.returncode == 0, done.stderr
    tasks, runs = json.loads(python(env, "-c", LOOK).stdout)
    assert tasks == [[str(n), 3] for n in range(4)]
    assert runs == [["done", 3]]
