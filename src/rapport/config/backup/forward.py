"""Bringing a backup of an older version up to date, while it lies aside."""

from django.core.management import call_command

from rapport.config.backup.manifest import Unfit


def migrate() -> None:
    """Run what is missing on the database that the door leads to; raises Unfit when that fails."""
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except Exception as error:  # whatever a migration runs into
        raise Unfit(f"Its database could not be brought up to date: {error or type(error).__name__}") from error
