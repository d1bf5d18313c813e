"""No component without an example, and every example can be drawn."""

import pytest

from rapport.ui import gallery
from rapport.ui.engine import engine

# It writes attributes, which nobody can look at.
UNSEEN = {"attrs"}
EXAMPLES = [each for folder in ("ui", "parts") for each in gallery.examples(folder)]


@pytest.mark.parametrize("folder", ["ui", "parts"])
def test_every_component_has_an_example(folder: str) -> None:
    shown = {each.name for each in gallery.examples(folder)}
    missing = [name for name in gallery.components(folder) if name not in shown | UNSEEN]
    assert not missing, f"write templates/gallery/{folder}/<name>.jinja for {missing}"


def test_every_component_says_what_it_takes() -> None:
    silent = [each.name for each in EXAMPLES if each.name in gallery.components("ui") and not each.about]
    assert not silent, f"begin the template with a comment: {silent}"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.template)
def test_every_example_shows_a_state(example: gallery.Example) -> None:
    assert 'class="specimen' in engine().env.get_template(example.template).render(csrf="none")
