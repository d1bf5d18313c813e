"""Examples beside the components: ``gallery/<folder>/<name>.jinja`` shows ``<folder>.<name>`` in its states."""

import functools
import re
from dataclasses import dataclass

from rapport.ui.engine import engine

COMMENT = re.compile(r"\{#(.*?)#\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Example:
    """A component's name, what its own comment says about it, and the template that shows it."""

    name: str
    about: str
    template: str


@functools.cache
def examples(folder: str) -> tuple[Example, ...]:
    """Every example of a folder of components, by name."""
    prefix = f"gallery/{folder}/"
    names = sorted(name for name in _templates() if name.startswith(prefix))
    return tuple(Example(name.removeprefix(prefix)[:-6], _about(folder, name), name) for name in names)


def components(folder: str) -> list[str]:
    """The names of the components that stand in ``templates/<folder>/``."""
    return sorted(name[len(folder) + 1 : -6] for name in _templates() if name.startswith(f"{folder}/"))


def _templates() -> list[str]:
    return engine().env.list_templates(extensions=["jinja"])


def _about(folder: str, example: str) -> str:
    """The comment at the head of the component: its parameters."""
    env = engine().env
    name = f"{folder}/{example.rpartition('/')[2]}"
    if name not in _templates() or env.loader is None:
        return ""
    found = COMMENT.match(env.loader.get_source(env, name)[0])
    return " ".join(found[1].split()) if found else ""
