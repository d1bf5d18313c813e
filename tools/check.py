"""Run every quick check, side by side, and show what each of them found.

Besides the tools listed here, every `tools/check_*.py` is run: it prints what is wrong and exits 1.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.frontend import ROOT

PYTHON = Path(sys.executable)
TOOLS: dict[str, list[object]] = {
    "format": [PYTHON, "-m", "ruff", "format", "--check", "--quiet", "--output-format=concise", "."],
    "lint": [PYTHON, "-m", "ruff", "check", "--quiet", "--output-format=concise", "."],
    "types": [PYTHON, "-m", "mypy"],
    "types of scripts": [PYTHON, "-m", "tools.frontend", "--types"],
    "floors": [PYTHON.with_name("lint-imports"), "--cache-dir=.cache/imports"],
}


def main() -> None:
    """Run from the command line."""
    checks = dict(TOOLS)
    for program in sorted(Path(ROOT, "tools").glob("check_*.py")):
        checks[program.stem.removeprefix("check_")] = [PYTHON, "-m", f"tools.{program.stem}"]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        results = list(pool.map(run, checks, checks.values()))
    failed = [name for name, fine in zip(checks, results, strict=True) if not fine]
    if failed:
        sys.exit(f"check: failed: {', '.join(failed)}")


def run(name: str, command: list[object]) -> bool:
    """Run one check; print its words only when it fails."""
    started = time.perf_counter()
    arguments = [str(part) for part in command]
    done = subprocess.run(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seconds = time.perf_counter() - started
    verdict = "ok" if done.returncode == 0 else "FAILED"
    words = f"\n{done.stdout.rstrip()}" if done.returncode else ""
    print(f"check: {name:<18} {verdict:<6} {seconds:5.1f} s{words}", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    main()
