"""A migration that fails midway: the database is as it was, and whoever started the upgrade is told."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rapport.config import cli, prepare, upgrade
from rapport.config.backup import Unfit, make, restore
from rapport.config.errors import UpgradeFailed
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.records import registry, write

HEAD = """from django.db import migrations
def spoil(apps, schema_editor):
    schema_editor.execute("UPDATE party SET name = 'spoilt'")
"""
STEP = """
class Migration(migrations.Migration):
    dependencies = [("shell", "{before}")]
    atomic = {atomic}
    operations = [{operations}]
"""
MAKE = 'migrations.RunSQL("CREATE TABLE half_way (id integer)"), migrations.RunPython(spoil)'
FAIL = 'migrations.RunSQL("CREATE TABLE further (id integer)"), migrations.RunSQL("SELECT * FROM nowhere")'


class Next:
    """The program of the next version: two more migrations, of which the second fails."""

    def __init__(self, folder: Path, settings: Any) -> None:
        self.settings, self.package = settings, f"next_{folder.name.replace('-', '_')}"
        self.folder = folder / self.package
        self.folder.mkdir()
        (self.folder / "__init__.py").touch()
        held = importlib.import_module("rapport.shell.migrations")
        self.held = sorted(each.name for each in pkgutil.iter_modules(held.__path__))
        for name in self.held:
            self._write(
                name, f'import importlib\nMigration = importlib.import_module("{held.__name__}.{name}").Migration'
            )

    def _write(self, name: str, text: str) -> None:
        (self.folder / f"{name}.py").write_text(text)

    def install(self, *, atomic: bool = True) -> None:
        self._write("9998_made", HEAD + STEP.format(before=self.held[-1], operations=MAKE, atomic=True))
        self._write("9999_fails", HEAD + STEP.format(before="9998_made", operations=FAIL, atomic=atomic))
        self.settings.MIGRATION_MODULES = {"shell": self.package}
        upgrade.known.cache_clear()

    def mend(self) -> None:
        self._write("9999_fails", HEAD + STEP.format(before="9998_made", operations="", atomic=True))
        sys.modules.pop(f"{self.package}.9999_fails", None)
        importlib.invalidate_caches()

    def go_back(self) -> None:
        self.settings.MIGRATION_MODULES = {}
        upgrade.known.cache_clear()


@pytest.fixture
def next_version(standing: str, tmp_path: Path, settings: Any, monkeypatch: Any) -> Iterator[Next]:
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    with as_system("tests"):
        write.create(registry.get("party"), {"name": "Acme"})
    found = Next(tmp_path, settings)
    yield found
    found.go_back()


def names() -> set[str]:
    return {name for (name,) in db.rows("SELECT DISTINCT name FROM party")}


def has(table: str) -> bool:
    return table in db.connection().introspection.table_names()


def test_the_old_version_goes_on_with_what_it_had(next_version: Next) -> None:
    before = upgrade.applied()
    next_version.install()
    with pytest.raises(UpgradeFailed) as failed:
        prepare.prepare()
    words = str(failed.value)
    assert "failed at shell.9999_fails" in words
    assert "nowhere" in words
    assert not has("further")
    next_version.go_back()
    if db.is_sqlite():
        assert upgrade.applied() == before
        assert not has("half_way")
        assert names() == {"Acme"}
        assert "The database is as it was" in words
        [copy] = (next_version.settings.DATA / "backups").iterdir()
        assert str(copy) in words
    else:
        assert upgrade.applied() - before == {("shell", "9998_made")}
        assert "What ran before it stays: shell.9998_made" in words
    with as_system("tests"):
        write.create(registry.get("party"), {"name": "Bolt"})
    assert db.one("SELECT count(*) FROM party") == (2,)
    if db.is_sqlite():
        assert db.one("PRAGMA foreign_keys") == (1,)


def test_the_command_says_so_and_ends_with_1(next_version: Next, capsys: Any) -> None:
    next_version.install()
    assert cli.run(["organisation"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "upgrading: shell.9998_made" in told.err
    assert "failed at shell.9999_fails" in told.err


def test_once_mended_the_upgrade_goes_through(next_version: Next) -> None:
    next_version.install()
    with pytest.raises(UpgradeFailed):
        prepare.prepare()
    next_version.mend()
    prepare.prepare()
    assert upgrade.pending() == []
    assert names() == {"spoilt"}


def test_a_migration_that_commits_by_itself_is_taken_back_from_the_copy(next_version: Next) -> None:
    if not db.is_sqlite():
        pytest.skip("PostgreSQL: each migration stands for itself")
    next_version.install()
    commit = 'migrations.RunPython(lambda apps, editor: editor.connection.connection.executescript("SELECT 1"))'
    next_version._write(
        "9999_fails", HEAD + STEP.format(before="9998_made", operations=f"{commit}, {FAIL}", atomic=True)
    )
    before = upgrade.applied()
    with pytest.raises(UpgradeFailed, match="as it was"):
        prepare.prepare()
    assert upgrade.applied() == before
    assert not has("half_way")
    assert names() == {"Acme"}


def test_a_newer_program_has_been_here(next_version: Next) -> None:
    next_version.install()
    with pytest.raises(UpgradeFailed):
        prepare.prepare()
    next_version.mend()
    prepare.prepare()
    next_version.go_back()
    assert upgrade.foreign() == ["shell.9998_made", "shell.9999_fails"]


def test_a_backup_that_cannot_be_brought_up_to_date_is_not_put_in_place(next_version: Next, tmp_path: Path) -> None:
    make(tmp_path / "b.zip", lambda words: None)
    with as_system("tests"):
        write.create(registry.get("party"), {"name": "Later"})
    next_version.install()
    with pytest.raises(Unfit, match=r"could not be brought up to date.*nowhere"):
        restore(tmp_path / "b.zip", lambda words: None)
    next_version.go_back()
    assert names() == {"Acme", "Later"}
    assert not has("half_way")
