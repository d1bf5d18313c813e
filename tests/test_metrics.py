"""Figures for Prometheus: none unless asked for, and then for whoever knows the word."""

import re
from typing import Any

from django.test import Client

from rapport.platform.identity.models import User
from tests.people import Api

LINE = re.compile(r'(# (HELP|TYPE) rapport_\w+ .+|rapport_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[\d.e+-]+)')


def test_there_is_nothing_unless_a_word_is_set(client: Client, organisation: None, settings: Any) -> None:
    assert client.get("/metrics").status_code == 404
    settings.METRICS = "a quiet word"
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 401


def test_the_figures_are_those_of_the_installation(admin: User, api: Any, client: Client, settings: Any) -> None:
    settings.METRICS = "a quiet word"

    def read() -> dict[str, float]:
        answer = client.get("/metrics", headers={"Authorization": "Bearer a quiet word"})
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
        lines = answer.content.decode().splitlines()
        assert all(LINE.fullmatch(line) for line in lines), lines
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line[0] != "#"}

    program: Api = api(admin)
    before = read()
    assert before['rapport_ready{check="database"}'] == 1
    program.make("parties", {"name": "Acme"})
    after = read()
    assert after["rapport_events_total"] > before["rapport_events_total"]
    assert {"rapport_jobs_late_seconds", "rapport_jobs_running", "rapport_webhook_deliveries_waiting"} <= set(after)
