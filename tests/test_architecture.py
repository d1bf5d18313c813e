"""The laws of the house that import-linter cannot see; each message says what to do instead."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "rapport"
SKIPPED = {"migrations", "node_modules", "__pycache__", "static"}


@dataclass(frozen=True)
class Source:
    """One Python file of the product."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(PACKAGE).as_posix()

    @property
    def module(self) -> str:
        return "rapport." + self.name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def at(self, node: ast.AST) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 1)}"


def is_ours(path: Path) -> bool:
    return not SKIPPED & set(path.relative_to(PACKAGE).parts)


@cache
def sources() -> list[Source]:
    files = sorted(path for path in PACKAGE.rglob("*.py") if is_ours(path))
    return [Source(path) for path in files if "tests" not in path.relative_to(PACKAGE).parts]


@cache
def templates() -> list[Path]:
    return sorted(path for ending in ("jinja", "html") for path in PACKAGE.rglob(f"*.{ending}") if is_ours(path))


def dotted(node: ast.AST) -> str:
    """`a.b.c` for the expression a.b.c, else an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (front := dotted(node.value)):
        return f"{front}.{node.attr}"
    return ""


def imported(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """Every import with the full dotted name it brings in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, f"{node.module or ''}.{alias.name}") for alias in node.names)


def report(found: list[str], instead: str) -> None:
    assert not found, f"{instead}\n  " + "\n  ".join(found)


def test_imports_stand_at_the_top_of_the_file() -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    found = [
        source.at(inner)
        for source in sources()
        for outer in ast.walk(source.tree)
        if isinstance(outer, functions)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    report(found, "Import at the top; a heavy or optional package comes through platform.lazy(name).")


def test_names_say_what_is_inside() -> None:
    vague = re.compile(r"^_?(utils?|helpers?|common|misc)$")
    paths = [path.relative_to(PACKAGE) for path in PACKAGE.rglob("*") if is_ours(path)]
    found = [str(path) for path in paths if any(vague.match(part.split(".")[0]) for part in path.parts)]
    report(found, "Name a file by what it is for, not utils, helpers, common or misc.")


def test_money_is_integer_minor_units() -> None:
    wrong = {"DecimalField", "FloatField"}
    found = [
        source.at(node)
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in wrong
    ]
    report(
        found,
        "Use platform.money's field (integer minor units, a currency); an integer for counts and rates.",
    )


def test_the_database_has_one_door() -> None:
    doors = ("django.db.transaction", "django.db.connection", "django.db.connections")
    found = [
        f"{source.at(node)} imports {name}"
        for source in sources()
        if source.module != "rapport.platform.db"
        for node, name in imported(source.tree)
        if name.startswith(doors)
    ]
    report(found, "Go through rapport.platform.db: it knows which database the organisation lives in.")


def test_no_orm_signals() -> None:
    found = [
        f"{source.at(node)} imports {name}"
        for source in sources()
        for node, name in imported(source.tree)
        if name.startswith(("django.db.models.signals", "django.dispatch"))
    ]
    report(found, "Say it in an action, or listen to the published event in listens.py.")


def test_doors_read_through_a_scope() -> None:
    doors = re.compile(r"(^|/)(views|api|jobs|panels)(/|\.py|_)")
    found = [
        source.at(node)
        for source in sources()
        if doors.search(source.name) and not source.name.startswith("platform/")  # the ground has no scopes
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_base_manager", "_default_manager"}
    ]
    report(found, "Start from the actor's scope (rapport.records), never from Model.objects.")


def naive(node: ast.AST) -> bool:
    """Tell whether this call makes a moment without a time zone."""
    if not isinstance(node, ast.Call):
        return False
    name = dotted(node.func)
    if name.endswith(("datetime.utcnow", "datetime.utcfromtimestamp", "datetime.today")):
        return True
    given = len(node.args) + sum(keyword.arg == "tz" for keyword in node.keywords)
    return (name.endswith("datetime.now") and not given) or (name.endswith("datetime.fromtimestamp") and given < 2)


def test_moments_know_their_time_zone() -> None:
    found = [source.at(node) for source in sources() for node in ast.walk(source.tree) if naive(node)]
    report(found, "Take the time from rapport.platform.clock: moments are in UTC and say so.")


def test_files_stay_short() -> None:
    files = [source.path for source in sources()] + templates()
    lengths = [(path, path.read_text().count("\n")) for path in files]
    found = [f"{path.relative_to(PACKAGE)}: {lines} lines" for path, lines in lengths if lines > 400]
    report(found, "Split the file by what its parts are for: at most 400 lines, 30 to 80 is usual.")


INLINE = {
    r"<[a-z][^>]*\sstyle\s*=": "Put it into a class in ui/frontend/css: the policy refuses inline styles.",
    r"<[a-z][^>]*\son[a-z]+\s*=": "Put it into a custom element: the policy refuses on…= attributes.",
    r"\shx-on\b|\shx-[a-z]+\s*=\s*['\"](js|javascript):": "Use a custom element: this needs unsafe-eval.",
    r"<style\b": "Put it into ui/frontend/css: the policy refuses <style>.",
    r"<script(?![^>]*\ssrc\s*=)": "Put it into ui/frontend/ts: the policy refuses inline scripts.",
}


@pytest.mark.parametrize("pattern", INLINE)
def test_templates_keep_to_the_content_policy(pattern: str) -> None:
    found = []
    for path in templates():
        if "mail" in path.relative_to(PACKAGE).parts:  # mail programs know inline styles only
            continue
        text = path.read_text()
        for match in re.finditer(pattern, text, re.IGNORECASE):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path.relative_to(PACKAGE)}:{line}")
    report(found, INLINE[pattern])


SAMPLES: dict[str, Callable[[], None]] = {
    "def f():\n    import os\n": test_imports_stand_at_the_top_of_the_file,
    "from django.db import models\nx = models.DecimalField()\n": test_money_is_integer_minor_units,
    "from django.db import transaction\n": test_the_database_has_one_door,
    "from django.db.models.signals import post_save\n": test_no_orm_signals,
    "def f(m):\n    return m.objects.all()\n": test_doors_read_through_a_scope,
    "from datetime import datetime\nx = datetime.now()\n": test_moments_know_their_time_zone,
    "x = 1\n" * 401: test_files_stay_short,
}


@pytest.mark.parametrize("text", SAMPLES, ids=lambda text: text[:30].strip())
def test_the_rules_themselves_find_what_they_forbid(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "views.py"
    file.write_text(text)
    monkeypatch.setattr(f"{__name__}.PACKAGE", tmp_path)
    monkeypatch.setattr(f"{__name__}.sources", lambda: [Source(file)])
    with pytest.raises(AssertionError, match=r"views\.py"):
        SAMPLES[text]()
