"""Files to import, read as a stream of rows whatever their dialect and encoding."""

from rapport.records.transfer.sources.opening import open_source
from rapport.records.transfer.sources.source import Line, Source, cell_text

__all__ = ["Line", "Source", "cell_text", "open_source"]
