"""Deeds on many records: what a single write leaves for one, left for a slice in a few statements; as a job, over all
that a filter finds."""
