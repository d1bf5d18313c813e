"""The Jinja environment: words, formats, and every component as ``ui.<name>(…)`` or ``parts.<name>(…)``."""

import html
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import FunctionType
from typing import Any

import markupsafe
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi, gettext, ngettext, npgettext, pgettext
from jinja2 import Environment as Base
from jinja2 import Template as BaseTemplate
from jinja2 import Undefined
from jinja2.runtime import Context, Macro
from markupsafe import Markup

from rapport.platform import mentions
from rapport.ui import formats, naming
from rapport.ui.memory import remembering, wordless

FILTERS = "money compact number ago day when due duration moment_input still initials hue tel country".split()


_escape_text: Callable[[str], str] = getattr(markupsafe, "_escape_inner", html.escape)


def escape(value: Any) -> str:  # noqa: ANN401
    """What templates write, escaped, without a Markup object around each scrap: they are only joined."""
    kind = type(value)
    if kind is str:
        return _escape_text(value)
    return value if kind is Markup else str(value) if kind is int else markupsafe.escape(value)


def _whole(function: Callable[[Context], Iterator[str]]) -> Callable[[Context], Iterator[str]]:
    """A block that gives its text in one piece, instead of handing every scrap through all blocks around it."""

    def joined(context: Context) -> Iterator[str]:
        yield "".join(function(context))

    return joined


class Template(BaseTemplate):
    """Blocks in one piece: a third less time for a page."""

    @classmethod
    def _from_namespace(cls, environment: Any, namespace: Any, globals: Any) -> Any:  # noqa: A002, ANN401
        namespace["blocks"] = {name: _whole(block) for name, block in namespace["blocks"].items()}
        namespace["root"] = _whole(namespace["root"])
        namespace["escape"] = escape
        return super()._from_namespace(environment, namespace, globals)

    def render(self, *args: Any, **kwargs: Any) -> str:
        """The whole page; the reader's language is asked once, not per word."""
        with formats.reading():
            return super().render(*args, **kwargs)


@lru_cache(maxsize=20_000)
def _in_language(language: str, text: str) -> Markup:
    return Markup(gettext(text))  # noqa: S704 - our own words, as Jinja's i18n takes them


def cached_gettext(text: str, /, **values: Any) -> Markup:  # noqa: ANN401
    """A translation from the cache of this language; ``values`` are escaped and put in."""
    found = _in_language(formats.language(), text)
    return found % values if values or "%" in found else found


_METHODS = frozenset(dir(dict))
_PLAIN = (FunctionType, type(lru_cache(len)))


class QuickContext(Context):
    """Calls macros and plain functions as they are; only what wants the context passes through Jinja's own way."""

    def call(__self, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, N805 - a template may pass "obj"
        """Call what a template calls."""
        if type(__obj) is Macro or (type(__obj) in _PLAIN and not hasattr(__obj, "jinja_pass_arg")):
            if kwargs:
                kwargs.pop("_loop_vars", None)
                kwargs.pop("_block_vars", None)
            return __obj(*args, **kwargs)
        return super().call(__obj, *args, **kwargs)


class Environment(Base):
    """Reads ``row.name`` of a mapping as its key first: right for keys like "items", and three times as fast."""

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401
        """Keys before methods; a key that a mapping does not have costs no exception."""
        if type(obj) is dict:
            if attribute in obj:
                return obj[attribute]
            if attribute not in _METHODS:
                return self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


Environment.template_class = Template
Environment.context_class = QuickContext


# Small components that say nothing in any language: the same arguments give the same markup, hundreds of times a page.
WORDLESS = ("icon", "chip", "avatar", "button")
# Larger ones that depend on nothing but their arguments and who reads.
REMEMBERED = ("tile",)


class Components:
    """``ui.button(…)`` is the macro ``button`` of ``ui/button.jinja``: one file, one component, one name.

    ``ui`` knows nothing of the business; what does (a deal's card, the timeline) is ``parts.deal(…)``, from the
    folder ``templates/parts/`` of whichever app brings it. Both are globals and not imports, so that a block
    rendered alone has its components too.
    """

    def __init__(self, env: Environment, folder: str) -> None:
        """Macros load on first use."""
        self._env = env
        self._folder = folder

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a Jinja macro
        if name.startswith("_"):
            raise AttributeError(name)
        macro = getattr(self._env.get_template(f"{self._folder}/{name}.jinja").module, name)
        if self._folder == "ui" and name in WORDLESS:
            macro = wordless(macro)
        elif self._folder == "parts" and name in REMEMBERED:
            macro = remembering(macro)
        if not self._env.auto_reload:
            setattr(self, name, macro)
        return macro


def pieces(env: Environment) -> Callable[..., Markup]:
    """``piece("shell/palette.jinja", commands=…)``: a template that is remembered as :func:`remembering` does."""

    def rendered(template: str, **values: Any) -> Markup:  # noqa: ANN401
        return Markup(env.get_template(template).render(values))  # noqa: S704 - the template escaped every value

    return rendered if env.auto_reload else remembering(rendered)


def url(name: str, *args: object, **kwargs: object) -> str:
    """Django's ``reverse`` with plain arguments."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def environment(**options: Any) -> Environment:  # noqa: ANN401 - Jinja's own options
    """The factory named in the settings (``OPTIONS["environment"]``)."""
    options.setdefault("trim_blocks", True)
    options.setdefault("lstrip_blocks", True)
    options.setdefault("extensions", ["jinja2.ext.i18n"])
    # Escaping nobody may turn off; optional context reads the same while developing and in production.
    env = Environment(**{**options, "autoescape": True, "undefined": Undefined})
    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    env.filters.update({name: getattr(formats, name) for name in FILTERS}, said=mentions.parts, plain=mentions.plain)
    env.globals.update(
        gettext=cached_gettext,
        _=cached_gettext,
        static=lru_cache(maxsize=256)(static),  # a page asks for the same sprite a hundred times
        url=url,
        called=naming.called,
        piece=pieces(env),
        ui=Components(env, "ui"),
        parts=Components(env, "parts"),
        language=lambda: get_language() or "en",
        direction=lambda: "rtl" if get_language_bidi() else "ltr",
    )
    return env
