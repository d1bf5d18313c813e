"""Where data sets are kept, and the fresh copy that one run works on."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench import postgres

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("RAPPORT_BENCH_CACHE") or Path.home() / ".cache/rapport-bench")
SOURCES = ("generate.py", "rowmaking.py", "taskmaking.py", "follow.py", "load.py", "staff.py", "words.py")


@dataclass(slots=True)
class Place:
    """An installation to measure: its folder, its database, how large it is."""

    engine: str
    scale: float
    folder: Path
    url: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    database_pid: int = 0

    @property
    def database(self) -> Path:
        """The embedded database."""
        return self.folder / "rapport.sqlite3"


def mark(scale: float) -> str:
    """What a data set depends on: migrations, generator, scale, month."""
    found = hashlib.sha256(f"{scale} {datetime.now(UTC):%Y-%m}".encode())
    for path in sorted(ROOT.glob("src/rapport/**/migrations/0*.py")):
        found.update(path.read_bytes())
    for name in SOURCES:
        found.update((ROOT / "bench" / name).read_bytes())
    return found.hexdigest()[:12]


def environment(folder: Path, url: str = "") -> dict[str, str]:
    """The environment of a child: this tree's sources, this installation's data."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAPPORT_", "DJANGO_"))}
    kept |= {"RAPPORT_DATA": str(folder), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    # Limits are counted as ever, but a measurement is meant to ask without pause.
    kept |= {"RAPPORT_API_RATE_TOKEN": "100000000", "RAPPORT_API_RATE_USER": "100000000"}
    if url:
        kept["RAPPORT_DATABASE_URL"] = url
    return kept


def python(arguments: list[str], env: dict[str, str], **more: object) -> subprocess.CompletedProcess[str]:
    """Run Python in the environment of an installation; raises when it fails."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=env, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE, **more)  # type: ignore[call-overload, no-any-return]


@contextmanager
def sqlite(scale: float) -> Iterator[Place]:
    """A copy of the embedded data set, made first when it is not in the cache."""
    kept = CACHE / f"sqlite-{scale:g}-{mark(scale)}"
    if not (kept / "done").exists():
        _forget("sqlite", scale)
        kept.mkdir(parents=True)
        python(["-m", "bench.generate", "--scale", str(scale)], environment(kept))
        (kept / "done").touch()
    folder = Path(tempfile.mkdtemp(prefix="rapport-bench-", dir=CACHE))
    try:
        for name in ("rapport.sqlite3", "secret"):
            shutil.copy(kept / name, folder / name)
        yield Place("sqlite", scale, folder, "", environment(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql(scale: float) -> Iterator[Place]:
    """A copy of the data set in PostgreSQL, made first when it is not in the cache."""
    # PostgreSQL does not run as root and cannot look into root's home.
    hidden = os.geteuid() == 0 and "RAPPORT_BENCH_CACHE" not in os.environ
    kept = (Path("/var/tmp/rapport-bench") if hidden else CACHE) / f"postgresql-{scale:g}-{mark(scale)}"
    if not (kept / "done").exists():
        for old in kept.parent.glob(f"postgresql-{scale:g}-*"):
            postgres.drop_folder(old)
    with postgres.server(kept) as address, tempfile.TemporaryDirectory(prefix="rapport-bench-") as name:
        folder = Path(name)
        if not (kept / "done").exists():
            url = postgres.create(address, "kept")
            python(["-m", "bench.generate", "--scale", str(scale)], environment(folder, url))
            (kept / "done").touch()
        url = postgres.copy(address, "kept", "measured")
        watcher = int((kept / "data/postmaster.pid").read_text().split()[0])
        yield Place("postgresql", scale, folder, url, environment(folder, url), watcher)


def _forget(engine: str, scale: float) -> None:
    for old in CACHE.glob(f"{engine}-{scale:g}-*"):
        shutil.rmtree(old, ignore_errors=True)


ENGINES = {"sqlite": sqlite, "postgresql": postgresql}
