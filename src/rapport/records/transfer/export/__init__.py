"""Records out into a file: CSV and XLSX for people, NDJSON for programs; streamed in constant memory."""
