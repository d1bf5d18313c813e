"""docs/tutorial.md works: taken out of a copy of the source and followed again, its object does all it should."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import OURS

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"`((?:src|tests)/[\w/]+\.py)`\n\n```python\n(.*?)```", re.DOTALL)
MIGRATIONS = "src/rapport/sales/migrations"


def steps() -> list[tuple[str, str]]:
    """(file, code) of the tutorial, in order."""
    return BLOCK.findall((ROOT / "docs" / "tutorial.md").read_text())


def run(folder: Path, *command: str) -> str:
    """Run Python in the copy; what it prints."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS and not name.startswith("PYTEST")}
    env = kept | {
        "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{folder}", "RAPPORT_DATA": str(folder / "data"),
        "DJANGO_SETTINGS_MODULE": "rapport.config.settings", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    done = subprocess.run([sys.executable, *command], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The source as it was before the tutorial."""
    for name in ("src", "tests", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "frontend"))
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, tmp_path)
    for name, code in steps():
        file = tmp_path / name
        text = file.read_text()
        assert code in text, f"{name} and the tutorial differ"
        file.write_text(text.replace(code, "").rstrip("\n") + "\n")
    entities = tmp_path / "src/rapport/sales/entities.py"
    entities.write_text(entities.read_text().replace(" Sample,", ""))
    kept = ""
    for migration in sorted((tmp_path / MIGRATIONS).glob("0*.py")):
        if migration.stem.endswith("_sample"):
            migration.unlink()
            continue
        migration.write_text(re.sub(r"'\d+_\w*sample'", f"'{kept}'", migration.read_text()))
        kept = migration.stem
    return tmp_path


def test_the_tutorial_makes_an_object_that_works(before: Path) -> None:
    assert "sample" not in run(before, "-c", "import django; django.setup()\nfrom rapport.records import registry\n"
                               "print([entity.key for entity in registry])")  # fmt: skip
    for name, code in steps():
        file = before / name
        text = file.read_text()
        if name.endswith("examples.py"):
            text = text.replace('    "team": {', f'{code}    "team": {{', 1)
        else:
            text = f"{text}\n\n{code}"
        file.write_text(text.replace("import Deal, Pipeline,", "import Deal, Pipeline, Sample,"))
    run(before, "-m", "django", "makemigrations", "sales", "--name", "sample")
    made = list((before / MIGRATIONS).glob("*_sample.py"))
    assert len(made) == 1
    run(before, "-m", "pytest", "-q", "tests/contract", "-k", "sample", "-m", "not browser")
