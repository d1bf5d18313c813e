"""The product's settings with the yardstick's addresses beside its own; nothing else differs."""

from rapport.config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
