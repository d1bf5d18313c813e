"""Which column becomes which field: MAP.json, or a guess, bound to a file's header and an entity."""
