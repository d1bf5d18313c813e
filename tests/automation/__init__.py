"""Automations from the event to the deed, and what keeps them in bounds."""
