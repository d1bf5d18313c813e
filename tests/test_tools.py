"""The programs behind the make targets."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tools import check_hosts, check_licences, frontend


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "AGPLv3", "GNU General Public License v2 (GPLv2)"])
def test_strong_copyleft_is_refused(licence: str) -> None:
    assert check_licences.FORBIDDEN.search(licence)


@pytest.mark.parametrize(
    "licence",
    ["LGPL-3.0-only", "GNU Lesser General Public License v3 (LGPLv3)", "MIT", "Apache-2.0", "BSD-3-Clause"],
)
def test_other_licences_are_fine(licence: str) -> None:
    assert not check_licences.FORBIDDEN.search(licence)


def test_the_locks_name_only_licences_we_may_use() -> None:
    found = dict([*check_licences.python_packages(), *check_licences.scripts()])
    assert "Apache" in found["uuid-utils"] or "BSD" in found["uuid-utils"]
    assert found["htmx.org"] == "0BSD" or "BSD" in found["htmx.org"]


def test_a_registry_host_is_found_in_any_case() -> None:
    assert check_hosts.PATTERN.search("--index-url https://" + "PyPI" + ".org/simple")
    assert not check_hosts.PATTERN.search("pip install django")


def test_the_front_end_is_stale_once_a_source_changes(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("node_modules")
    shutil.copytree(frontend.ROOT / frontend.SOURCES, tmp_path / frontend.SOURCES, ignore=ignored)
    before = frontend.fingerprint(tmp_path)
    assert before == frontend.fingerprint(frontend.ROOT)
    (tmp_path / frontend.SOURCES / "css" / "new.css").write_text("a{}")
    assert frontend.fingerprint(tmp_path) != before


def test_what_is_built_belongs_to_the_sources_and_stays_small() -> None:
    assert frontend.is_fresh(), "run `make setup`"
    built = frontend.ROOT / frontend.OUTPUT
    assert {"rapport.js", "rapport.css", "icons.svg", "licences.txt"} <= {path.name for path in built.iterdir()}


def test_a_second_setup_takes_a_blink() -> None:
    started = time.perf_counter()
    done = subprocess.run(["make", "setup"], cwd=frontend.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout + done.stderr == ""
    assert time.perf_counter() - started < 3  # 0.1 s alone; other tests run beside it
