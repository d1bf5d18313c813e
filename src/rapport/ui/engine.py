"""Django's Jinja2 backend with the app folder ``templates`` and with blocks that can be rendered alone."""

from typing import Any

from django.http import HttpRequest
from django.template import TemplateDoesNotExist, engines
from django.template.backends.jinja2 import Jinja2, Template
from markupsafe import Markup

from rapport.ui import formats

SUFFIX = ".jinja"


class Engine(Jinja2):
    """Finds ``<app>/templates/*.jinja``; other names fall through to the next engine of the settings."""

    app_dirname = "templates"

    def get_template(self, template_name: str) -> Template:
        """Our own suffix only: libraries bring Django templates, which are not ours to parse."""
        if not template_name.endswith(SUFFIX):
            raise TemplateDoesNotExist(template_name, backend=self)
        return super().get_template(template_name)


def engine() -> Engine:
    """The one engine of this kind in the settings."""
    return next(found for found in engines.all() if isinstance(found, Engine))


def render_block(template_name: str, block: str, context: dict[str, Any], request: HttpRequest | None = None) -> Markup:
    """One named block of a page, as a fragment.

    The page and the fragment are the same template; the block must stand in that template, not in its parent.
    Macros reach blocks through the global ``ui`` (see ``jinja.py``), because top-level imports of a template
    do not run when a block is rendered alone.
    """
    backend = engine()
    values = {"fragment": True, **context}
    if request is not None:
        values.setdefault("request", request)
        for processor in backend.template_context_processors:
            for key, value in processor(request).items():
                values.setdefault(key, value)
    template = backend.env.get_template(template_name)
    scope = template.new_context(values)
    try:
        with formats.reading():
            text = "".join(scope.blocks[block][0](scope))
        return Markup(text)  # noqa: S704 - the template escaped every value already
    except KeyError as missing:
        if block in scope.blocks:
            raise
        message = f"{template_name} has no block {block!r}; it has {sorted(scope.blocks)}"
        raise LookupError(message) from missing
