"""The document that describes the API: valid, complete, true of what is answered, and no more than one may use."""

import importlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from rapport.platform.identity.models import User
from rapport.records import kinds, registry
from rapport.records.api.urls import urlpatterns
from rapport.records.kinds import schemas
from tests.contract.examples import crowd
from tests.people import Api

Client = Callable[..., Api]
openapi_document = importlib.import_module("rapport.records.api.openapi.document")
PLACES = {"key": "id", "plural": "plural", "verb": "verb", "delivery": "delivery", "run": "run"}


def document(client: Api) -> dict[str, Any]:
    answer = client.get("openapi.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    return dict(answer.json())


def test_it_is_valid_for_everybody(admin: User, seller: User, reader: User, api: Client) -> None:
    for client in (api(admin), api(seller), api(reader), api(admin, "read")):
        OpenAPIV31SpecValidator(document(client)).validate()


def test_every_address_is_described(admin: User, api: Client) -> None:
    described = set(document(api(admin, "admin"))["paths"])
    for pattern in urlpatterns:
        address = "/" + re.sub(r"<str:(\w+)>", lambda found: f"{{{PLACES[found[1]]}}}", str(pattern.pattern))
        if address == "/":
            continue
        if "{verb}" in address:
            for verb in ("move_to", "restore", "share", "unshare"):
                assert f"/deals/{{id}}/actions/{verb}" in described
            continue
        for entity in registry:
            if address.endswith("/shares") and not entity.is_shareable:
                continue
            if address.endswith("/duplicates") and entity.duplicates is None:
                continue
            assert address.replace("{plural}", entity.plural) in described, address


def test_operations_have_names_of_their_own(admin: User, api: Client) -> None:
    found = [each["operationId"] for path in document(api(admin))["paths"].values() for each in path.values()]
    assert len(found) == len(set(found)) > 150


def test_it_shows_what_the_reader_may_use_and_no_more(admin: User, seller: User, reader: User, api: Client) -> None:
    def methods(client: Api, path: str) -> set[str]:
        return set(document(client)["paths"].get(path, {}))

    assert methods(api(admin), "/parties") == {"get", "post", "put"}
    assert methods(api(reader), "/parties") == methods(api(admin, "read"), "/parties") == {"get"}
    assert methods(api(reader), "/parties/{id}/actions/share") == set()
    assert methods(api(seller), "/webhooks") == set(), "what one may not view is left out"
    assert "Webhook" not in document(api(seller))["components"]["schemas"]
    forever = {"$ref": "#/components/parameters/forever"}
    delete = {who: document(api(who))["paths"]["/parties/{id}"]["delete"] for who in (admin,)}
    assert forever in delete[admin]["parameters"]
    assert api(None).get("openapi.json").status_code == 401


@pytest.mark.parametrize("key", [entity.key for entity in registry])
def test_records_are_as_described_and_so_is_what_they_take(key: str, admin: User, api: Client) -> None:
    """A crowd of different records validates as read; what was read can be described as written."""
    entity, client = registry.get(key), api(admin)
    crowd(entity, 12)
    described = document(client)
    name = "".join(part.capitalize() for part in key.split("_"))

    def validator(schema: str) -> Draft202012Validator:
        return Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": described["components"]})

    items = client.items(entity.plural, limit=100, fields=",".join(entity.fields))
    for item in items:
        problems = [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(item)]
        assert not problems, problems
        writable = {
            field: value
            for field, value in item.items()
            if field in described["components"]["schemas"][f"{name}Change"]["properties"]
        }
        problems = [f"{error.json_path}: {error.message}" for error in validator(f"{name}Change").iter_errors(writable)]
        assert not problems, problems
    assert validator(name).schema
    assert list(validator(f"{name}New").iter_errors({"colour": "red"}))


@pytest.mark.django_db
def test_every_kind_of_field_says_what_it_is() -> None:
    for kind in vars(kinds).values():
        if isinstance(kind, type) and kind is not kinds.Kind and hasattr(kind, "ops"):
            known = schemas.given.dispatch(kind)
            is_text = issubclass(kind, kinds.TextKind)
            assert is_text or known is not schemas.given.dispatch(object), f"{kind.name} has no schema of its own"
    fields = [known for entity in registry for known in entity.fields.values()]
    for known in fields:
        for made in (schemas.given(known.kind), schemas.taken(known.kind)):
            Draft202012Validator.check_schema(made)


def test_it_is_made_once_and_anew_when_the_set_up_changes(
    admin: User, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[None] = []
    real = openapi_document._document
    monkeypatch.setattr(openapi_document, "_document", lambda actor: made.append(None) or real(actor))
    client = api(admin)
    assert document(client) == document(client)
    assert len(made) == 1
    client.make("tags", {"name": "Touches the set-up"})
    document(client)
    assert len(made) == 2
