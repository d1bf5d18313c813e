"""The throw-away server is what the PostgreSQL suite needs."""

import psycopg
import pytest


@pytest.mark.postgres
def test_server_answers_and_knows_the_extensions(postgres: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        found = connection.execute("SELECT current_setting('server_version_num')::int").fetchone()
    assert found is not None
    assert found[0] >= 150000
