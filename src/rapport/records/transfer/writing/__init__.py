"""Records into the database by the slice: the bulk twin of ``records.write``, with everything a single write leaves."""
