"""Territories: records get into them by rules, and people see the records of those they work."""
