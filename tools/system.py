"""Debian packages that the tests need: installed when root, named otherwise."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


def missing() -> Iterator[str]:
    """Yield the packages that are not there."""
    if not any(importlib.util.find_spec(module) for module in ("ensurepip", "pip", "virtualenv")):
        yield "python3-venv"
    if not shutil.which("chromium"):
        yield from ("chromium", "fonts-liberation")
    if not shutil.which("initdb") and not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        yield "postgresql"
    if not shutil.which("xmlsec1"):
        yield "xmlsec1"


def main() -> None:
    """Run from the command line."""
    packages = list(missing())
    if not packages:
        return
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    if not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        sys.exit(f"The tests need these Debian packages; as root:  {' '.join(command)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"system: installing {', '.join(packages)}", file=sys.stderr, flush=True)
    for each in (["apt-get", "update", "--quiet"], command):
        done = subprocess.run(each, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            sys.exit(f"{done.stdout[-4000:]}\n`{' '.join(each)}` failed; the tests need {', '.join(packages)}")


if __name__ == "__main__":
    main()
