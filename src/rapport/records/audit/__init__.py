"""Who did what: changes by deed, exports and sign-ins in one stream, newest first; and who takes out unusually much."""
