"""Webhooks from the event to the receiver, and what is refused on the way."""
