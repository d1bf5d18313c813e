"""Records that may be one and the same: found with their reasons, kept as pairs, merged, and parted again."""
