"""Rapport for assistants, by the Model Context Protocol: a few tools over the registry, with their user's rights."""
