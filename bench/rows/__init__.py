"""All that is measured, one module per kind; importing registers."""

from bench.rows import api, bulk, imports, live, load, pages, process, search

__all__ = ["api", "bulk", "imports", "live", "load", "pages", "process", "search"]
