"""All that is measured, one module per kind; importing registers."""

from bench.rows import api, bulk, custom, duplicates, exports, imports, live, load, pages, process, search

__all__ = ["api", "bulk", "custom", "duplicates", "exports", "imports", "live", "load", "pages", "process", "search"]
