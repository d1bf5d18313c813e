"""From a line of the file to a record: cells parsed, relations found, known records recognised. Nothing is written."""
