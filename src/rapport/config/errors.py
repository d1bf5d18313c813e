"""What commands say and end with; stands on nothing, so that the server's main process can know it."""


class UpgradeFailed(Exception):
    """A migration has failed; in words what, why, and how the database is left."""
