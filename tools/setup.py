"""Prepare `.venv`: packages from the hash-pinned lock, the built front end, the program itself.

`python3 -m tools.setup [--tests]`; what is already in place is skipped, so a second run takes a blink.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools import frontend

ROOT = frontend.ROOT
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "rapport-setup.json"
LOCKS = {"runtime": ROOT / "requirements.lock", "tests": ROOT / "requirements-test.lock"}
NO_VENV = """\
This Python has neither ensurepip (which its venv needs) nor pip nor virtualenv to do without.
On Debian or Ubuntu:  apt-get install python3-venv
Then run the same command again."""


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="also install what checks and tests need")
    options = parser.parse_args()
    if sys.version_info < (3, 11):  # noqa: UP036 - said in words instead of by a traceback
        sys.exit(f"Rapport needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
    started = time.perf_counter()
    level = "tests" if options.tests else "runtime"
    if any([make_environment(), install(level), install_program(), build(level)]):
        say(f"ready after {time.perf_counter() - started:.0f} s")


def make_environment() -> bool:
    """Create `.venv` with whatever this Python offers for it."""
    if PYTHON.exists() and STAMP.exists():
        return False
    say("creating .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    if has("ensurepip"):
        run(sys.executable, "-m", "venv", VENV)
    elif has("pip"):
        run(sys.executable, "-m", "venv", "--without-pip", VENV)
    elif has("virtualenv"):
        run(sys.executable, "-m", "virtualenv", "--quiet", VENV)
    else:
        sys.exit(NO_VENV)
    remember({})
    return True


def install(level: str) -> bool:
    """Install the packages of one lock file; hashes are required."""
    lock = LOCKS[level]
    wanted = digest(lock)
    if remembered().get(level) == wanted:
        return False
    say(f"installing the packages of {lock.name}")
    pip("install", "--require-hashes", "--requirement", lock)
    remember({level: wanted})
    if level == "tests":  # holds everything of the run-time lock, in the same versions
        remember({"runtime": digest(LOCKS["runtime"])})
    return True


def install_program() -> bool:
    """Install the program itself, editable, so that code and templates are live."""
    wanted = digest(ROOT / "pyproject.toml")
    if remembered().get("program") == wanted:
        return False
    pip("install", "--no-deps", "--no-index", "--no-build-isolation", "--editable", ROOT)
    remember({"program": wanted})
    return True


def build(level: str) -> bool:
    """Build the front end with the environment's own Node.js."""
    lacking = level == "tests" and not frontend.is_installed(tests=True)
    if lacking:
        run(PYTHON, "-m", "tools.frontend", "--tests")
    if frontend.is_fresh():
        return lacking
    say("building the front end")
    run(PYTHON, "-m", "tools.frontend")
    return True


def pip(command: str, *arguments: object) -> None:
    """Run pip for the environment: its own, else that of the Python that runs this."""
    own = [PYTHON, "-m", "pip"] if next(VENV.glob("lib*/**/site-packages/pip"), None) else None
    program = own or [sys.executable, "-m", "pip", "--python", PYTHON]
    run(*program, command, "-qq", "--disable-pip-version-check", *arguments)


def run(*command: object) -> None:
    """Run a command in the project's folder and stop with its exit code when it fails."""
    # The front end has its own step here, so the build hook need not make it.
    settings = {"PIP_ROOT_USER_ACTION": "ignore", "PYTHONPATH": str(ROOT), "RAPPORT_SKIP_FRONT_END": "1"}
    environment = os.environ | settings
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=environment)
    if done.returncode:
        sys.exit(done.returncode)


def remembered() -> dict[str, str]:
    """Return what is installed already."""
    return json.loads(STAMP.read_text()) if STAMP.exists() else {}


def remember(news: dict[str, str]) -> None:
    """Write down what has been installed."""
    STAMP.write_text(json.dumps(remembered() | news, indent=1))


def digest(file: Path) -> str:
    """Return the hash of a file's content."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def has(module: str) -> bool:
    """Tell whether this Python has a module."""
    return importlib.util.find_spec(module) is not None


def say(text: str) -> None:
    """Tell the person what happens; stdout stays free for results."""
    print(f"setup: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
