"""Every test of the contract also meets fields of the organisation's own."""

import pytest

from tests.contract import own_fields


@pytest.fixture(autouse=True)
def own(request: pytest.FixtureRequest) -> None:
    """Plant them where a test has a database, but where it compares with what was counted without them."""
    asks = {"db", "admin", "organisation", "seller"} & set(request.fixturenames)
    if asks and "query_counts" not in request.node.nodeid and "custom_field" not in request.node.nodeid:
        request.getfixturevalue("db")
        own_fields.plant()
