"""``python -m rapport.platform.jobs``: one worker process (``--one JOB LEASE``: the child of a long job)."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
django.setup()

from rapport.platform.jobs.process import main  # noqa: E402 - models can be imported only after setup

if __name__ == "__main__":
    main()
