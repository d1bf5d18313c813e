"""Run the same tests on PostgreSQL: `python -m tests.on_postgres [pytest's arguments]`."""

import os
import subprocess
import sys

from tests.postgres import server


def main() -> int:
    """Start a throw-away server, let pytest run against it, return pytest's exit code."""
    with server() as address:
        environment = {**os.environ, "RAPPORT_DATABASE_URL": address}
        return subprocess.run([sys.executable, "-m", "pytest", *sys.argv[1:]], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
