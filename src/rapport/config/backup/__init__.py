"""The whole organisation in one file and back: database, files, secret. Why it is so: docs/decisions/0010."""

from rapport.config.backup.making import make
from rapport.config.backup.manifest import Unfit
from rapport.config.backup.restoring import restore

__all__ = ["Unfit", "make", "restore"]
