"""A real worker on a test's database: run as a program by conftest.py."""

import json
import os
import sys

import django
from django.conf import settings

settings.DATABASES["default"] = json.loads(os.environ["JOBS_TEST_DATABASE"])
django.setup()

from rapport.platform.jobs.process import main  # noqa: E402
from rapport.platform.jobs.tests import example_jobs  # noqa: E402

assert example_jobs.count

if __name__ == "__main__":
    main(child=[sys.executable, __file__], grace=0.7)
