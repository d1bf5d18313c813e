"""All that is measured, one module per kind; importing registers."""

from bench.rows import api, duplicates, imports, live, load, pages, process, search

__all__ = ["api", "duplicates", "imports", "live", "load", "pages", "process", "search"]
