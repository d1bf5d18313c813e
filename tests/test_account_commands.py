"""Tokens and lost second factors by the command line."""

import json
import time
from typing import Any

import pytest

from rapport.config import cli
from rapport.platform.identity import access, factors, totp
from rapport.platform.identity.models import ApiToken, User
from rapport.platform.identity.sign_in_models import SignInEvent
from tests.people import address

SAM = address("seller")


def test_a_token_is_added_listed_and_revoked(seller: User, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["token", "add", "Nightly", "--user", SAM, "--scope", "read", "--expires", "30"]) == 0
    secret = capsys.readouterr().out.strip()
    entry = access.by_token(secret)
    assert entry is not None
    assert entry.actor.scope == "read"
    assert cli.run(["token", "list", "--user", SAM]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["name"], told["scope"], told["seen"]) == ("Nightly", "read", None)
    assert ApiToken.objects.get().expires_at is not None
    assert secret not in str(told)
    assert cli.run(["token", "revoke", str(told["number"]), "--user", address("manager")]) == 2
    assert cli.run(["token", "revoke", str(told["number"]), "--user", SAM]) == 0
    assert access.by_token(secret) is None
    kinds = list(SignInEvent.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["token_made", "token_revoked"]


def test_a_lost_second_factor_is_reset_and_its_sessions_end(seller: User, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["user", "reset-factor", SAM]) == 2, "there is none"
    secret = factors.prepare(seller.id)
    assert factors.confirm(seller.id, totp.code_at(secret, int(time.time() // 30)))
    session = access.open_session(seller)
    assert cli.run(["user", "reset-factor", SAM]) == 0
    assert not factors.standing(seller.id).on
    assert access.by_session(session) is None


def test_roles_are_made_given_and_removed_by_command_line(seller: User, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*words: str) -> Any:
        assert cli.run(["role", *words]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [role["key"] for role in told("list")] == ["admin", "manager", "sales", "service", "readonly"]
    assert told("add", "Field sales", "--like", "sales") == [{"key": "field_sales", "name": "Field sales"}]
    [role] = told("grant", "field sales", "deal", "export", "own")
    assert role["grants"]["deal.export"] == "own"
    assert "deal.export" not in told("show", "sales")[0]["grants"]
    assert told("hide", "field sales", "deal", "amount")[0]["fields"] == {"deal.amount": "hidden"}
    shown = told("readonly", "field_sales", "party", "address.city")[0]["fields"]
    assert shown == told("show", "field_sales")[0]["fields"] == {"deal.amount": "hidden", "party.address.city": "read"}
    assert told("open", "field_sales", "deal", "amount")[0]["fields"] == {"party.address.city": "read"}
    for wrong in (
        ["hide", "sales", "deal", "name"],
        ["hide", "sales", "starship", "x"],
        ["open", "sales", "deal", "x"],
    ):
        assert cli.run(["role", *wrong]) == 2
        assert capsys.readouterr().err
    assert told("give", "field_sales", SAM) == [{"email": SAM, "roles": ["field_sales", "sales"]}]
    assert access.actor_of(seller).level("deal", "export") == 1
    assert cli.run(["role", "remove", "field_sales"]) == 2
    assert "holds this role" in capsys.readouterr().err
    told("take", "field_sales", SAM)
    assert told("remove", "field_sales") == [{"removed": "field_sales"}]
    unknown, whole = ["grant", "sales", "starship", "view", "all"], ["grant", "admin", "*", "view", "own"]
    for wrong in (["show", "nobody"], unknown, whole):
        assert cli.run(["role", *wrong]) == 2
        assert capsys.readouterr().err
