"""Webhooks: programs outside hear of what happens, signed, at least once, within the rights of the webhook's owner."""
