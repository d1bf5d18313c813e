"""The API fuzzed from its own document: whatever is asked, it never breaks, and it answers as the document says.

``FUZZ=200 pytest -m fuzz`` asks that many times per operation instead of a few.
"""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from rapport.platform import db
from rapport.platform.identity import access
from rapport.platform.identity.models import User
from rapport.records import registry
from tests.contract.examples import crowd
from tests.people import Api

TIMES = int(os.environ.get("FUZZ", "2"))
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
TITLES = [entity.plural for entity in registry] + ["search", "imports", ""]
pytestmark = pytest.mark.fuzz


@contextmanager
def one_connection() -> Iterator[None]:
    """Requests end without closing the connection that holds the test's own transaction, as with Django's client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("tag", TITLES)
def test_whatever_is_asked_it_answers_as_described(tag: str, admin: User, api: Callable[..., Api]) -> None:
    known: list[str] = []
    entity = registry.at(tag) if tag in [each.plural for each in registry] else None
    if entity:
        known = [record.id for record in crowd(entity, 4)]
    secret = access.make_token(admin, "fuzz", "admin")
    document = api(admin, "admin").get("openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.app = WSGIHandler()
    dice = random.Random(tag)
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in sorted(operations, key=lambda each: each.method == "delete"):  # what is gone answers 404 alone
        if operation.definition.raw.get("tags", [""])[0] != tag:
            continue

        def send(case: Any) -> None:
            if known and "id" in (case.path_parameters or {}) and dice.random() < 0.8:
                case.path_parameters["id"] = dice.choice(known)
            with db.savepoint(), one_connection():
                response = case.call(headers={"Authorization": f"Bearer {secret}"})
            case.validate_response(response, checks=CHECKS)

        _many_times(operation, send)


def _many_times(operation: Any, send: Callable[[Any], None]) -> None:
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        try:
            strategy = operation.as_strategy(generation_mode=mode)
        except Exception as error:  # nothing about it could be wrong
            if (
                mode is GenerationMode.POSITIVE
                or "nsatisfiable" not in repr(error)
                and "negat" not in repr(error).lower()
            ):
                raise
            continue
        run = given(case=strategy)(send)
        run = settings(
            max_examples=TIMES, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(run)  # fmt: skip
        seed(operation.label)(run)()
