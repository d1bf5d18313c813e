"""All that is measured, one module per kind; importing registers."""

from bench.rows import api, imports, live, load, pages, process, search

__all__ = ["api", "imports", "live", "load", "pages", "process", "search"]
