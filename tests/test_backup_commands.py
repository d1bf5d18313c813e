"""``rapport backup`` beside a real server, ``rapport restore`` on a bare machine."""

import json
import shutil
import subprocess
import threading
import urllib.request
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.serving import COMMAND, environment, serving


class Machine:
    """A data folder and a database of its own."""

    def __init__(self, folder: Path, server: str | None) -> None:
        self.env = environment(folder)
        self.folder = folder
        if server:
            name = f"m{uuid4().hex}"
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            self.env["RAPPORT_DATABASE_URL"] = server.rsplit("/", 1)[0] + f"/{name}"

    def run(self, *arguments: object, given: str = "", code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [str(COMMAND), *map(str, arguments)]
        done = subprocess.run(command, env=self.env, input=given, capture_output=True, text=True, timeout=120)
        assert done.returncode == code, done.stdout + done.stderr
        return done


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Machine, Machine]:
    """One at work, one bare."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    return Machine(tmp_path / "one", server), Machine(tmp_path / "two", server)


def post(address: str, token: str, name: str) -> str:
    request = urllib.request.Request(
        f"{address}/api/v1/deals",
        json.dumps({"name": name, "amount": "1.10"}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return str(json.load(answer)["id"])


def test_made_while_serving_and_restored_on_a_bare_machine(machines: tuple[Machine, Machine], tmp_path: Path) -> None:
    one, two = machines
    one.run("user", "add", "a@example.com", "--role", "admin", "--password-stdin", given="a quiet river\n")
    token = one.run("token", "add", "test", "--user", "a@example.com").stdout.strip()
    file = tmp_path / "firm.rapport"
    with serving(one.env, "--workers", "1") as address:
        made = [post(address, token, f"Before {at}") for at in range(5)]
        done, codes = threading.Event(), []

        def work() -> None:
            while not done.is_set():
                codes.append(post(address, token, "Meanwhile"))

        worker = threading.Thread(target=work)
        worker.start()
        out = one.run("backup", file)
        done.set()
        worker.join(20)
        assert codes
        # A server holds its data: nothing is replaced beneath it.
        refused = one.run("restore", file, code=2)
        assert "A server runs on this data" in refused.stderr
        assert refused.stdout == ""
    told = json.loads(out.stdout)
    assert (told["file"], told["bytes"]) == (str(file), file.stat().st_size)
    assert set(told) == {"file", "bytes", "rows", "seconds"}
    back = json.loads(two.run("restore", file).stdout.splitlines()[-1])
    assert (back["rows"], back["bytes"]) == (told["rows"], told["bytes"])
    assert (two.folder / "secret").read_text() == (one.folder / "secret").read_text()
    assert two.run("check", "--deep").stdout.strip() == "all is well"
    with serving(two.env, "--workers", "1") as address:
        for key in made:  # the token still opens the door
            request = urllib.request.Request(
                f"{address}/api/v1/deals/{key}", None, {"Authorization": f"Bearer {token}"}
            )
            with urllib.request.urlopen(request, timeout=20) as answer:
                assert json.load(answer)["id"] == key


def test_what_cannot_be_said_ends_with_2(machines: tuple[Machine, Machine], tmp_path: Path) -> None:
    one, _two = machines
    (tmp_path / "letter.txt").write_text("Dear all")
    assert "no backup of Rapport" in one.run("restore", tmp_path / "letter.txt", code=2).stderr
    assert "There is no file" in one.run("restore", tmp_path / "nothing", code=2).stderr
    assert "data folder" in one.run("backup", one.folder / "b.zip", code=2).stderr
    one.run("backup", one.folder / "backups" / "b.zip", code=2)  # a folder that is not there yet
    one.run("backup", tmp_path / "b.zip")
    shutil.copyfile(tmp_path / "b.zip", one.folder / "inside.zip")
    one.run("restore", one.folder / "inside.zip")
    assert (one.folder / "inside.zip").exists()
