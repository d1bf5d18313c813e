"""The ready-made automations."""

from collections.abc import Callable
from typing import Any

import pytest

from rapport.automation import recipes
from rapport.automation.models import Automation
from rapport.platform.identity.models import Team, User
from tests.people import Api


def test_all_of_them_are_offered_here_and_none_where_its_fields_are_not(
    admin: User, acting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting(admin):
        assert [each.key for each in recipes.offered()] == [each.key for each in recipes.RECIPES]
        assert len(recipes.RECIPES) >= 12
        odd = recipes.Recipe("odd", "deal", "Odd", "Odd", "x", {"on": "changed", "fields": ["colour"]}, ())
        nobody = recipes.Recipe("nobody", "spaceship", "Odd", "Odd", "x", {"on": "created"}, ())
        monkeypatch.setattr(recipes, "RECIPES", (odd, nobody))
        assert list(recipes.offered()) == []


@pytest.mark.parametrize("recipe", recipes.RECIPES, ids=lambda each: each.key)
def test_each_can_be_switched_on(recipe: recipes.Recipe, admin: User, api: Callable[..., Api]) -> None:
    steps = recipe.plan()
    for step in steps:
        if step["do"] == "assign":
            step["team"] = Team.objects.get(name="North").id
        if step["do"] == "call":
            step["url"] = "https://hooks.example.com/"
    values = {"name": str(recipe.name), "entity": recipe.entity, "trigger": recipe.trigger, "filter": recipe.filter}
    made = api(admin).make("automations", {**values, "steps": {"version": 1, "steps": steps}, "is_active": True})
    assert Automation.objects.get(id=made["id"]).is_active
