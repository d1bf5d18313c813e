"""Words of cards and what they are called here: kinds and labels of numbers and addresses, services."""

# Services and their schemes, by the kind of contact point.
MESSENGERS = {
    "telegram": "Telegram", "whatsapp": "WhatsApp", "viber": "Viber", "signal": "Signal", "wechat": "WeChat",
    "skype": "Skype",
}  # fmt: skip
NETWORKS = {
    "linkedin": "LinkedIn", "facebook": "Facebook", "instagram": "Instagram", "x": "X", "vk": "VK",
    "youtube": "YouTube",
}  # fmt: skip
ELSE = {"post": "Reachable by post", "other": "Other contact"}
SERVICES = {**MESSENGERS, **NETWORKS, "tg": "Telegram", "twitter": "X"}
# What stands beside a number or an address as its name (X-ABLabel), by label and by kind of address.
LABELS = {
    "work": "Work", "home": "Home", "private": "Private", "central": "Switchboard", "support": "Support",
    "billing": "Billing", "other": "Other",
}  # fmt: skip
PLACES = {"billing": "Billing", "registered": "Registered"}
SEXES = {"M": "male", "F": "female", "O": "diverse"}
SAYS_ROLES = "X-RAPPORT-ROLES"
SAYS_PREFERRED = "X-PREFERRED"
OURS = "X-RAPPORT-"  # before what no other program has a word for
# A tag as a card can say it and a file take it.
LONGEST_TAG, MOST_TAGS = 60, 50
# How a card names a record that has no external id.
OF_RAPPORT = "urn:uuid:"
