"""The product's settings over a folder of this run's own: tests never touch an installation's data."""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="rapport-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith("RAPPORT_") and name != "RAPPORT_DATABASE_URL"]:
    del os.environ[_name]
os.environ["RAPPORT_DATA"] = _folder

from rapport.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; Argon2 has its own test
