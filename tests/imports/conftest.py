"""Screens for whoever imports."""

from collections.abc import Callable

import pytest
from django.test import Client

from rapport.platform.identity.models import User
from tests.imports.screens import Screens


@pytest.fixture
def screens(browser_of: Callable[[User], Client]) -> Callable[[User], Screens]:
    return lambda user: Screens(browser_of(user))
