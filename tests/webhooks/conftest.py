from collections.abc import Iterator
from typing import Any

import pytest

from tests.webhooks.receiving import Receiver


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.OUTGOING_PRIVATE = True
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()
