"""The editor of automations: what its form says, what it offers, a plan and its runs in words."""
