"""Pin every package, with hashes, for every platform: writes requirements*.lock and package-lock.json.

`make lock` after changing dependencies; `make lock UPGRADE=1` takes the newest versions that fit.
"""

import argparse
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tools import frontend

ROOT = frontend.ROOT
HEADER = """\
# Exact versions with hashes, for every platform. Written by `make lock` from pyproject.toml; do not edit.
"""
OPTIONS = "--quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url".split()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")
    more = ["--upgrade"] if parser.parse_args().upgrade else []
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        run(f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "uv")
        compiler = f"{folder}/bin/uv"
        pin(compiler, "requirements.lock", "--extra", "build", *more)
        pin(compiler, "requirements-test.lock", "--all-extras", "--constraint", "requirements.lock", *more)
    frontend.lock()


def pin(compiler: str, lock: str, *arguments: str) -> None:
    """Write one lock file; versions already pinned are kept unless they no longer fit."""
    run(
        compiler,
        "pip",
        "compile",
        "pyproject.toml",
        *OPTIONS,
        "--no-header",
        "--no-annotate",
        *arguments,
        "--output-file",
        lock,
    )
    file = ROOT / lock
    file.write_text(HEADER + file.read_text().removeprefix(HEADER))


def run(*command: str | Path) -> None:
    """Run a command in the project's folder and stop with its exit code when it fails."""
    done = subprocess.run(command, cwd=ROOT)
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
